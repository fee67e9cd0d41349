#!/bin/bash
# Signals and the watchdog where no checkpoint can be waited for: in set-up, while METIS works, in epochs that are
# longer than --stop-within, and when a rank makes no progress.
# shellcheck disable=SC2015 # `wrong` is the last word
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

ends() { # ends CODE WHAT: waits for $pid
    result=0
    wait $pid || result=$?
    [ $result -eq "$1" ] || wrong "$2: exit $result, not $1: $(cat err)"
}

now() { date +%s; }

"$halogat" generate sbm -o g.h5 --nodes 1500 --edges 12000 --features 12 --classes 4 --seed 1 --quiet
# METIS takes several seconds for this one
"$halogat" generate rmat -o slow.h5 --nodes 262144 --edges 4000000 --features 2 --classes 2 --quiet

# a rank that is stopped: the others end the job, and name it
for rank in 1 2; do
    rm -rf run
    on 3 train g.h5 --out run --epochs 1000000 --quiet --stall-minutes 0.1 --checkpoint-every 100 2>err &
    pid=$!
    until [ -n "$(ls run/checkpoint-* 2>/dev/null)" ] || ! kill -0 $pid 2>/dev/null; do pause 0.05; done
    stopped=$(member run $rank)
    [ -n "$stopped" ] || { wrong "no rank $rank: $(cat err; ls run)"; continue; }
    kill -s STOP "$stopped"
    start=$(now)
    ends 1 "a stopped rank"
    kill -s KILL "$stopped" 2>/dev/null || true
    [ $(($(now) - start)) -le 20 ] || wrong "a stopped rank held the job for $(($(now) - start)) seconds"
    line='^halogat train: rank [0-9] on host [^ ]*: no progress for [0-9.]* minutes '
    grep -Eq "$line"'\(.*; waits for (rank [0-9] on host|other)' err || wrong "a stopped rank: $(cat err)"
    [ "$(grep -c '^halogat' err)" -eq 1 ] || wrong "a stopped rank, not one line: $(cat err)"
done

# epochs longer than --stop-within: a checkpoint after each, and a signal ends the run at once
rm -rf run
train=(train g.h5 --epochs 60 --dropout 0.4 --heads "4,2" --hidden 8 --quiet)
"$halogat" "${train[@]}" --out whole
"$here/../mpirun.sh" alone "$halogat" "${train[@]}" --out run --stop-within 0 --epochs 1000000 2>err &
pid=$!
until [ -n "$(ls run/checkpoint-* 2>/dev/null)" ] || ! kill -0 $pid 2>/dev/null; do pause 0.01; done
kill -s TERM $pid
ends 75 "TERM in a long epoch"
grep -Eq '^halogat train: (stopped \(SIGTERM\) before the end of an epoch: .* from checkpoint-|run: stopped)' err ||
    wrong "TERM in a long epoch: $(cat err)"
[ -z "$(find run -name '*partial*')" ] || wrong "TERM in a long epoch left $(find run -name '*partial*')"

# in set-up nothing is lost: TERM ends it, whatever METIS makes of the signal
for ranks in 1 3; do
    rm -rf run
    "$here/../mpirun.sh" "$(launch $ranks)" "$halogat" train slow.h5 --out run --quiet 2>err &
    pid=$!
    until [ -e run/owner ] || ! kill -0 $pid 2>/dev/null; do pause 0.01; done
    pause 1
    target=$pid
    [ "$ranks" -eq 1 ] || target=$(member run 0)
    start=$(now)
    kill -s TERM "$target"
    ends 75 "TERM while METIS works"
    [ $(($(now) - start)) -le 5 ] || wrong "TERM while METIS works took $(($(now) - start)) seconds"
    grep -q '^halogat train: stopped (SIGTERM) before .*--resume goes on from the last' err ||
        wrong "TERM while METIS works: $(cat err)"
done

# a training that loses its folder in set-up writes nothing into it
rm -rf run
"$halogat" train slow.h5 --out run --quiet --partitioner block 2>err &
pid=$!
# the folder is checked once more after `owner` is written, before the heartbeat begins
until grep -qsx heartbeat /proc/$pid/task/*/comm || ! kill -0 $pid 2>/dev/null; do pause 0.005; done
kill -s STOP $pid
sed 's/[0-9a-f]\{32\}/00000000000000000000000000000000/' run/owner >other
mv other run/owner
echo theirs >run/metrics.jsonl
kill -s CONT $pid
ends 1 "a folder that was lost in set-up"
grep -q "^halogat train: run: is not this training's any more" err || wrong "a folder that was lost: $(cat err)"
[ "$(cat run/metrics.jsonl)" = theirs ] && [ -s run/owner ] || wrong "a folder that was lost was written to: $(ls run)"

# other verbs end by the signal, and leave nothing
"$halogat" partition slow.h5 -o cells.h5 --quiet 2>err &
pid=$!
pause 1.5
kill -s TERM $pid
ends 143 "TERM in partition"
[ -z "$(find . -name 'cells.h5*')" ] || wrong "TERM in partition left $(find . -name 'cells.h5*')"

# a second interrupt does not wait
rm -rf run
"$halogat" train slow.h5 --out run --quiet 2>err &
pid=$!
until [ -e run/owner ] || ! kill -0 $pid 2>/dev/null; do pause 0.01; done
kill -s INT $pid
pause 0.3
kill -s INT $pid
ends 130 "a second SIGINT"

finish
