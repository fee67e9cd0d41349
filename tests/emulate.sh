#!/bin/sh
# emulate.sh [OPTIONS] -n 1 PROGRAM [ARGUMENTS]: replaces mpirun (variable MPIEXEC) for tests/aarch64.sh: runs one
# rank of an aarch64 program.
set -eu
while [ "$1" != -n ]; do shift; done
if [ "$2" -ne 1 ]; then
    echo "emulate.sh: one rank, not $2" >&2
    exit 2
fi
shift 2
root=$(cd "$(dirname "$0")/../build-aarch64/root" && pwd)
export OMPI_MCA_ess_singleton_isolated=1 OPAL_PREFIX=/usr
exec qemu-aarch64-static -L "$root" "$@"
