# Every library that halogat uses, behind one target. jobs/install-deps.sh names the Debian packages.
find_package(MPI REQUIRED COMPONENTS C)
# GCC's libgomp, or with clang libomp: clang ignores the pragmas where another is asked for. OpenBLAS, built with GCC,
# then has a runtime of its own or finds what it needs in libomp; either is well, as it is told to work on one thread
# (src/kernels/dense.c).
find_package(OpenMP REQUIRED COMPONENTS C)
find_package(PkgConfig REQUIRED)
# HDF5 must be the parallel one, built for the same MPI; its name differs between distributions
pkg_search_module(HDF5 REQUIRED IMPORTED_TARGET hdf5-openmpi hdf5-mpich hdf5)
# OpenBLAS is loaded at run time (src/kernels/dense.h): only its header is needed here, and its name there
pkg_check_modules(OPENBLAS REQUIRED openblas)
list(APPEND CMAKE_BUILD_RPATH ${OPENBLAS_LIBRARY_DIRS})
set(HALOGAT_BLAS libopenblas.so.0 CACHE STRING "the OpenBLAS that is loaded: a name for dlopen, or a path")
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(NETTLE REQUIRED IMPORTED_TARGET nettle)
# METIS 5.1 comes without a pkg-config file
find_library(METIS_LIBRARY metis REQUIRED)
find_path(METIS_INCLUDE_DIR metis.h REQUIRED)

add_library(halogat_dependencies INTERFACE)
target_include_directories(halogat_dependencies SYSTEM INTERFACE ${METIS_INCLUDE_DIR} ${OPENBLAS_INCLUDE_DIRS})
target_link_libraries(halogat_dependencies INTERFACE
  MPI::MPI_C OpenMP::OpenMP_C PkgConfig::HDF5 PkgConfig::YAML PkgConfig::JANSSON
  PkgConfig::ZLIB PkgConfig::LIBZIP PkgConfig::NETTLE ${METIS_LIBRARY} ${CMAKE_DL_LIBS} m)
