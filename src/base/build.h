/** Which build of halogat is running. */
#ifndef HG_BASE_BUILD_H
#define HG_BASE_BUILD_H

#ifndef HG_VERSION
#define HG_VERSION "0.1.0"
#endif

enum { HG_BUILD_ID_BYTES = 41 };

/** Writes the build id of the running program: 40 hexadecimal digits and a terminating zero. It is the GNU build id,
 *  which the linker computes from code and data; where libhalogat is a shared library, its id is combined with that
 *  of the program. It depends neither on the time of the build nor on the folder. "unknown" when the linker wrote no
 *  id. Local. */
void hg_build_id(char id[HG_BUILD_ID_BYTES]);

#endif
