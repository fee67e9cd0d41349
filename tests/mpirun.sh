#!/bin/sh
# mpirun.sh RANKS PROGRAM [ARGUMENTS]: runs a program on the cores of this machine; more ranks than cores are allowed.
# mpirun.sh alone PROGRAM [ARGUMENTS]: runs it on one rank without a launcher, which would take two seconds to end
# when the program fails. Used by ctest and by the scripts in tests/cli/. OMP_NUM_THREADS (default 2) and MPIEXEC
# (default mpirun) may be set.
set -eu
ranks=$1
shift
[ "$ranks" = alone ] && HG_TEST_RANKS=1 || HG_TEST_RANKS=$ranks
export HG_TEST_RANKS
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-2}"
export OMP_WAIT_POLICY=passive
# sanitizers: leaks of the libraries underneath are theirs, all others are errors
here=$(dirname "$0")
# ... and memory that is not there is an answer
export ASAN_OPTIONS="allocator_may_return_null=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export LSAN_OPTIONS="suppressions=$here/lsan.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
export TSAN_OPTIONS="suppressions=$here/tsan.supp:ignore_noninstrumented_modules=1${TSAN_OPTIONS:+:$TSAN_OPTIONS}"
export UBSAN_OPTIONS="print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
if [ "$(id -u)" -eq 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
# only shared memory, without the system call that containers forbid; waiting ranks leave the core to the others
export OMPI_MCA_btl=vader,self OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_mpi_yield_when_idle=1
[ "$ranks" = alone ] && exec "$@"
exec "${MPIEXEC:-mpirun}" --oversubscribe --bind-to none -n "$ranks" "$@"
