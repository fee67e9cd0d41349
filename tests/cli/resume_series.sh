#!/bin/bash
# A series of runs (--runs, --split all) that is stopped or killed goes on with the interrupted run; early stopping
# counts on.
# shellcheck disable=SC2015 # `wrong` is the last word
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

notes=$(mktemp -d)
trap 'rm -rf "$work" "$notes"' EXIT

"$halogat" generate sbm -o g.h5 --nodes 1500 --edges 12000 --features 12 --classes 4 --seed 1 --quiet
"$halogat" generate sbm -o other.h5 --nodes 1500 --edges 12000 --features 12 --classes 4 --seed 2 --quiet

# a series: complete runs stay, the interrupted one goes on
series=(--runs 3 --epochs 400 --dropout 0.3 --heads "2,1" --hidden 8 --quiet)
"$halogat" train g.h5 --out series-whole "${series[@]}"
"$here/../mpirun.sh" 2 "$halogat" train g.h5 --out series "${series[@]}" --checkpoint-every 50 2>"$notes/err" &
pid=$!
until [ -e series/run-1/checkpoint-50.h5 ] || ! kill -0 $pid 2>/dev/null; do pause 0.01; done
kill -s KILL "$(member series 1)"
result=0
wait $pid || result=$?
[ $result -eq 137 ] || wrong "a killed series: exit $result: $(cat "$notes/err")"
[ -e series/run-0/complete ] && [ ! -e series/run-1/complete ] || wrong "killed too late: $(echo series/*/complete)"
before=$(ls -l series/run-0)
refused() { # refused PATTERN GRAPH ARGUMENT...: exit 2, and a line with the difference
    pattern=$1 result=0
    shift
    "$halogat" train "$1" --out series "${series[@]}" "${@:2}" --resume 2>"$notes/err" || result=$?
    [ $result -eq 2 ] && grep -q "^halogat train: $pattern" "$notes/err" || wrong "$*: $result, $(cat "$notes/err")"
}
refused 'series: holds a training of 3 runs, not of 2' g.h5 --runs 2
refused 'series/run-0/last.h5: --lr is 0.005 there, 0.01 here' g.h5 --lr 0.01
refused 'series/run-0/last.h5: the graph (content_sha256) is ' other.h5
HALOGAT_ISA=x86-64 refused 'series/run-0/last.h5: the instruction set (HALOGAT_ISA) is ' g.h5
rm series/run-0/last.h5 # only best.h5 is of use
before=$(ls -l series/run-0)
quick 3 train g.h5 --out series "${series[@]}" --resume 2>"$notes/err" || wrong "a series: $(cat "$notes/err")"
grep -q '^halogat train: series/run-0/last.h5: .*not used$' "$notes/err" || wrong "no last.h5: $(cat "$notes/err")"
[ "$before" = "$(ls -l series/run-0)" ] || wrong "a complete run of a series was changed"
for k in 0 1 2; do
    [ "$(hash_of series/run-$k)" = "$(hash_of series-whole/run-$k)" ] || wrong "run $k of a series differs"
done
for key in mean std; do
    [ "$(number $key series/summary.json)" = "$(number $key series-whole/summary.json)" ] || wrong "another $key"
done

# --split all: a signal at any time, also while the next split is set up; nothing that is complete changes
n=600 splits=5
edges=$(seq 0 $((n - 1)) && seq 1 $((n - 1)) && echo 0)
numbers() { awk -v n="$1" -v mod="$2" -v shift="$3" 'BEGIN { for (k = 0; k < n; k++) print (k + shift) % mod == 0 }'; }
perl "$here/npz.pl" ring.npz edge_index '<i8' "(2, $n)" "$edges" num_nodes '<i8' '()' $n \
    x '<f4' "($n, 4)" "$(numbers $((4 * n)) 7 0)" y '<i8' "($n,)" "$(numbers $n 2 0)" \
    train_mask '|b1' "($n, $splits)" "$(numbers $((n * splits)) 3 0)" \
    val_mask '|b1' "($n, $splits)" "$(numbers $((n * splits)) 3 1)" \
    test_mask '|b1' "($n, $splits)" "$(numbers $((n * splits)) 3 2)"
"$halogat" import ring.npz --undirected -o ring.h5 --quiet
split=(train ring.h5 --split all --epochs 20 --heads "2,1" --hidden 4 --threads 1 --quiet)
"$halogat" "${split[@]}" --out splits-whole
stopped=0
for attempt in 1 2 3 4 5 6; do
    rm -rf splits
    "$halogat" "${split[@]}" --out splits 2>"$notes/err" &
    pid=$!
    until [ -e splits/run-0/complete ] || ! kill -0 $pid 2>/dev/null; do pause 0.001; done
    pause "0.0$attempt"
    kill -s TERM $pid 2>/dev/null || true
    result=0
    wait $pid || result=$?
    case $result in
    75) stopped=$((stopped + 1)) ;;
    0) ;;
    *) wrong "TERM in a series of splits: exit $result: $(cat "$notes/err")" ;;
    esac
    "$halogat" "${split[@]}" --out splits --resume 2>"$notes/err" || wrong "splits: no resume: $(cat "$notes/err")"
    for k in 0 1 2 3 4; do
        [ "$(hash_of splits/run-$k)" = "$(hash_of splits-whole/run-$k)" ] || wrong "split $k differs"
    done
done
[ $stopped -gt 0 ] || wrong "no series of splits was stopped before its end"

# early stopping counts on
patient=(--epochs 600 --patience 40 --lr 0.02 --heads "2,1" --hidden 8 --quiet)
"$halogat" train g.h5 --out patient-whole "${patient[@]}"
result=0
"$halogat" train g.h5 --out patient "${patient[@]}" --checkpoint-every 10 --epochs 30 2>"$notes/err" || result=$?
rm patient/complete patient/last.h5
"$halogat" train g.h5 --out patient "${patient[@]}" --resume
[ "$(hash_of patient)" = "$(hash_of patient-whole)" ] &&
    [ "$(number epochs patient/summary.json)" = "$(number epochs patient-whole/summary.json)" ] ||
    wrong "early stopping after a resume: $(number epochs patient/summary.json) epochs"

finish
