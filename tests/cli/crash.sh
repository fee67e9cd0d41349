#!/bin/bash
# A crash of the library that reads a file ends all ranks with one line that names the file. A crash of the program
# itself is reported as an internal error.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

ulimit -c 0
cc -shared -fPIC -O0 -o crash.so "$here/crash_preload.c" || exit 77
"$halogat" generate sbm -o graph.h5 --nodes 60 --edges 300 --features 4 --classes 3 --quiet

how='crashed while reading it'
# crashes KIND SIGNAL RANKS VERB ARGUMENT...
crashes() {
    kind=$1 signal=$2 ranks=$3
    shift 3
    result=0
    CRASH=$kind LD_PRELOAD=$PWD/crash.so ASAN_OPTIONS=verify_asan_link_order=0:handle_abort=0 \
        timeout 60 "$here/../mpirun.sh" "$(launch "$ranks")" "$halogat" "$@" >text 2>err || result=$?
    [ $result -eq 1 ] || wrong "$kind on $ranks ranks: exit $result"
    [ "$(grep -c '^halogat' err)" -eq 1 ] || wrong "$kind on $ranks ranks: not one line: $(cat err)"
    grep -Fxq "halogat $1: $2: $how: damaged file? (signal $signal)" err || wrong "$kind: $(cat err)"
}

crashes segv 11 1 info graph.h5
crashes segv 11 3 train graph.h5 --out out
crashes recursion 11 3 info graph.h5
crashes abort 6 3 import graph.h5 -o out.h5
CRASH_RANK=2 crashes segv 11 3 train graph.h5 --out out
[ -z "${HG_TEST_LONG:-}" ] || how='reading it does not end' crashes loop 26 1 info graph.h5
how='reading it does not end' crashes loop 26 3 train graph.h5 --out out

# a crash elsewhere; the address sanitizer would end the program in its own way
ASAN_OPTIONS=handle_segv=0 "$halogat" train graph.h5 --out long --epochs 100000000 --quiet 2>err &
process=$!
until [ -s long/metrics.jsonl ] || ! kill -0 $process 2>/dev/null; do pause 0.05; done
kill -SEGV $process
result=0
wait $process || result=$?
[ $result -eq 139 ] || wrong "a crash of the program: exit $result"
grep -Fxq 'halogat train: internal error (signal 11): please report it' err ||
    wrong "a crash of the program: $(cat err)"

finish
