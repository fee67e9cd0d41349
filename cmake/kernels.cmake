# The kernels (src/kernels) are compiled once per instruction set; ranks agree at start on the highest that all of them run.
# A set: its name, what OpenBLAS calls its kernels for such processors, and the compiler's options; from lowest to highest.
# Prescott is the oldest that OpenBLAS knows. Haswell and SkylakeX are those that every processor of the level runs.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set(hg_sets x86-64 x86-64-v3 x86-64-v4)
else()
  set(hg_sets ${CMAKE_SYSTEM_PROCESSOR})
endif()
set(hg_blas_x86-64 Prescott)
set(hg_blas_x86-64-v3 Haswell)
set(hg_blas_x86-64-v4 SkylakeX)
set(hg_options_x86-64 -march=x86-64)
set(hg_options_x86-64-v3 -march=x86-64-v3)
set(hg_options_x86-64-v4 -march=x86-64-v4 -mprefer-vector-width=256)

set(hg_row_kernels attention_forward.c attention_backward.c attention_nodes.c)
file(GLOB hg_kernel_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/kernels/*.c)
# what is compiled once: the choice of the set, and BLAS, which chooses for itself
set(hg_common_kernels ${PROJECT_SOURCE_DIR}/src/kernels/isa_dispatch.c ${PROJECT_SOURCE_DIR}/src/kernels/dense.c)
# what is compiled once per type of gathered rows (kernels/halo_dtype.h), too
list(TRANSFORM hg_row_kernels PREPEND ${PROJECT_SOURCE_DIR}/src/kernels/)
list(REMOVE_ITEM hg_kernel_sources ${hg_common_kernels} ${hg_row_kernels})

# halogat_objects(LIBRARY SUFFIX SET SOURCES DEFINITION...): adds sources compiled for a set.
function(halogat_objects library suffix set sources)
  string(MAKE_C_IDENTIFIER ${set} identifier)
  set(objects ${library}_${identifier}${suffix})
  add_library(${objects} OBJECT ${sources})
  target_include_directories(${objects} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${objects} PRIVATE halogat_build halogat_dependencies)
  target_compile_options(${objects} PRIVATE ${hg_options_${set}})
  target_compile_definitions(${objects} PRIVATE ${ARGN}
    HG_SET=${identifier} HG_SET_NAME=${set} HG_SET_BLAS=${hg_blas_${set}})
  target_sources(${library} PRIVATE $<TARGET_OBJECTS:${objects}>)
endfunction()

# halogat_kernels(LIBRARY DEFINITION SET...): adds the kernels to a library, for each of the sets.
function(halogat_kernels library definition)
  set(table "")
  foreach(set ${ARGN})
    string(MAKE_C_IDENTIFIER ${set} identifier)
    halogat_objects(${library} "" ${set} "${hg_kernel_sources}" ${definition})
    halogat_objects(${library} _real ${set} "${hg_row_kernels}" ${definition} HG_ROWS=real)
    halogat_objects(${library} _bf16 ${set} "${hg_row_kernels}" ${definition} HG_ROWS=bf16 HG_ROWS_ARE_BF16)
    string(APPEND table "SET(${identifier},${set})")
  endforeach()
  target_sources(${library} PRIVATE ${hg_common_kernels})
  target_compile_definitions(${library} PRIVATE HG_SETS=${table} HG_BLAS_LIBRARY="${HALOGAT_BLAS}")
endfunction()
