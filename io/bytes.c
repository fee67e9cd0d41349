#include "io/bytes.h"

#include <errno.h>
#include <unistd.h>

bool hg_bytes_write(int descriptor, const void *bytes, size_t count, int64_t at)
{
    for (const char *from = bytes; count > 0;) {
        const ssize_t put = pwrite(descriptor, from, count, (off_t)at);
        if (put < 0 && errno == EINTR) continue;
        if (put == 0) errno = EIO;
        if (put <= 0) return false;
        from += put;
        at += put;
        count -= (size_t)put;
    }
    return true;
}
