#include "base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char first_message[1024];
/* Read by the signal handlers of cli/crash.c. */
static const char *volatile reading;
static volatile unsigned step, depth; /* number of the last outermost step; how many steps are nested now */

hg_status hg_fail(hg_status code, const char *what, const char *why, ...)
{
    if (first_message[0] == '\0') {
        const int used = snprintf(first_message, sizeof first_message, "%s: ", what);
        const size_t start = used < 0 ? 0 : (size_t)used;
        if (start < sizeof first_message) {
            va_list args;
            va_start(args, why);
            vsnprintf(first_message + start, sizeof first_message - start, why, args);
            va_end(args);
        }
    }
    return code;
}

hg_status hg_fail_system(const char *what)
{
    return hg_fail(HG_FAILED, what, "%s", strerror(errno));
}

const char *hg_status_message(void)
{
    return first_message;
}

void hg_status_set_message(const char *message)
{
    snprintf(first_message, sizeof first_message, "%s", message);
}

void hg_status_clear(void)
{
    first_message[0] = '\0';
}

void hg_reading_begin(const char *path)
{
    reading = path;
}

void hg_reading_end(void)
{
    reading = NULL;
}

const char *hg_reading(void)
{
    return reading;
}

void hg_reading_step_begin(void)
{
    if (depth == 0) step = step + 1 != 0 ? step + 1 : 1;
    depth = depth + 1;
}

void hg_reading_step_end(void)
{
    depth = depth - 1;
}

unsigned hg_reading_step(void)
{
    return depth > 0 ? step : 0;
}

int hg_exit_code(hg_status status)
{
    static const int code[] = {
        [HG_OK] = 0, [HG_FAILED] = 1, [HG_NOMEM] = 1, [HG_DIVERGED] = 1, [HG_USAGE] = 2, [HG_STOPPED] = 75};
    return code[status];
}
