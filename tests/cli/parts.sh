#!/bin/sh
# Cells from the parts of another program, and by clusters: the same on every number of ranks; wrong files are named.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

hash() { h5dump -d /node/original -d /cells/offsets "$1" | tail -n +2 | sha256sum; }

"$halogat" generate sbm -o g.h5 --nodes 3000 --edges 30000 --features 8 --classes 5 --quiet
for method in cluster file:parts file:parts.gz; do
    i=0
    while [ $i -lt 3000 ]; do echo $((i % 7 * 3)) && i=$((i + 1)); done >parts
    gzip -kf parts
    for ranks in 1 2 3; do
        quick $ranks partition g.h5 -o cells-$ranks.h5 --partitioner $method --cells 20 --quiet || wrong "$method"
        [ "$(hash cells-$ranks.h5)" = "$(hash cells-1.h5)" ] || wrong "$method: other cells on $ranks ranks"
    done
    "$halogat" info cells-1.h5 --check >/dev/null || wrong "$method: info --check"
done
# seven parts of equal size, of 20 cells: three each
"$halogat" info cells-1.h5 --json | tr -d ' \n' | grep -q '"cells":{"count":21,' || wrong "seven parts: not 21 cells"

# the method that is chosen, and why
"$halogat" partition g.h5 -o cells.h5 --ranks 2 >out
grep -q '^partitioner  *metis$' out || wrong "no partitioner: $(cat out)"
grep -q '^Cells are cut by metis, as the graph has fewer than 20000000 edges' out || wrong "no reason: $(cat out)"

# training makes the same cells in memory, and a path needs no care
mkdir "it's a \"folder\": #1"
cp parts "it's a \"folder\": #1/p"
train="--hidden 4 --heads 2,1 --epochs 3 --quiet"
# shellcheck disable=SC2086 # a list of options
{
    "$halogat" train cells-1.h5 --out ordered $train
    quick 2 train g.h5 --out here $train --cells 20 --partitioner "file:it's a \"folder\": #1/p"
    "$halogat" train g.h5 --out here $train --cells 20 --partitioner "file:it's a \"folder\": #1/p" --resume --epochs 5
    "$halogat" train cells-1.h5 --out ordered $train --resume --epochs 5
}
[ "$(hash_of here)" = "$(hash_of ordered)" ] || wrong "trained in memory: other parameters"
"$halogat" eval g.h5 --checkpoint here >/dev/null || wrong "eval takes the parts of the checkpoint"

# refuses PATTERN FILE: exit code 1 and one line
refuses() {
    for ranks in 1 3; do
        result=0
        quick $ranks partition g.h5 -o no.h5 --partitioner "file:$2" >out 2>err || result=$?
        [ $result -eq 1 ] || wrong "$2: exit $result"
        [ "$(grep -c '^halogat' err)" -eq 1 ] || wrong "$2: not one line: $(cat err)"
        grep -Eq "^halogat partition: $1" err || wrong "$2: $(cat err)"
        [ ! -e no.h5 ] || wrong "$2: wrote no.h5"
    done
}
refuses 'absent: ' absent
head -n 2999 parts >short
refuses 'short: has 2999 lines, but the graph has 3000 nodes$' short
(cat parts && echo 1) >long
refuses 'long: line 3001: the graph has only 3000 nodes$' long
sed '17s/.*/one/' parts >word
refuses 'word: line 17: is not the number of a part: one$' word
sed '2900s/.*/-1/' parts >negative
refuses 'negative: line 2900: the number of a part is at least 0 and below 1048576: -1$' negative
sed '3s/.*/1048576/' parts >large
refuses 'large: line 3: the number of a part' large
refuses '.*: ' g.h5
(cat parts && printf '\n  \n') >blank
quick 2 partition g.h5 -o cells-2.h5 --partitioner file:blank --cells 20 --quiet || wrong "blank lines at the end"
result=0
"$halogat" partition g.h5 -o no.h5 --partitioner file: 2>err || result=$?
[ $result -eq 2 ] || wrong "file: without a path: exit $result, $(cat err)"
"$halogat" partition g.h5 -o parts --partitioner file:parts 2>err && wrong "the parts are replaced"
grep -q 'parts is read as well (--partitioner)' err || wrong "the parts are replaced: $(cat err)"
finish
