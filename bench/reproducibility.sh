#!/bin/bash
# bench/reproducibility.sh [--peers]: does a training give the same bits again, on other ranks and threads? Prints a
# Markdown table (docs/reproducibility.md) of two measurements:
#   small  random small graphs and models (tests/test_matrix.c): each is trained on one rank, and again on ranks,
#          threads and a file layout drawn at random; compares parameters, metrics, predictions and attention
#   large  an R-MAT graph of 20,000 edges: the program on ranks and threads drawn at random; compares parameters
# --peers does the same with PyTorch Geometric on the same graphs: one thread twice, two threads instead of one, two
# threads twice.
#
# PAIRS (default 1000) of the small graphs, SEEDS (default 20) of the large graph, SEED (default 1) of the first one.
# BUILD (default build-double): folder of halogat and tests/test_matrix. PYG: a Python with torch, torch_geometric and
# h5py (default: the one that bench/peers.py makes).
set -euo pipefail
cd "$(dirname "$0")/.."
pairs=${PAIRS:-1000} seeds=${SEEDS:-20} seed=${SEED:-1}
build=$(cd "${BUILD:-build-double}" && pwd)
peers=
case ${1:-} in
"") ;;
--peers) peers=yes ;;
*)
    echo "usage: bench/reproducibility.sh [--peers]" >&2
    exit 2
    ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/small" "$work/large"

# row GRAPHS WHAT TRAINED DIFFERENT
row() { printf '| %s | %s | %s | %s |\n' "$@"; }

# peer GRAPHS FOLDER OPTION...: rows of PyTorch Geometric on the graphs in a folder
peer() {
    local graphs=$1 count again two two_again
    shift
    read -r count again two two_again < <("$PYG" bench/peer_reproducibility.py "$@")
    row "$graphs" "PyTorch Geometric, 1 thread, again" "$count" "$again"
    row "$graphs" "PyTorch Geometric, 2 threads instead of 1" "$count" "$two"
    row "$graphs" "PyTorch Geometric, 2 threads, again" "$count" "$two_again"
}

# train SEED RANKS THREADS: the hash of the parameters that the program ends with on the large graph
train() {
    OMP_NUM_THREADS=$3 tests/mpirun.sh "$2" "$build/halogat" train "$work/large/rmat.h5" --out "$work/run" --overwrite \
        --quiet --seed "$1" --threads "$3" --heads 8,1 --hidden 8 --dropout 0.4 --attn-dropout 0.3 --epochs 4
    sed -n 's/.*"params_sha256": "\(.*\)".*/\1/p' "$work/run/summary.json"
}

# large: of SEEDS seeds, how many give other parameters on other ranks and threads
large() {
    local different=0 k one
    RANDOM=$seed
    for ((k = seed; k < seed + seeds; k++)); do
        one=$(train "$k" 1 1)
        [ "$(train "$k" $((1 + RANDOM % 8)) $((1 + RANDOM % 5)))" = "$one" ] || different=$((different + 1))
    done
    echo "$different"
}

echo "| graphs | | trained again | different |"
echo "|---|---|---|---|"
HG_TEST_PAIRS=$pairs HG_TEST_SEED=$seed tests/mpirun.sh 8 "$build/tests/test_matrix" >"$work/log" 2>&1 || true
read -r count different < <(sed -n 's/.*pairs \([0-9]*\) differing \([0-9]*\)$/\1 \2/p' "$work/log" | tail -n 1) || {
    cat "$work/log"
    exit 1
}
row "random, at most 160 nodes" "halogat, other ranks, threads, layout" "$count" "$different"
if [ -n "$peers" ]; then
    : "${PYG:=$(cd bench && python3 -c 'import peers; print(peers.environment("pyg"))')}"
    HG_TEST_KEEP=$work/small HG_TEST_PAIRS=$pairs HG_TEST_SEED=$seed \
        tests/mpirun.sh 1 "$build/tests/test_matrix" >/dev/null 2>&1
    rm -f "$work"/small/*-[1-9].h5 # the other layouts
    peer "random, at most 160 nodes" "$work/small"
fi
"$build/halogat" generate rmat -o "$work/large/rmat.h5" --nodes 2000 --edges 20000 --features 32 --classes 8 --quiet
large_different=$(large)
row "R-MAT, 20,000 edges" "halogat, other ranks and threads" "$seeds" "$large_different"
if [ -n "$peers" ]; then
    echo "heads 8, last-heads 1, width 8, layers 2, concat yes, dropout 0.4, attn-dropout 0.3, activation elu," \
        "bias yes, residual no, loops added, optimizer adam, task single-label, seed $seed" >"$work/large/rmat.txt"
    peer "R-MAT, 20,000 edges" "$work/large" --seeds "$seeds"
fi
[ "$different" -eq 0 ] && [ "$large_different" -eq 0 ]
