/** Which build of halogat is running. */
#ifndef HG_BASE_BUILD_H
#define HG_BASE_BUILD_H

#ifndef HG_VERSION
#define HG_VERSION "0.1.0"
#endif

enum { HG_BUILD_ID_BYTES = 41 };

/** The build id, 40 hexadecimal digits: what the linker made of the code and the data of the program (GNU build id), combined with that of
 *  libhalogat where that is a shared library. It depends neither on the time nor on where the files lie; "unknown" when a linker left
 *  none. Local. */
void hg_build_id(char id[HG_BUILD_ID_BYTES]);

#endif
