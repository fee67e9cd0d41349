#!/bin/sh
# tests/fuzz/run.sh [COUNT [SEED]]: gives COUNT random inputs (default 2000) of each kind to the program under the
# sanitizers. Prints a table and leaves a report of each finding in build-sanitize/fuzz. Exit 1 when there are
# findings. An input takes about 5 ms to 0.2 s.
set -eu
cd "$(dirname "$0")/../.."
count=${1:-2000} seed=${2:-1}
jobs/install-deps.sh
# shellcheck disable=SC2086 # a list of arguments
cmake --preset sanitize ${CMAKE_ARGS:-}
cmake --build build-sanitize -j "${JOBS:-$(nproc)}" --target fuzz
mkdir -p build-sanitize/fuzz
# Allocations of huge sizes fail as they do without the sanitizers. The leak checker is off, because it would report
# leaks of the libraries; the project's own blocks are counted after every command.
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=16 UBSAN_OPTIONS=print_stacktrace=1
exec build-sanitize/tests/fuzz --count "$count" --seed "$seed" --report build-sanitize/fuzz
