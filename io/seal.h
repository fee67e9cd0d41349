/** The seal: a checksum of an HDF5 file, kept at its start in bytes that HDF5 skips (the user block). It is checked
 *  before HDF5 reads the file. */
#ifndef HG_IO_SEAL_H
#define HG_IO_SEAL_H

#include "base/status.h"

/** Size of the seal; HDF5's data follow it. */
enum { HG_SEAL_BYTES = 512 };

/** Overwrites the first HG_SEAL_BYTES bytes of a file with its seal: SHA-256 and number of the bytes that follow.
 *  `shown`: the file's name in messages. Local. */
hg_status hg_seal_write(const char *path, const char *shown);

/** Fails when the contents of a file do not match its seal. HG_OK for a file without a seal. Local. */
hg_status hg_seal_check(const char *path);

/** Fails when a file has no seal. hg_seal_check checks the seal itself. Local. */
hg_status hg_seal_require(const char *path);

#endif
