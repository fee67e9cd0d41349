#!/bin/bash
# A training that is stopped or killed goes on from its newest sound checkpoint, on any number of ranks and threads,
# to the same bits; and --resume refuses what would not be the same training.
# shellcheck disable=SC2015 # `wrong` is the last word
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

notes=$(mktemp -d)
trap 'rm -rf "$work" "$notes"' EXIT

"$halogat" generate sbm -o g.h5 --nodes 1500 --edges 12000 --features 12 --classes 4 --seed 1 --quiet
"$halogat" generate sbm -o other.h5 --nodes 1500 --edges 12000 --features 12 --classes 4 --seed 2 --quiet
options=(--epochs 1500 --eval-every 3 --dropout 0.3 --attn-dropout 0.2 --heads "4,2" --hidden 8 --quiet)
"$halogat" train g.h5 --out whole "${options[@]}"
whole=whole

# the lines without what may differ: seconds, and the run's id
lines_of() { sed 's/,"seconds":.*//' "$1/metrics.jsonl"; }

# same FOLDER WHAT: the run is complete, and is the undisturbed one, $whole
same() {
    [ -e "$1/complete" ] || wrong "$2: not complete"
    [ "$(hash_of "$1")" = "$(hash_of $whole)" ] || wrong "$2: other parameters"
    lines_of "$1" >"$notes/lines"
    lines_of $whole | cmp -s - "$notes/lines" || wrong "$2: other lines in metrics.jsonl"
    for file in best last; do
        [ "$("$halogat" info "$1/$file.h5" --json | grep '"best_\(epoch\|val\)"')" = \
            "$("$halogat" info "$whole/$file.h5" --json | grep '"best_\(epoch\|val\)"')" ] || wrong "$2: other $file.h5"
    done
    left=$(find "$1" -name '*partial*' -o -name owner)
    [ -z "$left" ] || wrong "$2 left $left"
}

# start RANKS ARGUMENT...: a training in the background, in $pid; returns when it has written lines
start() {
    launched=$(launch "$1")
    shift
    "$here/../mpirun.sh" "$launched" "$halogat" train "$@" 2>"$notes/err" &
    pid=$!
    until [ -s "$3/metrics.jsonl" ] || ! kill -0 $pid 2>/dev/null; do pause 0.01; done
    pause 0.1
}

ends() { # ends CODE WHAT
    result=0
    wait $pid || result=$?
    [ $result -eq "$1" ] || wrong "$2: exit $result, not $1: $(cat "$notes/err")"
}

# a signal to one rank stops all of them after the running epoch, with a checkpoint
for case in "1 TERM" "3 INT" "2 USR2"; do
    read -r ranks signal <<<"$case"
    rm -rf run
    start "$ranks" g.h5 --out run "${options[@]}"
    if [ "$ranks" -eq 1 ]; then kill -s "$signal" $pid; else kill -s "$signal" "$(member run $((ranks - 1)))"; fi
    ends 75 "$signal on $ranks ranks"
    [ "$(grep -c '^halogat train: run: stopped after epoch [0-9]* ' "$notes/err")" -eq 1 ] ||
        wrong "$signal on $ranks ranks: $(cat "$notes/err")"
    epoch=$(sed -n 's/^halogat.*stopped after epoch \([0-9]*\) .*/\1/p' "$notes/err")
    [ -e "run/checkpoint-$epoch.h5" ] && [ -e run/best.h5 ] && [ ! -e run/owner ] ||
        wrong "$signal on $ranks ranks left $(echo run/*)"
    [ "$(wc -l <run/metrics.jsonl)" -eq "$epoch" ] || wrong "$signal: lines of another epoch"
    OMP_NUM_THREADS=3 quick $((4 - ranks)) train g.h5 --out run "${options[@]}" --resume || wrong "$signal: no resume"
    same run "$signal on $ranks ranks, then $((4 - ranks))"
done
before=$(ls -l run)
"$halogat" train g.h5 --out run "${options[@]}" --resume || wrong "a complete run is not left alone"
[ "$before" = "$(ls -l run)" ] || wrong "a complete run was changed"

# a checkpoint on request, and the training goes on; then it is killed, and loses what came after the checkpoint
rm -rf run
start 2 g.h5 --out run "${options[@]}" --checkpoint-minutes 0
kill -s USR1 "$(member run 1)"
until ls run/checkpoint-*.h5 >/dev/null 2>&1 || ! kill -0 $pid 2>/dev/null; do pause 0.01; done
pause 0.1
kill -s KILL "$(member run 0)"
ends 137 "a killed rank"
quick 3 train g.h5 --out run "${options[@]}" --resume || wrong "no resume after a kill"
same run "killed after USR1"

# --max-minutes stops as a signal does
rm -rf run
result=0
"$halogat" train g.h5 --out run "${options[@]}" --max-minutes 0.005 2>"$notes/err" || result=$?
[ $result -eq 75 ] && grep -q 'stopped after epoch [0-9]* (--max-minutes' "$notes/err" ||
    wrong "--max-minutes: exit $result: $(cat "$notes/err")"

# what follows is not stopped while it runs: fewer epochs
options+=(--epochs 60)
whole=short
"$halogat" train g.h5 --out short "${options[@]}"

# --keep keeps the newest; here as after a crash behind epoch 40
rm -rf run
"$halogat" train g.h5 --out run "${options[@]}" --epochs 43 --checkpoint-every 4 --keep 3
rm run/complete run/summary.json run/last.h5
[ "$(cd run && echo checkpoint-*.h5)" = "checkpoint-32.h5 checkpoint-36.h5 checkpoint-40.h5" ] ||
    wrong "--keep 3 keeps $(echo run/checkpoint-*)"

# damaged checkpoints are named, also with --quiet, and the one before is used; a renamed one is damaged
cp -r run made
newest=run/checkpoint-40.h5 second=run/checkpoint-36.h5 oldest=run/checkpoint-32.h5
printf 'damage' | dd of="$newest" bs=1 seek=4000 conv=notrunc 2>"$notes/dd"
truncate -s 700 "$second"
cp "$newest" "$notes/newest"
on 2 train g.h5 --out run "${options[@]}" --resume 2>"$notes/err" || wrong "damaged: $(cat "$notes/err")"
grep -q "^halogat train: $newest: .*damaged.*: not used$" "$notes/err" &&
    grep -q "^halogat train: $second: .*damaged.*: not used$" "$notes/err" &&
    [ "$(grep -c '^halogat' "$notes/err")" -eq 2 ] || wrong "damaged: $(cat "$notes/err")"
grep -q '"resumed_after_epoch": '"$(basename "$oldest" .h5 | cut -d- -f2)" run/summary.json ||
    wrong "another one is used"
same run "damaged checkpoints"
cmp -s "$newest.unused" "$notes/newest" || wrong "a damaged checkpoint is not set aside"
rm -rf run
cp -r made run
mv "$oldest" "$newest"
"$halogat" train g.h5 --out run "${options[@]}" --resume 2>"$notes/err" || wrong "renamed: $(cat "$notes/err")"
grep -q "^halogat train: $newest: .*it was renamed: not used$" "$notes/err" ||
    wrong "renamed: $(cat "$notes/err")"
same run "a renamed checkpoint"

# refused RANKS CODE PATTERN ARGUMENT...: exit CODE, one line, and the folder as it was
refused() {
    ranks=$1 code=$2 pattern=$3 result=0
    shift 3
    find run -type f -exec cksum {} + | sort >"$notes/before"
    quick "$ranks" train "$@" --out run "${options[@]}" 2>"$notes/err" || result=$?
    [ $result -eq "$code" ] || wrong "$*: exit $result: $(cat "$notes/err")"
    grep -Eq "^halogat train: $pattern" "$notes/err" || wrong "$*: no '$pattern' in $(cat "$notes/err")"
    find run -type f -exec cksum {} + | sort | cmp -s - "$notes/before" || wrong "$*: changed the folder"
}
rm -rf run
cp -r made run
options+=(--dropout 0.5)
refused 3 2 'run/checkpoint-[0-9]*.h5: --dropout is 0.3 there, 0.5 here' g.h5 --resume
options+=(--dropout 0.3)
refused 1 2 'run/checkpoint-[0-9]*.h5: the graph \(content_sha256\) is ' other.h5 --resume
refused 1 2 '--overwrite: cannot be together with --resume' g.h5 --resume --overwrite
refused 1 1 'run: already holds a run .*--resume' g.h5
HALOGAT_ISA=x86-64 refused 1 2 'run/checkpoint-[0-9]*.h5: the instruction set \(HALOGAT_ISA\) is ' g.h5 --resume
"$halogat" partition g.h5 -o cells.h5 --cells 7 --quiet
refused 2 2 'run/checkpoint-[0-9]*.h5: the order of cells is ' cells.h5 --resume
cp made/checkpoint-40.h5 run/record.json
refused 1 1 'run/record.json: is not of a training' g.h5 --resume
cp made/record.json run/record.json

printf 'PK\003\004\000\000mine' >"$notes/archive"
# files that the run has not written are not replaced: those of a run of another id, a graph, a text, one that is not
# in the list
sed 's/"run": "./"run": "0/' made/record.json >run/record.json
cmp -s made/record.json run/record.json && sed 's/"run": "./"run": "1/' made/record.json >run/record.json
refused 1 1 'run/metrics.jsonl: was not written by the run that is resumed' g.h5 --resume
cp made/record.json run/record.json
for foreign in "g.h5 checkpoint-36.h5" "g.h5 best.h5" "whole/best.h5 best.h5" "$notes/before summary.json" \
    "made/checkpoint-40.h5 checkpoint-7.h5" "$notes/archive checkpoint-36.h5" "$notes/archive best.h5"; do
    read -r from to <<<"$foreign"
    rm -rf run
    cp -r made run
    cp "$from" "run/$to"
    refused 1 1 "run/$to: was not written by the run that is resumed" g.h5 --resume
done
cp -r made kept
cp g.h5 kept/checkpoint-36.h5
result=0
"$halogat" train g.h5 --out kept "${options[@]}" --epochs 3 --overwrite 2>"$notes/err" || result=$?
[ $result -eq 1 ] && cmp -s g.h5 kept/checkpoint-36.h5 || wrong "--overwrite over a graph: $result, $(cat "$notes/err")"
rm -rf run
cp -r made run
mkfifo fifo
ln -s ../fifo run/checkpoint-44.h5
refused 1 1 'run/checkpoint-44.h5: ' g.h5 --resume
rm -rf run
cp -r made run
head -c -1 <(head -n 40 run/metrics.jsonl) >"$notes/lines"
cp "$notes/lines" run/metrics.jsonl
"$halogat" train g.h5 --out run "${options[@]}" --resume 2>"$notes/err" || wrong "half a line: $(cat "$notes/err")"
same run "a last line without its end"

# the end is written again when the process died between its last file and `complete`
rm run/complete run/summary.json
"$halogat" train g.h5 --out run "${options[@]}" --resume 2>"$notes/err" || wrong "at the end: $(cat "$notes/err")"
same run "died before complete"

# a checkpoint that is set aside replaces nothing, and metrics.jsonl without its lines is told
rm -rf run
cp -r made run
printf 'damage' | dd of="$newest" bs=1 seek=4000 conv=notrunc 2>"$notes/dd"
echo mine >"$newest.unused"
sed -i 3,4d run/metrics.jsonl
"$halogat" train g.h5 --out run "${options[@]}" --resume 2>"$notes/err" || wrong "holes: $(cat "$notes/err")"
[ "$(cat "$newest.unused")" = mine ] && [ -e "$newest.unused-2" ] || wrong "a user's file was replaced: $(ls run)"
grep -q '^halogat train: run: metrics.jsonl has lost the lines of 2 of the first 36 epochs$' "$notes/err" ||
    wrong "lost lines are not told: $(cat "$notes/err")"

# a checkpoint of this run that its record lacks, because another process was writing, is used and recorded
rm -rf run
cp -r made run
tr -d '\n' <made/record.json | sed 's/, *"checkpoint-40.h5"//' >run/record.json
! grep -q 'checkpoint-40' run/record.json || wrong "the record still has it: $(cat run/record.json)"
"$halogat" train g.h5 --out run "${options[@]}" --resume 2>"$notes/err" || wrong "unlisted: $(cat "$notes/err")"
grep -q '"resumed_after_epoch": 40' run/summary.json || wrong "an unlisted checkpoint is not used"
same run "an unlisted checkpoint"

# kernels that this processor lacks: no mistake of the command line; and nothing is needed of a complete run
sed -i 's/"instructions": "[^"]*"/"instructions": "x86-64-v9"/' run/record.json
"$halogat" train g.h5 --out run "${options[@]}" --resume 2>"$notes/err" || wrong "complete: $(cat "$notes/err")"
rm run/complete
refused 2 1 'run: was begun with kernels for x86-64-v9, which this processor does not run' g.h5 --resume

# --init must be the file that the training was begun with
rm -rf run
options+=(--init start.h5)
cp made/checkpoint-32.h5 start.h5
"$halogat" train g.h5 --out run "${options[@]}" --epochs 6 --checkpoint-every 2
rm run/complete run/summary.json run/last.h5
cp made/checkpoint-36.h5 start.h5
refused 2 2 'run/checkpoint-[0-9]*.h5: the hash of the parameters of --init is ' g.h5 --resume
rm start.h5
refused 1 1 'start.h5: ' g.h5 --resume

finish
