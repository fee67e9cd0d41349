#!/bin/bash
# bench/accuracy.sh: compares accuracies with the published ones. Cora and Citeseer with the settings of the GAT
# paper, as PyTorch Geometric states them: 8 heads of 8, one output head, dropouts 0.6, L2 5e-4, row-normalised
# features, 300 epochs.
#
# The rule that chooses the best epoch matters as much as the model (docs/performance.md), so every rule has a row:
# best validation accuracy; least validation loss; the paper's rule, where neither may be worse than its best value so
# far. Prints test accuracy at that epoch, mean and standard deviation. Fails when no rule reaches the required mean
# of a set.
#
# HALOGAT_DATA: folder with cora.npz and citeseer.npz. RUNS (default 20), RANKS (default 1), HALO_DTYPE (default f32),
# HALOGAT (default build/halogat) may be set.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-20}
halogat=${HALOGAT:-build/halogat}
: "${HALOGAT_DATA:?is not set: the folder with cora.npz and citeseer.npz}"
options=(--heads "8,1" --hidden 8 --dropout 0.6 --attn-dropout 0.6 --lr 0.005 --weight-decay 5e-4
    --normalize-features row --epochs 300 --halo-dtype "${HALO_DTYPE:-f32}")
mpirun=(mpirun --oversubscribe --bind-to none)
[ "$(id -u)" -ne 0 ] || mpirun+=(--allow-run-as-root)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# number KEY FILE: a number of a run's summary
number() { sed -n "s/.*\"$1\": *\([-+0-9.eE]*\).*/\1/p" "$2" | head -n 1; }

# train NAME RULE: RUNS runs
train() {
    "${mpirun[@]}" -n "${RANKS:-1}" "$halogat" train "$work/$1.h5" --out "$work/$1" --overwrite --runs "$runs" --quiet \
        --monitor "$2" "${options[@]}"
}

# row NAME RULE WANTED: one row; false when the mean is below WANTED percent
row() {
    train "$1" "$2" || exit 1
    awk -v name="$1" -v rule="$2" -v wanted="$3" -v runs="$runs" -v mean="$(number mean "$work/$1/summary.json")" \
        -v std="$(number std "$work/$1/summary.json")" 'BEGIN {
            met = 100 * mean >= wanted
            printf "| %s | %s | %d | %.2f +- %.2f | %.1f | %s |\n", name, rule, runs, 100 * mean, 100 * std, wanted,
                   met ? "met" : "missed"
            exit !met
        }'
}

# rows NAME WANTED: false when no rule meets it
rows() {
    local met=1
    "$halogat" import "$HALOGAT_DATA/$1.npz" -o "$work/$1.h5" --quiet
    for rule in val_metric val_loss both; do
        if row "$1" "$rule" "$2"; then met=0; fi
    done
    return $met
}

echo "| data set | best epoch by | runs | test accuracy, % | at least | |"
echo "|---|---|---|---|---|---|"
result=0
rows cora 82.7 || result=1
rows citeseer 71.8 || result=1
exit $result
