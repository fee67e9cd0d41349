#!/bin/bash
# bench/memory.sh: peak memory of the largest rank of `import`, `partition` and `train` on 1, 2, 4 and 8 ranks, beyond
# what the same step needs for a tiny graph, as a Markdown table (docs/performance.md). Where memory falls as it should,
# that times the number of ranks stays as it is on one rank, but for the halo of a training, which the last column
# shows: rows of other ranks over own rows of the rank that has most.
# Edges: EDGES (default 16777216) of EDGES / 16 nodes: for import, with degrees as uneven as those of a web graph,
# written by awk; for the others generated (R-MAT), with 64 features. HALOGAT (default build/halogat).
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
halogat=$(realpath "${HALOGAT:-$here/../build/halogat}")
edges=${EDGES:-16777216}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# most RANKS ARGUMENTS: KiB of the largest rank
most() {
    rm -f "$work/time"
    OMP_NUM_THREADS=1 "$here/../tests/mpirun.sh" "$1" /usr/bin/time -a -o "$work/time" -f %M "$halogat" "${@:2}" --quiet
    sort -n "$work/time" | tail -n 1
}

# row STEP RANKS KIB_OF_GRAPH KIB_OF_TINY HALO
row() {
    local beyond=$(($3 - $4))
    [ "$2" -gt 1 ] || alone=$beyond
    awk -v step="$1" -v ranks="$2" -v kib="$beyond" -v alone="$alone" -v halo="$5" 'BEGIN {
        printf "| %s | %d | %.0f | %.2f | %s |\n", step, ranks, kib / 1024, kib * ranks / alone, halo }'
}

awk -v edges="$edges" -f "$here/edge_list.awk" >"$work/large.tsv"
printf '0\t1\n' >"$work/tiny.tsv"
"$halogat" generate rmat --nodes $((edges / 16)) --edges "$edges" --features 64 --classes 16 -o "$work/large.h5" --quiet
"$halogat" generate rmat --nodes 64 --edges 256 --features 64 --classes 16 -o "$work/tiny.h5" --quiet
for graph in large tiny; do
    "$halogat" partition "$work/$graph.h5" --partitioner cluster --ranks 1,2,4,8 -o "$work/$graph-cells.h5" --json \
        >"$work/$graph.json"
done
mapfile -t halo < <(grep -o '"max_halo": [0-9]*' "$work/large.json" | cut -d ' ' -f 2)

echo "| step | ranks | MiB of the largest rank | times ranks, over that of one rank | halo rows / own rows |"
echo "|---|---|---|---|---|"
# step NAME INPUT ARGUMENTS: its rows; GRAPH in INPUT stands for the name of a graph
step() {
    local k=0 large tiny share
    for ranks in 1 2 4 8; do
        large=$(most $ranks "${@:3}" "$work/${2/GRAPH/large}")
        tiny=$(most $ranks "${@:3}" "$work/${2/GRAPH/tiny}")
        share=
        [ "$1" != train ] || share=$(awk -v h="${halo[k]}" -v n=$((edges / 16 / ranks)) \
            'BEGIN { printf "%.2f", h / n }')
        row "$1" $ranks "$large" "$tiny" "$share"
        k=$((k + 1))
    done
}
step import GRAPH.tsv import -o "$work/out.h5"
step partition GRAPH.h5 partition --partitioner cluster -o "$work/out.h5"
step train GRAPH-cells.h5 train --out "$work/run" --overwrite --heads 8,1 --hidden 8 --epochs 2
