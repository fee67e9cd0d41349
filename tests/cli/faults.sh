#!/bin/bash
# A fault at every system call by which a training changes its folder: the process is killed there, the disk is full,
# broken, or writes less than it was asked to. What was finished before stays sound, a failure is told in one line,
# nothing is left half written, and --resume leads to the undisturbed result. FAULT_STEP (default 97; with
# tests/run.sh --long 1): every so many calls.
# shellcheck disable=SC2015 # `wrong` is the last word
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

cc -O1 -o tracer "$here/fault_tracer.c" || exit 77
"$halogat" generate sbm -o g.h5 --nodes 300 --edges 2000 --features 8 --classes 3 --quiet
train=(train g.h5 --out faulty --epochs 7 --checkpoint-every 3 --keep 1 --heads "2,1" --hidden 4 --quiet --threads 1)
"$halogat" "${train[@]}" --out whole
./tracer faulty count 0 "$halogat" "${train[@]}" 3>calls || exit 77 # a kernel or a container without ptrace
calls=$(cat calls)
[ "$calls" -gt 50 ] || wrong "only $calls calls were seen"
step=${FAULT_STEP:-97}
[ -z "${HG_TEST_LONG:-}" ] || step=1

# One fault. Files that are there afterwards are sound; a failure is one line.
try() {
    kind=$1 k=$2 result=0
    rm -rf faulty
    ./tracer faulty "$kind" "$k" "$halogat" "${train[@]}" 2>err 3>seen || result=$?
    case $kind-$result in
    kill-137 | short-0 | eio-[01] | enospc-[01]) ;;
    *) wrong "$kind at call $k of $calls: exit $result: $(cat err)" ;;
    esac
    if [ "$result" -eq 1 ]; then
        [ "$(wc -l <err)" -eq 1 ] && grep -q '^halogat train: ' err || wrong "$kind at call $k: $(cat err)"
        [ -z "$(find . -name '*.partial*')" ] || wrong "$kind at call $k left $(find . -name '*.partial*')"
    fi
    if [ "$result" -eq 0 ]; then
        [ "$(hash_of faulty)" = "$(hash_of whole)" ] && [ -e faulty/complete ] ||
            wrong "$kind at call $k is not noticed"
    fi
    # no checkpoint is damaged: that would be told
    "$halogat" "${train[@]}" --resume 2>err && [ ! -s err ] || wrong "$kind at call $k, resumed: $(cat err)"
    [ "$(hash_of faulty)" = "$(hash_of whole)" ] && [ -e faulty/complete ] || wrong "$kind at call $k: another result"
    [ "$(wc -l <faulty/metrics.jsonl)" -eq 7 ] || wrong "$kind at call $k: $(wc -l <faulty/metrics.jsonl) lines"
    [ -z "$(find . -name '*.partial*')" ] || wrong "$kind at call $k, then resumed: $(find . -name '*.partial*')"
}

for kind in kill eio enospc short; do
    for ((k = 1; k <= calls; k += step)); do try "$kind" "$k"; done
done
echo "$((4 * ((calls + step - 1) / step))) faults in $calls calls"
finish
