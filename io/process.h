/** Identifies the process that made a file, and tells whether it still runs. Files of dead processes can be
 *  removed. */
#ifndef HG_IO_PROCESS_H
#define HG_IO_PROCESS_H

#include <stdint.h>

struct hg_process {
    uint32_t host; /**< hash of the machine's name, its id and the pid namespace */
    uint32_t boot; /**< hash of the boot id */
    long pid;
    unsigned long long start; /**< clock ticks from boot to start; needed because pids are reused */
};

enum hg_process_state {
    HG_PROCESS_ALIVE,
    HG_PROCESS_DEAD,
    HG_PROCESS_ELSEWHERE /**< on another machine or in another container: nothing is known */
};

/** This process. Local. */
void hg_process_self(struct hg_process *self);

/** Seconds since this process began, to about 0.01 s; 0 where the system does not tell. Local. */
double hg_process_age(void);

/** Whether a process still runs. A zombie counts as dead. Local. */
enum hg_process_state hg_process_state(const struct hg_process *process);

#endif
