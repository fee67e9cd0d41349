#include "io/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TEXT = 1024 };

/* Reads the first TEXT - 1 bytes of a file as text; "" when it cannot be read. */
static void read_text(const char *path, char text[TEXT])
{
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t bytes = descriptor >= 0 ? read(descriptor, text, TEXT - 1) : 0;
    text[bytes > 0 ? bytes : 0] = '\0';
    if (descriptor >= 0) close(descriptor);
}

/* Continues an FNV-1a hash. */
static uint32_t mix(uint32_t hash, const char *text)
{
    for (; *text != '\0'; text++) hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

static const uint32_t start_hash = 2166136261u;

static uint32_t host_hash(void)
{
    char text[TEXT] = "";
    gethostname(text, sizeof text - 1);
    uint32_t hash = mix(start_hash, text);
    read_text("/etc/machine-id", text);
    hash = mix(hash, text);
    /* The pid namespace distinguishes containers: that of the machine itself has the same number at every boot, that
     * of a container another one at every start. */
    const ssize_t bytes = readlink("/proc/self/ns/pid", text, sizeof text - 1);
    text[bytes > 0 ? bytes : 0] = '\0';
    return mix(hash, text);
}

static uint32_t boot_hash(void)
{
    char text[TEXT];
    read_text("/proc/sys/kernel/random/boot_id", text);
    return mix(start_hash, text);
}

/* Reads state and start time of a process from /proc; false when that fails. */
static bool look_up(long pid, char *state, unsigned long long *start)
{
    char path[64], text[TEXT];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    read_text(path, text);
    const char *after =
        strrchr(text, ')'); /* the last one: the program's name may contain parentheses, too */
    return after != NULL &&
           sscanf(after + 1,
                  " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", state,
                  start) == 2;
}

void hg_process_self(struct hg_process *self)
{
    char state;
    *self = (struct hg_process){host_hash(), boot_hash(), (long)getpid(), 0};
    look_up(self->pid, &state, &self->start);
}

double hg_process_age(void)
{
    struct timespec now;
    struct hg_process self;
    hg_process_self(&self);
    if (self.start == 0 || clock_gettime(CLOCK_BOOTTIME, &now) != 0) return 0;
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec -
           (double)self.start / (double)sysconf(_SC_CLK_TCK);
}

enum hg_process_state hg_process_state(const struct hg_process *process)
{
    char state;
    unsigned long long start;
    if (process->host != host_hash()) return HG_PROCESS_ELSEWHERE;
    if (process->boot != boot_hash() || process->pid <= 0) return HG_PROCESS_DEAD;
    if (kill((pid_t)process->pid, 0) != 0 && errno == ESRCH) return HG_PROCESS_DEAD;
    if (!look_up(process->pid, &state, &start)) return HG_PROCESS_ALIVE;
    return state == 'Z' || state == 'X' || start != process->start ? HG_PROCESS_DEAD : HG_PROCESS_ALIVE;
}
