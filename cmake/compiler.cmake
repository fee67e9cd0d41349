# How everything here is compiled: language, warnings, sanitizers, behind one target.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(halogat_build INTERFACE)
target_compile_definitions(halogat_build INTERFACE _GNU_SOURCE)
# what ranks compare at start (src/base/build.h); not every linker makes one unasked
target_link_options(halogat_build INTERFACE -Wl,--build-id=sha1)
# -std=c11 would turn contraction into fused multiply-adds off; errno of sqrt and exp and the floating-point flags are
# never read, and minding them keeps loops from being vectorised
target_compile_options(halogat_build INTERFACE -ffp-contract=fast -fno-math-errno -fno-trapping-math
  -Wall -Wextra -Wshadow -Wconversion -Wno-psabi $<$<BOOL:${HALOGAT_WERROR}>:-Werror>)
# clang warns where it unrolled a short `omp simd` loop of constant length instead of turning it into vectors
if(CMAKE_C_COMPILER_ID MATCHES Clang)
  target_compile_options(halogat_build INTERFACE -Wno-pass-failed)
endif()
if(HALOGAT_SANITIZE)
  target_compile_options(halogat_build INTERFACE -fsanitize=${HALOGAT_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  # lines, not variables, and pointers checked where they are used, not where they are made: half the time for the
  # kernels
  target_compile_options(halogat_build INTERFACE -g1 -fno-sanitize=pointer-overflow)
  target_link_options(halogat_build INTERFACE -fsanitize=${HALOGAT_SANITIZE})
endif()
