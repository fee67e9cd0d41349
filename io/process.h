/** Which process made a file, and whether it still runs: for files that a dead process left behind.
 */
#ifndef HG_IO_PROCESS_H
#define HG_IO_PROCESS_H

#include <stdint.h>

struct hg_process {
    uint32_t host; /**< of the machine: its name, its id, and the container's numbering of processes */
    uint32_t boot; /**< of the machine's start */
    long pid;
    unsigned long long start; /**< ticks after boot: numbers of processes are used again */
};

enum hg_process_state {
    HG_PROCESS_ALIVE,
    HG_PROCESS_DEAD,
    HG_PROCESS_ELSEWHERE /**< on another machine or in another container: nothing is known */
};

/** This process. Local. */
void hg_process_self(struct hg_process *self);

/** Whether a process runs, as far as this machine knows. One that ended and was not waited for is dead. Local. */
enum hg_process_state hg_process_state(const struct hg_process *process);

#endif
