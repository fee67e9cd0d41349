#include "cli/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static FILE *results;   /* NULL: not separated, results go to stdout */
static int first_error; /* errno of the first write that failed; 0: none did */

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

void hg_results_flush(void)
{
    if (fflush(hg_results()) != 0 && first_error == 0) first_error = errno;
}

hg_status hg_results_end(void)
{
    hg_results_flush();
    if (first_error == 0 && ferror(hg_results())) first_error = EIO; /* a write of a full buffer failed */
    if (first_error == 0 || first_error == EPIPE) return HG_OK;
    return hg_fail(HG_FAILED, "standard output", "%s", strerror(first_error));
}
