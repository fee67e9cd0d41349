#!/bin/sh
# The same bits for every number of ranks and threads, compared in the program's files: params_sha256, every number of
# metrics.jsonl except times, predictions and attention coefficients. The graphs are larger than those of
# test_matrix.c: a star whose hub is split into parts, and Cora when HALOGAT_DATA is set.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

# results DIR: what must not depend on ranks and threads
results() {
    sed 's/,"seconds":[^}]*//' "$1/metrics.jsonl"
    grep '"params_sha256"' "$1/summary.json"
}

# same NAME FILE: FILE equals what the first call with NAME had
same() {
    [ -f "first-$1" ] || cp "$2" "first-$1"
    cmp -s "first-$1" "$2" || wrong "$1 depends on the number of ranks or threads"
}

# check NAME GRAPH OPTION...: trains on GRAPH in many ways
check() {
    name=$1 graph=$2
    shift 2
    for way in "1 1" "1 2" "2 2" "3 1" "4 2" "7 1"; do
        ranks=${way% *} threads=${way#* }
        rm -rf run
        export OMP_NUM_THREADS="$threads"
        quick "$ranks" train "$graph" --out run --epochs 5 --threads "$threads" --quiet "$@"
        results run >now
        [ "$(wc -l <now)" -eq 6 ] || wrong "$name has no 5 epochs"
        same "$name" now
        [ "$ranks" -le 3 ] || continue
        for verb in predict explain; do
            quick "$ranks" $verb "$graph" --checkpoint run/best.h5 -o out.h5 --quiet
            h5dump out.h5 >dump
            same "$name-$verb" dump
        done
    done
}

# a node whose edges are split into parts, both ways
awk 'BEGIN { for (i = 0; i < 20000; i++) if (i != 7000) print i "," 7000 }' >star.csv
awk 'BEGIN { for (i = 0; i < 20000; i++) print i * 7 % 5 }' >star.labels
{
    echo '%%MatrixMarket matrix coordinate real general'
    echo '20000 7 20000'
    awk 'BEGIN { for (i = 0; i < 20000; i++) print i + 1, i * i % 7 + 1, i % 13 - 6 }'
} >star.mtx
"$halogat" import star.csv --undirected --features star.mtx --labels star.labels --split-random 0.6,0.2 \
    -o star-imported.h5 --quiet
"$halogat" partition star-imported.h5 -o star.h5 --quiet
check star star.h5 --heads 4,3 --hidden 8 --dropout 0.3 --attn-dropout 0.4

if [ -f "${HALOGAT_DATA:-}/cora.npz" ]; then
    "$halogat" import "$HALOGAT_DATA/cora.npz" -o cora.h5 --quiet
    check cora cora.h5 --recipe gat-cora
else
    echo "Cora: skipped, HALOGAT_DATA is not set"
fi
finish
