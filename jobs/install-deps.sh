#!/bin/sh
# Installs what building and running halogat needs on Debian (12 or later), and prints what it does.
#   jobs/install-deps.sh         packages for building, running and testing
#   jobs/install-deps.sh --dev   also packages for the style checks and for a build by clang
# Needs root or sudo when a package is missing; does nothing otherwise.
set -eu

# package, and what it is for
packages() {
    cat <<'LIST'
gcc                     the C compiler
libc6-dev               the C library's headers
make                    runs the build
cmake                   the build
pkg-config              where the libraries are
openmpi-bin             mpirun
libopenmpi-dev          messages between ranks
libhdf5-openmpi-dev     graph files and checkpoints, read and written by all ranks
libopenblas-openmp-dev  matrix products
libmetis-dev            cuts the graph into cells
libyaml-dev             configuration files
libjansson-dev          metrics and summaries in JSON
zlib1g-dev              compressed text files
libzip-dev              .npz files
nettle-dev              SHA-256 of graphs, checkpoints and parameters
libcmocka-dev           unit tests
hdf5-tools              h5dump and h5diff, for the tests
LIST
    if [ "$1" = --dev ]; then
        cat <<'LIST'
clang                   the other compiler
libomp-dev              its OpenMP
libclang-rt-dev         its sanitizers
clang-format            the layout of the code
clang-tidy              mistakes in C
cppcheck                mistakes in C
shellcheck              mistakes in scripts
LIST
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "install-deps: $*: needs root or sudo" >&2
        exit 1
    fi
}

set -- "${1:-}"
case $1 in
"" | --dev) ;;
*)
    echo "usage: jobs/install-deps.sh [--dev]" >&2
    exit 2
    ;;
esac
if ! command -v dpkg-query >/dev/null; then
    echo "install-deps: not a Debian system; these packages, by your system's names, are needed:" >&2
    packages "$1" >&2
    exit 1
fi

missing=
for package in $(packages "$1" | awk '{ print $1 }'); do
    # shellcheck disable=SC2016 # the dollar is dpkg-query's
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) in
    installed*) ;;
    *) missing="$missing $package" ;;
    esac
done
if [ -z "$missing" ]; then
    echo "install-deps: everything is installed"
    exit 0
fi
echo "install-deps: installing"
for package in $missing; do
    packages "$1" | grep "^$package "
done
export DEBIAN_FRONTEND=noninteractive
as_root apt-get -qq update
# shellcheck disable=SC2086 # a list of names
as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null
echo "install-deps: done"
