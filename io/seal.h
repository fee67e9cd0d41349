/** A checksum of a whole file at its start, in bytes that HDF5 skips (a user block): checked before HDF5 sees the file. */
#ifndef HG_IO_SEAL_H
#define HG_IO_SEAL_H

#include "base/status.h"

/** Bytes of the seal, which come before HDF5's own. */
enum { HG_SEAL_BYTES = 512 };

/** Writes the seal over the first HG_SEAL_BYTES bytes of a file: SHA-256 and number of the bytes behind them. `shown` is the file's name in
 *  messages. Local. */
hg_status hg_seal_write(const char *path, const char *shown);

/** Fails when a file that has a seal is not what was sealed. HG_OK for a file without one. Local. */
hg_status hg_seal_check(const char *path);

#endif
