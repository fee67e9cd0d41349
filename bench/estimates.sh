#!/bin/sh
# Prints the table "One copy per machine, partial sums" of docs/performance.md: `halogat partition --estimate` for graph
# files in imported order.
# Usage: bench/estimates.sh GRAPH.h5...; RANKS=4,16, RANKS_PER_NODE=4, ROW_BYTES=256,352, HALOGAT=build/halogat
set -eu
here=$(cd "$(dirname "$0")" && pwd)
halogat=${HALOGAT:-$here/../build/halogat}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo '| graph | ranks | halo rows per node | one copy per machine | rows | sums | rows and sums |'
echo '|---|---|---|---|---|---|---|'
for graph; do
    "$halogat" partition "$graph" -o "$work/cells.h5" --ranks "${RANKS:-4,16}" --estimate --json \
        --ranks-per-node "${RANKS_PER_NODE:-4}" --row-bytes "${ROW_BYTES:-256,352}" >"$work/json"
    python3 - "$(basename "$graph" .h5)" "$work/json" <<'END'
import json, sys
all = json.load(open(sys.argv[2]))
for p, e in zip(all["partition"], all["estimate"]):
    shared = f"{e['shared_ratio']:.2f}" if e["between_nodes"] else ""
    print(f"| {sys.argv[1]} | {e['ranks']} | {p['halo_rows'] / all['num_nodes']:.2f} | {shared} "
          f"| {e['rows']:,} | {e['sums']:,} | {e['sums_ratio']:.2f} |")
END
done
