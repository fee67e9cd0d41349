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

file(GLOB hg_kernel_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/kernels/*.c)
# what is compiled once: the choice of the set, and BLAS, which chooses for itself
set(hg_common_kernels ${PROJECT_SOURCE_DIR}/src/kernels/select.c ${PROJECT_SOURCE_DIR}/src/kernels/dense.c)
list(REMOVE_ITEM hg_kernel_sources ${hg_common_kernels})

# halogat_kernels(LIBRARY DEFINITION SET...): adds the kernels to a library, for each of the sets.
function(halogat_kernels library definition)
  set(table "")
  foreach(set ${ARGN})
    string(MAKE_C_IDENTIFIER ${set} identifier)
    add_library(${library}_${identifier} OBJECT ${hg_kernel_sources})
    target_include_directories(${library}_${identifier} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${library}_${identifier} PRIVATE halogat_build halogat_dependencies)
    target_compile_options(${library}_${identifier} PRIVATE ${hg_options_${set}})
    target_compile_definitions(${library}_${identifier} PRIVATE ${definition}
      HG_SET=${identifier} HG_SET_NAME=${set} HG_SET_BLAS=${hg_blas_${set}})
    target_sources(${library} PRIVATE $<TARGET_OBJECTS:${library}_${identifier}>)
    string(APPEND table "SET(${identifier},${set})")
  endforeach()
  target_sources(${library} PRIVATE ${hg_common_kernels})
  target_compile_definitions(${library} PRIVATE HG_SETS=${table} HG_BLAS_LIBRARY="${HALOGAT_BLAS}")
endfunction()
