#!/bin/bash
# bench/large.sh: a graph of the size of ogbn-products (4.2 M nodes, 134 M directed edges, 100 features, 47 classes)
# from nothing to a trained model on this machine, as Markdown tables (docs/performance.md): seconds and memory of each
# step, beside what plan says of the training; then the accuracy of the communities by epoch. Takes 25 minutes, 20 GB of
# disk and 21 GB of memory.
#   rmat         generated and cut into cells on 2 ranks, trained 3 epochs, heads 4,4,1 of 32, on 1 rank of 2 threads
#   communities  the same with an sbm, whose features can be learned; 8 heads of 8, EPOCHS (default 30) epochs
# NODES and EDGES make other sizes. WORK: the folder of the graphs (default: a temporary one). HALOGAT (default
# build/halogat).
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
halogat=$(realpath "${HALOGAT:-$here/../build/halogat}")
nodes=${NODES:-4200000} edges=${EDGES:-134000000}
work=$(mktemp -d -p "${WORK:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache

number() { sed -n "s/.*\"$1\": *\([-+0-9.eE]*\).*/\1/p" "$2" | head -n 1; }

# step RANKS ARGUMENTS: runs halogat; seconds and the ranks' memory into $seconds and $memory
step() {
    rm -f "$work/time"
    "$here/../tests/mpirun.sh" "$1" /usr/bin/time -a -o "$work/time" -f '%e %M' "$halogat" "${@:2}" >"$work/output"
    seconds=$(sort -g "$work/time" | tail -n 1 | cut -d ' ' -f 1)
    memory=$(awk '{ printf "%s%.2f", (NR > 1 ? " + " : ""), $2 * 1024 / 1e9 }' "$work/time")
}

row() { echo "| $1 | $2 | $3 |"; }

# prepare KIND: KIND-cells.h5, with the rows of both steps
prepare() {
    step 2 generate "$1" --nodes "$nodes" --edges "$edges" --features 100 --classes 47 --split-random 0.1,0.02 \
        -o "$work/$1.h5" --quiet
    row "generate, 2 ranks" "$seconds s" "$memory GB"
    step 2 partition "$work/$1.h5" --partitioner cluster -o "$work/$1-cells.h5" --json
    row "partition by clusters, 2 ranks" "$seconds s" "$memory GB"
    sed -n '/step_seconds/,$p' "$work/output" >"$work/steps"
    for part in read cells write judge; do row "- $part" "$(printf %.1f "$(number $part "$work/steps")") s" ""; done
    rm "$work/$1.h5"
}

# train KIND EPOCHS OPTIONS: the rows of the training and of its plan
train() {
    local graph=$work/$1-cells.h5 run=$work/$1 epochs=$2
    "$halogat" plan "$graph" -n 1 --threads 2 --cores 2 --json "${@:3}" >"$work/plan.json"
    OMP_NUM_THREADS=2 step 1 train "$graph" --out "$run" --threads 2 --epochs "$epochs" --eval-every 3 --quiet "${@:3}"
    row "train: set-up, 1 rank of 2 threads" "$(printf %.0f "$(number total "$run/summary.json")") s" ""
    row "- an epoch" "$(printf %.1f "$(number seconds_per_epoch "$run/summary.json")") s" "$memory GB"
    row "- plan" "$(printf %.1f "$(number seconds_per_epoch "$work/plan.json")") s" \
        "$(awk -v b="$(number memory_bytes "$work/plan.json")" 'BEGIN { printf "%.2f GB", b / 1e9 }')"
}

"$halogat" plan --measure >"$work/output"
for kind in rmat sbm; do
    printf '| %s | time | memory of the ranks |\n|---|---|---|\n' $kind
    prepare $kind
    if [ $kind = rmat ]; then
        train $kind 3 --heads 4,4,1 --hidden 32
    else
        train $kind "${EPOCHS:-30}" --heads 8,1 --hidden 8 --lr 0.02
    fi
    rm "$work/$kind-cells.h5"
    echo
done
echo '| epoch | loss | train, % | val, % | test, % |'
echo '|---|---|---|---|---|'
grep val_accuracy "$work/sbm/metrics.jsonl" | while read -r line; do
    echo "$line" >"$work/line"
    awk -v e="$(number epoch "$work/line")" -v l="$(number loss "$work/line")" \
        -v a="$(number train_accuracy "$work/line")" -v v="$(number val_accuracy "$work/line")" \
        -v t="$(number test_accuracy "$work/line")" \
        'BEGIN { printf "| %d | %.4f | %.2f | %.2f | %.2f |\n", e, l, 100 * a, 100 * v, 100 * t }'
done
