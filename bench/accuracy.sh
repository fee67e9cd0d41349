#!/bin/bash
# bench/accuracy.sh: do the published accuracies come out? Cora and Citeseer with the settings of the GAT paper as PyTorch
# Geometric states them: 8 heads of 8, one output head, dropouts 0.6, L2 5e-4, row-normalised features, 300 epochs.
# The best epoch is the paper's: neither validation loss nor accuracy is worse than at any other epoch (--monitor both).
# Prints a table of test accuracy at that epoch, mean and standard deviation; fails when a mean is below the one that is
# asked for. HALOGAT_DATA: folder with cora.npz and citeseer.npz. RUNS (default 20), RANKS (default 1),
# HALOGAT (default build/halogat) may be set.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-20}
halogat=${HALOGAT:-build/halogat}
: "${HALOGAT_DATA:?is not set: the folder with cora.npz and citeseer.npz}"
options=(--heads "8,1" --hidden 8 --dropout 0.6 --attn-dropout 0.6 --lr 0.005 --weight-decay 5e-4
    --normalize-features row --epochs 300 --monitor both)
mpirun=(mpirun --oversubscribe)
[ "$(id -u)" -ne 0 ] || mpirun+=(--allow-run-as-root)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# number KEY FILE: a number of a run's summary
number() { sed -n "s/.*\"$1\": *\([-+0-9.eE]*\).*/\1/p" "$2" | head -n 1; }

# row NAME WANTED: trains RUNS times, prints one row; false when the mean is below WANTED percent
row() {
    if ! { "$halogat" import "$HALOGAT_DATA/$1.npz" -o "$work/$1.h5" &&
        "${mpirun[@]}" -n "${RANKS:-1}" "$halogat" train "$work/$1.h5" --out "$work/$1" --runs "$runs" --quiet \
            "${options[@]}"; } >"$work/log" 2>&1; then
        cat "$work/log" >&2
        return 1
    fi
    awk -v name="$1" -v wanted="$2" -v runs="$runs" -v mean="$(number mean "$work/$1/summary.json")" \
        -v std="$(number std "$work/$1/summary.json")" 'BEGIN {
            met = 100 * mean >= wanted
            printf "| %s | %d | %.2f +- %.2f | %.1f | %s |\n", name, runs, 100 * mean, 100 * std, wanted,
                   met ? "met" : "missed"
            exit !met
        }'
}

echo "| set | runs | test accuracy, % | at least | |"
echo "|---|---|---|---|---|"
result=0
row cora 82.7 || result=1
row citeseer 71.8 || result=1
exit $result
