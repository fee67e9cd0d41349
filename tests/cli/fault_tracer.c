/* fault_tracer NAME KIND K COMMAND...: runs a command, and disturbs the K-th system call (from 1) of the kind that
 * changes files or folders whose path contains NAME:
 *
 *   kill    the process is killed (SIGKILL) before the call
 *   eio     the call fails with EIO, as on a broken disk
 *   enospc  it fails with ENOSPC, as on a full disk
 *   short   a write of n bytes writes n / 2 (other calls are not disturbed)
 *   count   nothing is disturbed; K is ignored
 *
 * Prints the number of such calls on descriptor 3 and exits as the command does; 128 + N when signal N ended it, 77 on
 * processors that it does not know. By ptrace, because the C library's own calls of write cannot be replaced. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__
#include <sys/user.h>

enum { THREADS = 256 };
enum place { NOWHERE, IN_DESCRIPTOR, IN_PATH };

/* Calls that change files: where the file is named, and by which argument. */
static const struct {
    long number;
    enum place place;
    int argument;
    bool writes;
} calls[] = {
    {SYS_write, IN_DESCRIPTOR, 0, true},
    {SYS_pwrite64, IN_DESCRIPTOR, 0, true},
    {SYS_fsync, IN_DESCRIPTOR, 0, false},
    {SYS_fdatasync, IN_DESCRIPTOR, 0, false},
    {SYS_ftruncate, IN_DESCRIPTOR, 0, false},
    {SYS_close, IN_DESCRIPTOR, 0, false},
    {SYS_fchmod, IN_DESCRIPTOR, 0, false},
    {SYS_openat, IN_PATH, 1, false},
    {SYS_open, IN_PATH, 0, false},
    {SYS_rename, IN_PATH, 0, false},
    {SYS_renameat2, IN_PATH, 1, false},
    {SYS_unlink, IN_PATH, 0, false},
    {SYS_unlinkat, IN_PATH, 1, false},
    {SYS_mkdir, IN_PATH, 0, false},
    {SYS_chmod, IN_PATH, 0, false},
    {SYS_chown, IN_PATH, 0, false},
};
enum { CALLS = sizeof calls / sizeof *calls };

static struct {
    const char *name, *kind;
    long wanted, seen;
    struct {
        pid_t id;
        bool inside; /* between entry and exit of a call */
        int error;   /* the call was replaced, and must fail so */
    } thread[THREADS];
    int threads;
} state;

static int find_thread(pid_t id)
{
    for (int t = 0; t < state.threads; t++)
        if (state.thread[t].id == id) return t;
    if (state.threads == THREADS) exit(78);
    state.thread[state.threads].id = id;
    return state.threads++;
}

static unsigned long long argument_of(const struct user_regs_struct *regs, int k)
{
    return k == 0 ? regs->rdi : k == 1 ? regs->rsi : regs->rdx;
}

static void read_path(pid_t id, unsigned long long address, char path[PATH_MAX])
{
    char memory[64];
    snprintf(memory, sizeof memory, "/proc/%d/mem", (int)id);
    const int descriptor = open(memory, O_RDONLY);
    memset(path, 0, PATH_MAX);
    /* in pieces that end with a page: the next one may not be there */
    for (size_t k = 0; descriptor >= 0 && k < PATH_MAX - 256 && strlen(path) == k; k = strlen(path)) {
        const size_t most = 256 - (size_t)((address + k) % 256);
        if (pread(descriptor, path + k, most, (off_t)(address + k)) <= 0 || path[k] == '\0') break;
        path[k + most] = '\0';
    }
    if (descriptor >= 0) close(descriptor);
}

static void read_link(pid_t id, unsigned long long descriptor, char path[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)id, (int)descriptor);
    const ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = '\0';
}

/* The index in `calls` of a call that counts; -1: it does not. */
static int counted(pid_t id, const struct user_regs_struct *regs)
{
    char path[PATH_MAX];
    for (int k = 0; k < CALLS; k++) {
        if (calls[k].number != (long)regs->orig_rax) continue;
        const unsigned long long argument = argument_of(regs, calls[k].argument);
        if (calls[k].place == IN_PATH)
            read_path(id, argument, path);
        else
            read_link(id, argument, path);
        return strstr(path, state.name) != NULL ? k : -1;
    }
    return -1;
}

static void disturb(pid_t id, int t, int call, struct user_regs_struct *regs)
{
    const char *kind = state.kind;
    if (strcmp(kind, "kill") == 0) kill(id, SIGKILL);
    if (strcmp(kind, "short") == 0 && calls[call].writes) regs->rdx = (regs->rdx + 1) / 2;
    if (strcmp(kind, "eio") == 0) state.thread[t].error = EIO;
    if (strcmp(kind, "enospc") == 0) state.thread[t].error = ENOSPC;
    if (state.thread[t].error != 0 && calls[call].number != SYS_close)
        regs->orig_rax = (unsigned long long)-1;
    ptrace(PTRACE_SETREGS, id, NULL, regs);
}

/* At the entry or exit of a system call. */
static void on_call(pid_t id)
{
    struct user_regs_struct regs;
    const int t = find_thread(id);
    state.thread[t].inside = !state.thread[t].inside;
    if (ptrace(PTRACE_GETREGS, id, NULL, &regs) != 0) return;
    if (state.thread[t].inside) {
        const int call = counted(id, &regs);
        if (call >= 0 && ++state.seen == state.wanted) disturb(id, t, call, &regs);
    } else if (state.thread[t].error != 0) {
        regs.rax = (unsigned long long)-state.thread[t].error;
        state.thread[t].error = 0;
        ptrace(PTRACE_SETREGS, id, NULL, &regs);
    }
}

/* Returns the exit code of the process. */
static int trace(pid_t child)
{
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                         PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    int status, code = 0;
    waitpid(child, &status, 0);
    ptrace(PTRACE_SETOPTIONS, child, NULL, options);
    ptrace(PTRACE_SYSCALL, child, NULL, 0);
    for (pid_t id; (id = waitpid(-1, &status, __WALL)) > 0;) {
        if (id == child && WIFEXITED(status)) code = WEXITSTATUS(status);
        if (id == child && WIFSIGNALED(status)) code = 128 + WTERMSIG(status);
        if (!WIFSTOPPED(status)) continue;
        const int stop = WSTOPSIG(status);
        const bool plain =
            stop != (SIGTRAP | 0x80) && status >> 16 == 0 && stop != SIGSTOP && stop != SIGTRAP;
        if (stop == (SIGTRAP | 0x80)) on_call(id);
        ptrace(PTRACE_SYSCALL, id, NULL, plain ? stop : 0);
    }
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 5) return 2;
    state.name = argv[1];
    state.kind = argv[2];
    state.wanted = strcmp(state.kind, "count") == 0 ? -1 : atol(argv[3]);
    const pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        execvp(argv[4], argv + 4);
        _exit(127);
    }
    const int code = trace(child);
    dprintf(3, "%ld\n", state.seen);
    return code;
}
#else
int main(void)
{
    return 77;
}
#endif
