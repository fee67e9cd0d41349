#include "cli/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static FILE *results;   /* NULL: not separated, results go to stdout */
static int first_error; /* errno of the first write that failed; 0: none did */

/* Opens /dev/null for reading in place of standard descriptors that are closed. Else MPI's own files could get their
 * numbers, and results would be written into them. Writing to a descriptor that is open for reading fails. */
static void open_closed(void)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0) return;
}

/* Writes for the stream of results, and keeps why it failed: the C library's functions may change errno afterwards. */
static ssize_t write_results(void *cookie, const char *bytes, size_t count)
{
    ssize_t written;
    (void)cookie;
    do written = write(STDOUT_FILENO, bytes, count);
    while (written < 0 && errno == EINTR);
    if (written < 0 && first_error == 0) first_error = errno;
    return written < 0 ? 0 : written;
}

/* In glibc, `stdout` is a variable that can be assigned. */
void hg_results_begin(void)
{
    open_closed();
    FILE *nowhere = fopen("/dev/null", "we");
    if (nowhere == NULL) return;
    results = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_results});
    if (results == NULL) {
        fclose(nowhere);
        return;
    }
    if (isatty(STDOUT_FILENO)) setvbuf(results, NULL, _IOLBF, BUFSIZ);
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
    if (first_error == 0 && ferror(hg_results())) first_error = EIO; /* of stdout, when it is not separated */
    if (first_error == 0 || first_error == EPIPE) return HG_OK;
    return hg_fail(HG_FAILED, "standard output", "%s", strerror(first_error));
}
