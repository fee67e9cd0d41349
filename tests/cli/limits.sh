#!/bin/sh
# Beyond the limits of one message and of one rank (src/base/limits.h). The second argument is the program with limits
# of 200 bytes and 40,000 items: it gives the bits of the other one, and refuses more items by one line on all ranks.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"
large=$1 small=$2

refused() { # refused RANKS ITEMS ARGUMENT...: exit 1 and one line that ends with the advice
    ranks=$1 items=$2 result=0
    shift 2
    quick "$ranks" "$@" --quiet >text 2>err || result=$?
    [ $result -eq 1 ] || wrong "$*: exit $result"
    [ "$(grep -c '^halogat' err)" -eq 1 ] || wrong "$*: not one line: $(cat err)"
    grep -q ": $items on one rank, but at most 40000 are possible: use more ranks\$" err ||
        wrong "$*: no '$items' in: $(cat err)"
}

content() { "$large" info "$1" | sed -n 's/^content_sha256 *//p'; }

generate='generate sbm --nodes 3000 --edges 60000 --features 8 --classes 3 --seed 1'
train='train cells.h5 --epochs 2 --threads 1 --quiet'
# shellcheck disable=SC2086 # lists of arguments
{
    "$large" $generate -o graph.h5 --quiet
    "$large" partition graph.h5 -o cells.h5 --quiet
    "$large" $train --out one

    halogat=$small
    refused 1 '60000 edges' $generate -o no.h5
    on 3 $generate -o other.h5 --quiet
    [ "$(content graph.h5)" = "$(content other.h5)" ] || wrong 'small messages generate another graph'
    refused 1 '60000 edges' partition graph.h5 -o no.h5
    on 3 partition graph.h5 -o other-cells.h5 --quiet
    cmp -s cells.h5 other-cells.h5 || wrong 'small messages give another partition'
    refused 1 '60000 edges' $train --out no
    on 3 $train --out three
    [ "$(hash_of one)" = "$(hash_of three)" ] || wrong 'small messages give other parameters'
}
[ ! -e no.h5 ] || wrong 'a refused command left a file'
[ ! -e no ] || wrong 'a refused training left a folder'

# on one of two ranks only: edges into its nodes; in a directed graph, edges from one of them; nodes
awk 'BEGIN { for (k = 0; k < 45000; k++) print 100 + k % 899, k % 100 }' >into.txt
awk 'BEGIN { for (k = 0; k < 45000; k++) print 0, 1 + k % 999 }' >from.txt
awk 'BEGIN { print "%%MatrixMarket matrix array real general\n1000 1"; for (k = 0; k < 1000; k++) print k % 7 }' >x.mtx
"$large" import from.txt -o from.h5 --features x.mtx --quiet 2>err
refused 2 '45000 edges' import into.txt -o no.h5
refused 2 '[0-9]* edges from its nodes' train from.h5 --out no --epochs 1
echo '0 1' >few.txt
refused 1 '50000 nodes' import few.txt -o no.h5 --nodes 50000
finish
