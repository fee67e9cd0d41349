#!/bin/bash
# Sizes at their bounds: nothing takes for ever, and what cannot be says so.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

# 100,000 copies of one edge under attention dropout: each has a number among them
awk 'BEGIN { for (k = 0; k < 100000; k++) print "0\t1"; print "1\t2\n2\t0" }' >copies.tsv
printf '0\n1\n0\n' >labels.txt
printf '%%%%MatrixMarket matrix array real general\n3 1\n1\n2\n3\n' >x.mtx
"$halogat" import copies.tsv --features x.mtx --labels labels.txt --train-mask labels.txt -o copies.h5 --quiet
timeout 10 "$halogat" train copies.h5 --out copies --heads 1 --attn-dropout 0.5 --epochs 2 --quiet ||
    wrong "copies of an edge take long"

finish
