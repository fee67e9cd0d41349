/* Deliberate faults: each input must be a finding, which shows that the harness detects faults. */
#include "fuzz.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *volatile lost;

static void leave_a_block(void)
{
    lost = hg_mem_alloc(1, 1);
}

static void stay(void)
{
    for (;;) pause();
}

static void take_much(void)
{
    for (;;) {
        char *block = malloc(1 << 24);
        if (block != NULL) memset(block, 1, 1 << 24);
        usleep(1000);
    }
}

static void planted(struct fuzz *fuzz)
{
    static void (*const faults[])(void) = {abort, stay, take_much, leave_a_block};
    faults[fuzz->number % 4]();
    fuzz_command(fuzz, "info %%/graph.h5");
}

const struct fuzz_kind fuzz_planted[] = {{"planted", "faults on purpose (only when asked for)", planted},
                                         {0}};
