#include "cli/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static FILE *results; /* NULL: not separated, results go to stdout */

/* In glibc, `stdout` is a variable that can be assigned. */
void hg_results_begin(void)
{
    /* if descriptor 1 were closed, fopen would give it to /dev/null, and writing results would seem to succeed */
    const bool closed = fcntl(STDOUT_FILENO, F_GETFD) < 0;
    FILE *nowhere = closed ? NULL : fopen("/dev/null", "we");
    if (nowhere == NULL) return;
    results = stdout;
    stdout = nowhere;
}

FILE *hg_results(void)
{
    return results != NULL ? results : stdout;
}

void hg_print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(hg_results(), format, args);
    va_end(args);
}

hg_status hg_results_end(void)
{
    errno = 0;
    if (fflush(hg_results()) == 0 && !ferror(hg_results())) return HG_OK;
    return errno == EPIPE || errno == 0 ? HG_OK
                                        : hg_fail(HG_FAILED, "standard output", "%s", strerror(errno));
}
