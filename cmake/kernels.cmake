# The kernels (src/kernels) are compiled once per instruction set. At the start, ranks agree on the highest set that
# all of them run. A set has a name, the name by which OpenBLAS calls its kernels for such processors, and compiler
# options. Sets are listed from lowest to highest. Prescott is the oldest processor that OpenBLAS knows; its kernels
# for Haswell and SkylakeX run on every processor of their level.
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

file(GLOB hg_kernel_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/kernels/*.c)
list(TRANSFORM hg_kernel_sources REPLACE "^.*/" "")
# compiled once: the choice of the set, and the interface to OpenBLAS, which has kernels of its own
set(hg_common_kernels isa_dispatch.c dense.c)
# compiled once per set and halo dtype (kernels/halo_dtype.h)
set(hg_dtype_kernels halo_rows.c)
# compiled once per set, halo dtype and size of groups of heads (kernels/head_groups.h)
set(hg_attention_kernels attention_forward.c attention_backward.c attention_nodes.c)
set(hg_group_sizes 1 2 4 8)
list(REMOVE_ITEM hg_kernel_sources ${hg_common_kernels} ${hg_dtype_kernels} ${hg_attention_kernels})
foreach(group kernel_sources common_kernels dtype_kernels attention_kernels)
  list(TRANSFORM hg_${group} PREPEND ${PROJECT_SOURCE_DIR}/src/kernels/)
endforeach()

# halogat_objects(LIBRARY SUFFIX SET SOURCES DEFINITION...): adds SOURCES, compiled for SET, to LIBRARY.
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

# halogat_kernels(LIBRARY DEFINITION SET...): adds all kernels to LIBRARY, compiled for each SET.
function(halogat_kernels library definition)
  set(table "")
  foreach(set ${ARGN})
    string(MAKE_C_IDENTIFIER ${set} identifier)
    halogat_objects(${library} "" ${set} "${hg_kernel_sources}" ${definition})
    foreach(dtype real bf16)
      string(TOUPPER ${dtype} upper)
      set(definitions ${definition} HG_DTYPE=${dtype} HG_DTYPE_IS_${upper})
      halogat_objects(${library} _${dtype} ${set} "${hg_dtype_kernels}" ${definitions})
      foreach(size ${hg_group_sizes})
        halogat_objects(${library} _${dtype}_${size} ${set} "${hg_attention_kernels}" ${definitions}
          HG_HEADS=${size})
      endforeach()
    endforeach()
    string(APPEND table "SET(${identifier},${set})")
  endforeach()
  target_sources(${library} PRIVATE ${hg_common_kernels})
  target_compile_definitions(${library} PRIVATE HG_SETS=${table} HG_BLAS_LIBRARY="${HALOGAT_BLAS}")
endfunction()
