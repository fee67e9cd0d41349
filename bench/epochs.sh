#!/bin/bash
# bench/epochs.sh: seconds per training epoch and peak memory, as rows of a Markdown table (docs/performance.md).
# Graphs: Cora, the package graph of jobs/quickstart.sh, and an R-MAT graph of 131,072 nodes and 2.55 M edges; each on
# 1 rank, on 1 rank of 2 threads, and on 2 ranks. Run it alone on the machine.
#
# Graphs whose files are missing (HALOGAT_DATA/cora.npz, build/quickstart/cells.h5) are left out. ROUNDS (default 3):
# each row is measured this many times, in turn, and the median is printed. HALOGAT (default build/halogat) may be
# set.
set -euo pipefail
cd "$(dirname "$0")/.."
halogat=${HALOGAT:-build/halogat}
rounds=${ROUNDS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mpirun=(mpirun --oversubscribe --bind-to none)
[ "$(id -u)" -ne 0 ] || mpirun+=(--allow-run-as-root)
export OMPI_MCA_btl_vader_single_copy_mechanism=none

# number KEY DIR: a number of a run's summary
number() { sed -n "s/.*\"$1\": *\([-+0-9.eE]*\).*/\1/p" "$2/summary.json" | head -n 1; }
# peak DIR: the largest rank's peak memory in MiB
peak() { awk '/"peak_memory_bytes"/ { on = 1; next } on && /]/ { exit } on { x = $1 + 0; if (x > most) most = x }
              END { printf "%.0f", most / 1048576 }' "$1/summary.json"; }

# measure NAME RANKS THREADS GRAPH OPTION...: adds a line to $work/lines
measure() {
    local name=$1 ranks=$2 threads=$3 graph=$4
    shift 4
    OMP_NUM_THREADS=$threads "${mpirun[@]}" -n "$ranks" "$halogat" train "$graph" --out "$work/run" --overwrite \
        --threads "$threads" --eval-every 100000 --quiet "$@"
    printf '%s\t%s x %s\t%s\t%s\t%s\n' "$name" "$ranks" "$threads" "$(number seconds_per_epoch "$work/run")" \
        "$(peak "$work/run")" "$(number exact_sums "$work/run")" >>"$work/lines"
}

# each_way NAME GRAPH OPTION...
each_way() {
    local name=$1 graph=$2
    shift 2
    measure "$name" 1 1 "$graph" "$@"
    measure "$name" 1 2 "$graph" "$@"
    measure "$name" 2 1 "$graph" "$@"
}

"$halogat" generate rmat -o "$work/rmat.h5" --nodes 131072 --edges 2550000 --features 128 --classes 40 --seed 1 --quiet
"$halogat" partition "$work/rmat.h5" -o "$work/rmat-cells.h5" --quiet
if [ -f "${HALOGAT_DATA:-}/cora.npz" ]; then "$halogat" import "$HALOGAT_DATA/cora.npz" -o "$work/cora.h5" --quiet; fi

for ((round = 0; round < rounds; round++)); do
    [ ! -f "$work/cora.h5" ] || each_way "Cora, published settings" "$work/cora.h5" --recipe gat-cora --epochs 200
    [ ! -f build/quickstart/cells.h5 ] ||
        each_way "packages, 4 x 16" build/quickstart/cells.h5 --heads 4,1 --hidden 16 --residual --epochs 8
    each_way "R-MAT, 8 x 8" "$work/rmat-cells.h5" --heads 8,1 --hidden 8 --epochs 8
done

echo "| graph | ranks x threads | seconds per epoch | peak MiB of a rank | exact sums, % |"
echo "|---|---|---|---|---|"
sort -t "$(printf '\t')" -k 1,1 -k 2,2 -k 3,3g "$work/lines" | awk -F '\t' -v rounds="$rounds" '
    (NR - 1) % rounds == int((rounds - 1) / 2) {
        printf "| %s | %s | %.4g | %s | %.1f |\n", $1, $2, $3, $4, 100 * $5 / $3
    }'
