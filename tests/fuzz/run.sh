#!/bin/sh
# tests/fuzz/run.sh [COUNT [SEED]]: COUNT inputs (default 2000) of each kind for the program under the sanitizers; prints a table and
# leaves a report of each finding in build-sanitize/fuzz. Exit 1 where there are any. About 5 ms to 0.2 s an input.
set -eu
cd "$(dirname "$0")/../.."
count=${1:-2000} seed=${2:-1}
jobs/install-deps.sh
# shellcheck disable=SC2086 # a list of arguments
cmake --preset sanitize ${CMAKE_ARGS:-}
cmake --build build-sanitize -j "${JOBS:-$(nproc)}" --target fuzz
mkdir -p build-sanitize/fuzz
# huge sizes fail as they do without the sanitizers; each kind ends without looking for leaks of the libraries: blocks of the project are
# counted after every command
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=16 UBSAN_OPTIONS=print_stacktrace=1
exec build-sanitize/tests/fuzz --count "$count" --seed "$seed" --report build-sanitize/fuzz
