/* Makes one host of a test: network, uts, ipc, mount and perhaps pid namespaces of its own, with a process that stays
 * in them as its init.
 *   hostinit NAME PIDFILE HOSTSFILE pid|nopid
 * When it returns 0, the host exists, and PIDFILE has the pid that nsenter -t takes. Killing that pid with SIGKILL ends
 * every process of a host that has a pid namespace. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(bool good, const char *what)
{
    if (good) return;
    fprintf(stderr, "hostinit: %s: %s\n", what, strerror(errno));
    _exit(1);
}

static void mount_own(const char *type, const char *where, unsigned long flags, const char *options)
{
    check(mount(type, where, type, MS_NOSUID | MS_NODEV | flags, options) == 0, where);
}

static void mount_all(const char *hosts, bool processes)
{
    check(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private mounts");
    if (processes) mount_own("proc", "/proc", MS_NOEXEC, NULL);
    mount_own("sysfs", "/sys", MS_NOEXEC,
              NULL); /* shows the network devices of the namespace that mounts it */
    mount_own("tmpfs", "/dev/shm", 0, "mode=1777");
    mount_own("tmpfs", "/run", 0, "mode=755,size=64m");
    check(mkdir("/run/munge", 0755) == 0, "/run/munge");
    check(mount(hosts, "/etc/hosts", NULL, MS_BIND, NULL) == 0, "/etc/hosts");
}

/* Reaps the processes of the host until SIGTERM. */
static void serve(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    while (sigwaitinfo(&set, NULL) != SIGTERM)
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
}

static void init(char **argv, bool processes, int ready)
{
    char name[16];
    setsid();
    snprintf(name, sizeof name, "ns:%s", argv[1]);
    prctl(PR_SET_NAME, name);
    check(sethostname(argv[1], strlen(argv[1])) == 0, "sethostname");
    mount_all(argv[3], processes);
    check(chdir("/") == 0, "/");
    check(write(ready, "k", 1) == 1, "pipe");
    const int null = open("/dev/null", O_RDWR);
    for (int k = 0; k < 3; k++) dup2(null, k);
    for (int k = 3; k < 1024; k++) close(k);
    serve();
    _exit(0);
}

static void write_pid(const char *path, pid_t pid)
{
    FILE *file = fopen(path, "w");
    check(file != NULL, path);
    fprintf(file, "%ld\n", (long)pid);
    check(fclose(file) == 0, path);
}

int main(int argc, char **argv)
{
    int ends[2];
    char byte;
    if (argc != 5) return 2;
    const bool processes = strcmp(argv[4], "pid") == 0;
    check(pipe(ends) == 0, "pipe");
    check(unshare(CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS |
                  (processes ? CLONE_NEWPID : 0)) == 0,
          "unshare");
    const pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) init(argv, processes, ends[1]);
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1) return 1;
    write_pid(argv[2], child);
    return 0;
}
