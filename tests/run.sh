#!/bin/sh
# tests/run.sh              installs what is missing, builds (release, and the float64 library), runs every test
# tests/run.sh --double     the float64 tests only: golden values and gradients
# tests/run.sh --long       also every case of the reproducibility matrix in every way, and 1,000 random pairs of both
# tests/run.sh --clang      the unit tests, on few numbers of ranks, in a build by clang
# tests/run.sh --cluster    only trainings on a real SLURM and on several hosts, all on this machine; needs root; takes
#                           20 minutes, with --short two
# tests/run.sh --sanitize   the same under the address, leak and undefined-behaviour sanitizers, and the scripts that
#                           show them something new
# tests/run.sh --threads    the unit tests, two threads to a rank, under the thread sanitizer, in a build by clang
# The last line says "N passed, N failed, N skipped"; the exit status is 0 when none failed.
# HALOGAT_DATA: folder with public data sets (optional). CMAKE_ARGS: more arguments of cmake. JOBS: default the number
# of cores.
set -eu
cd "$(dirname "$0")/.."

preset=double
label=
needs=
cluster=
short=
for argument; do
    case $argument in
    --long) export HG_TEST_LONG=1 ;;
    --double) label=double ;;
    --clang)
        preset=clang
        label='^(float|double)$'
        needs=--dev
        ;;
    --sanitize) preset=sanitize ;;
    --threads)
        preset=threads
        label='^float$'
        needs=--dev
        ;;
    --cluster) cluster=1 ;;
    --short) short=--short ;;
    *)
        echo "usage: tests/run.sh [--long] [--double] [--clang] [--sanitize] [--threads] [--cluster [--short]]" >&2
        exit 2
        ;;
    esac
done
[ -n "$label" ] && [ $preset = sanitize ] && CMAKE_ARGS="-DHALOGAT_DOUBLE=ON ${CMAKE_ARGS:-}"

jobs=${JOBS:-$(nproc)}
if [ -n "$cluster" ]; then # a build for users: the others are slow
    jobs/install-deps.sh
    if [ "$(id -u)" -eq 0 ]; then tests/cluster/install.sh; fi
    # shellcheck disable=SC2086 # a list of arguments
    cmake --preset release ${CMAKE_ARGS:-}
    cmake --build build -j "$jobs" --target halogat_program
    result=0
    # shellcheck disable=SC2086 # none, or one word
    tests/cluster/run.sh $short >build/cluster.log 2>&1 || result=$?
    cat build/cluster.log
    awk -v result=$result '/^ok: / { passed++ } /^FAILED: / { failed++ } /^skipped: / { skipped++ }
        END { if (result != 0 && result != 77 && !failed) failed = 1
              printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 }' build/cluster.log
    exit
fi
build=build-$preset
# shellcheck disable=SC2086 # none, or one word
jobs/install-deps.sh $needs
# shellcheck disable=SC2086 # a list of arguments
cmake --preset $preset ${CMAKE_ARGS:-}
cmake --build $build -j "$jobs"

if [ $preset = threads ]; then
    # the part of clang's OpenMP that tells the sanitizer how its threads synchronise
    OMP_TOOL_LIBRARIES=$(dirname "$(readlink -f "$(command -v clang)")")/../lib/libarcher.so
    export OMP_TOOL_LIBRARIES
fi
[ -n "${HALOGAT_DATA:-}" ] || echo "HALOGAT_DATA is not set: cases that need public data sets are skipped"
results=$build/results.xml
rm -f "$results"
failed=0
# twice as many at a time as there are cores: many wait for processes to start and end
ctest --test-dir $build -j $((2 * jobs)) ${label:+-L "$label"} --no-tests=error --output-on-failure \
    --output-junit results.xml || failed=1
if [ ! -s "$results" ]; then
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
awk -F '[="]+' -v failed=$failed '
    /^[ \t]*(tests|failures|skipped)="/ { sub(/^[ \t]+/, "", $1); count[$1] = $2 }
    /<testcase/ { exit }
    END {
        if (failed && count["failures"] == 0) count["failures"] = 1
        passed = count["tests"] - count["failures"] - count["skipped"]
        printf "%d passed, %d failed, %d skipped\n", passed, count["failures"], count["skipped"]
        exit failed
    }' "$results"
