#!/bin/bash
# bench/overlap.sh [GRAPH.h5...]: how much of the halo exchange is hidden behind work, between hosts whose links are
# limited to 1 Gbit/s and 500 Mbit/s: a Markdown table (docs/performance.md, "Exchange between hosts"), from which
# bench/pictures.sh draws a picture. The hosts are namespaces on this machine (tests/cluster/run.sh): it needs root and
# what tests/cluster/install.sh installs. Run it alone on the machine.
#
# GRAPH.h5: graph files in cell order (default: an R-MAT and a graph of communities, made here). HOSTS (default
# 2); RATES (default "none 1gbit 500mbit"); EPOCHS (default 15); OPTIONS of bench/exchange (default "--heads 8 --hidden
# 8"); HALOGAT (default build/halogat), beside which bench/exchange lies.
set -euo pipefail
cd "$(dirname "$0")/.."
HALOGAT=$(realpath "${HALOGAT:-build/halogat}")
export HALOGAT
hosts=${HOSTS:-2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -eq 0 ]; then
    "$HALOGAT" generate rmat --nodes 60000 --edges 1200000 --features 64 --classes 16 -o "$work/plain-rmat.h5" --quiet
    "$HALOGAT" generate sbm --nodes 60000 --edges 1200000 --features 64 --classes 16 -o "$work/plain-communities.h5" \
        --quiet
    for graph in rmat communities; do
        "$HALOGAT" partition "$work/plain-$graph.h5" -o "$work/$graph.h5" --quiet
        set -- "$@" "$work/$graph.h5"
    done
fi
cases=()
for graph; do
    for rate in ${RATES:-none 1gbit 500mbit}; do
        cases+=("hosts_overlap $hosts $rate ${EPOCHS:-15} $(realpath "$graph") ${OPTIONS:---heads 8 --hidden 8}")
    done
done
echo "| graph | link | heads x width | hosts x threads | MB | epoch, ms | bare exchange, ms | exposed, ms | hidden, % |"
echo "|---|---|---|---|---|---|---|---|---|"
tests/cluster/run.sh "${cases[@]}" | sed -n -e 's/^FAILED/&/p' \
    -e 's/^ok: hosts: exchange on [0-9]* links of \([^,]*\), \(.*\) ([0-9]* s; | \(.*\) |)$/| \2 | \1 | \3 |/p'
