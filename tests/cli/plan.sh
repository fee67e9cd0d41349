#!/bin/bash
# halogat plan: what it says beside what trainings did, on several numbers of ranks; its advice; and train's refusal.
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"
export XDG_CACHE_HOME=$work/cache

# The largest number of a list in a JSON file.
largest() { tr -d '\n ' <"$2" | sed -n "s/.*\"$1\":\[\([^]]*\).*/\1/p" | tr ',' '\n' | sort -n | tail -n 1; }

close() { # close SHARE A B WHAT: A is B but for a share
    awk -v s="$1" -v a="$2" -v b="$3" 'BEGIN { exit !(a >= b * (1 - s) && a <= b * (1 + s)) }' ||
        wrong "$4: plan says $2, the training had $3"
}

"$halogat" generate rmat -o graph.h5 --nodes 20000 --edges 300000 --features 64 --classes 10 --seed 3 --quiet
"$halogat" partition graph.h5 -o cells.h5 --quiet

compare() { # compare RANKS GRAPH OPTIONS...
    ranks=$1 graph=$2
    shift 2
    quick "$ranks" train "$graph" --out run --overwrite --epochs 2 --quiet "$@" || wrong "train $*"
    "$halogat" plan "$graph" -n "$ranks" --ranks-per-node "$ranks" --json "$@" >plan.json || wrong "plan $*"
    close 0.1 "$(number memory_bytes plan.json)" "$(largest peak_memory_bytes run/summary.json)" "memory, $ranks $*"
    close 1e-9 "$(number bytes_per_epoch plan.json)" "$(number bytes_sent_per_epoch run/summary.json)" "bytes of $*"
}
compare 1 cells.h5 --threads 1 --heads 8,1 --hidden 32
compare 2 cells.h5 --threads 1 --heads 8,1 --hidden 16 --halo-dtype bf16 --optimizer sgd
compare 3 graph.h5 --threads 2 --heads 2,2,1 --residual --split-random 0.05,0.05

# Estimates do not read the edges.
"$halogat" plan cells.h5 -n 1,2,3 --estimate --json | grep -q '"counted_from": "cells"' || wrong "estimate by cells"
"$halogat" plan graph.h5 -n 2 --estimate | grep -q 'model of degrees (power-law)' || wrong "estimate by degrees"
"$halogat" plan --nodes 100000000 --edges 3000000000 --features 128 --classes 172 --heads 4,4,4 --hidden 128 -n 64,128 \
    --memory-per-node 256 --ranks-per-node 2 --threads 8 --degrees grid >text || wrong "a graph without a file"
grep -q 'sbatch --nodes=[0-9]* --ntasks-per-node=2 --cpus-per-task=8 --mem=[0-9]*M --time=' text || wrong "job lines"
grep -q 'is the smallest number that fits' text || wrong "no advice"

# Under mpirun rank 0 plans, and prints the same.
"$halogat" plan cells.h5 -n 2 >alone
on 2 plan cells.h5 -n 2 >together
cmp alone together || wrong "two ranks plan something else"
grep -q 'assumed, slow machine' alone || wrong "assumed rates are not named"

refuses() { # refuses TEXT CODE ARGUMENT...
    text=$1 wanted=$2
    shift 2
    "$halogat" "$@" >out 2>err
    code=$?
    [ $code -eq "$wanted" ] || wrong "$* ended with $code, not $wanted"
    grep -q -- "$text" err || wrong "$* said $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || wrong "$* said more than one line: $(cat err)"
}
refuses 'missing: graph file' 2 plan
refuses 'edges: missing' 2 plan --nodes 10
refuses 'has its own' 2 plan cells.h5 --nodes 10 --edges 5
refuses 'has no rates of this processor' 1 plan cells.h5 --rates none.json
echo '{"format": "other"}' >bad.json
refuses 'is not a file of rates' 1 plan cells.h5 --rates bad.json
refuses 'more ranks are needed' 1 plan --nodes 4000000000 --edges 4000000000 -n 1

# What cannot fit is refused before anything is read or written, on all ranks, in one line; a plan of it is made. The
# model needs 400 GB.
huge=(--heads "$(printf '8,%.0s' {1..31})1" --hidden 2048)
if [ "$(sed -n 's/MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)" -gt 300000000 ]; then finish && exit; fi
refuses 'cannot fit: one rank of a host needs at least' 1 train cells.h5 --out huge "${huge[@]}"
[ ! -e huge ] || wrong "a refused training left a folder"
on 2 train cells.h5 --out huge "${huge[@]}" >out 2>err && wrong "two ranks trained what cannot fit"
[ "$(grep -c 'cannot fit' err)" -eq 1 ] || wrong "two ranks said $(cat err)"
"$halogat" plan cells.h5 -n 2 "${huge[@]}" >text || wrong "no plan of what cannot fit here"

finish
