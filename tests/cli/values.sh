#!/bin/sh
# Data sets as users have them, from the file to what the graph file holds and what the program says: nothing is
# misread, on 1 and 3 ranks.
# (Every form that is read or refused: test_import_text.c, test_import_values.c, test_import_errors.c.)
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

# imports WHAT ARGUMENT...: halogat import ARGUMENT... -o graph.h5, the same on 1 and 3 ranks; what it prints goes into
# `said`
imports() {
    what=$1
    shift
    : >said
    rm -f graph*.h5
    for ranks in 1 3; do
        timeout 60 "$here/../mpirun.sh" "$(launch $ranks)" "$halogat" import "$@" -o graph.h5 >said-$ranks 2>err ||
            wrong "$what on $ranks ranks: $(cat err)"
        [ ! -f graph.h5 ] || mv graph.h5 graph-$ranks.h5
        cp said-$ranks said
    done
    cmp -s said-1 said-3 || wrong "$what: ranks say other things: $(cat said-1 said-3)"
    cmp -s graph-1.h5 graph-3.h5 || wrong "$what: ranks write other files"
}

says() { # says LINE: the last import printed this line
    grep -Fxq -- "$1" said || wrong "$what: no line '$1' in: $(cat said)"
}

holds() { # holds SET NUMBERS: what the last import wrote
    got=$(h5dump -y -w 0 -d "$1" graph-1.h5 2>&1 | sed '1,/DATA {/d; /}/,$d' |
        sed 's,TRUE,1,g; s,FALSE,0,g' | tr -s ', \n' ' ')
    [ "$got" = " $2 " ] || wrong "$what: $1 is$got, not $2"
}

# refuses WHAT PATTERN ARGUMENT...: exit 1 and one line, on 1 and 3 ranks
refuses() {
    what=$1 pattern=$2
    shift 2
    for ranks in 1 3; do
        result=0
        timeout 60 "$here/../mpirun.sh" "$(launch $ranks)" "$halogat" import "$@" -o none.h5 >out 2>err || result=$?
        [ $result -eq 1 ] || wrong "$what on $ranks ranks: exit $result"
        grep -Eq -- "^halogat import: $pattern" err || wrong "$what on $ranks ranks: no '$pattern' in: $(cat err)"
        [ ! -e none.h5 ] || wrong "$what on $ranks ranks: left a file"
        rm -f none.h5
    done
}

lines() { # lines WORD...: a word a line
    printf '%s\n' "$@"
}

npz() { # npz FILE [NAME TYPE SHAPE NUMBERS]...: an archive of a ring of six nodes and further arrays
    file=$1
    shift
    perl "$here/npz.pl" "$file" edge_index '<i8' '(2, 6)' '0 1 2 3 4 5 1 2 3 4 5 0' num_nodes '<i8' '()' 6 "$@"
}

lines '0 1' '1 2' '2 3' '3 4' '4 5' '5 0' >ring.txt

# a byte-order mark: the first edge, label, and entry of a mask
bom=$(printf '\357\273\277')
lines "${bom}3,0" '0,1' '1,2' >marked.csv
imports 'a mark before edges' marked.csv
holds /graph/indices '3 0 1'
lines "${bom}2" 0 1 0 1 2 >marked.labels
lines "${bom}5" 2 >marked.ids
lines "${bom}1" 0 0 0 0 1 >marked.flags
imports 'a mark before labels and masks' ring.txt --labels marked.labels \
    --train-mask marked.ids --test-mask marked.flags
holds /node/y '2 0 1 0 1 2'
holds /node/split/train '0 0 1 0 0 1'
holds /node/split/test '1 0 0 0 0 1'

# columns are told by their names, and named
lines ,source,target 0,5,1 1,2,3 2,0,4 >index.csv
imports 'an index before the edges' index.csv
says 'index.csv: header: source, target; not read: a column without a name'
holds /graph/indices '5 2 0'
holds /graph/indptr '0 0 1 1 2 3 3'
lines target,source 1,5 3,2 >turned.csv
imports 'target before source' turned.csv
says 'turned.csv: header: target, source'
holds /graph/indices '5 2'
lines a,b,c 7,1,5 8,3,2 >other.csv
imports 'columns of other names' other.csv --columns source=c,target=b,feature=a
holds /graph/indices '5 2'
holds /graph/edge_attr '7 8'
lines id,target 3,1 0,0 5,2 1,1 4,1 2,0 >id.csv
imports 'labels by id' ring.txt --labels id.csv
says 'id.csv: header: id, target (label: target)'
holds /node/y '0 1 0 1 1 2'
# ... and what is no name is no header
lines 'x 1' '1 2' >first.txt
refuses 'a first line that is no edge' 'first\.txt: line 1: not a node id: x' first.txt
lines - 0 1 1 0 1 0 >first.labels
refuses 'a first line that is no label' 'first\.labels: line 1: not a number: -' ring.txt --labels first.labels

# MatrixMarket: entries are edges, counted from 1, values are features, both triangles
lines '%%MatrixMarket matrix coordinate real general' '% c' '4 4 3' '1 2 .5' '3 1 -2' '4 4 3' >general.mtx
imports 'a general matrix' general.mtx
says 'general.mtx: MatrixMarket: an entry (i, j) is an edge from node i - 1 to node j - 1, its value an edge feature'
holds /graph/indptr '0 1 2 2 3'
holds /graph/indices '2 0 3'
holds /graph/edge_attr '-2 0.5 3'
lines '%%MatrixMarket matrix coordinate pattern symmetric' '4 4 3' '2 1' '3 3' '4 2' >symmetric.mtx
imports 'a symmetric matrix' symmetric.mtx
holds /graph/indptr '0 1 3 4 5'
holds /graph/indices '1 0 3 2 1'
lines '%%MatrixMarket matrix coordinate integer skew-symmetric' '3 3 1' '3 1 2' >skew.mtx
imports 'a skew-symmetric matrix' skew.mtx
holds /graph/indices '2 0'
holds /graph/edge_attr '2 -2'

# flags are as many as nodes
lines 0 1 0 1 0 >five
lines 0 1 0 1 0 1 1 >seven
refuses 'five flags for six nodes' 'five: 5 lines of 0 and 1 for 6 nodes' ring.txt --train-mask five
refuses 'seven flags for six nodes' 'seven: 7 lines of 0 and 1 for 6 nodes' ring.txt --train-mask seven
lines True False True False False False >words
imports 'flags in words' ring.txt --train-mask words
holds /node/split/train '1 0 1 0 0 0'

# digits that float32 does not keep: said with their column, kept when asked for
npz digits.npz x '<f8' '(6, 2)' '1 1700000001 2 1700000061 3 1700000001 4 1700000061 5 1700000001 6 1700000061'
imports 'digits beyond float32' digits.npz
says 'x column 1: values differ only beyond float32; --keep-double keeps them'
imports 'digits that are kept' digits.npz --keep-double
holds /node/x '1 1.7e+09 2 1.7e+09 3 1.7e+09 4 1.7e+09 5 1.7e+09 6 1.7e+09'
h5dump -m %.0f -d /node/x graph-1.h5 | grep -q 1700000061 || wrong "--keep-double rounds"

# names are text
lines 001 002 003 010 011 012 >names
imports 'names of digits' ring.txt --names names
holds /node/name "$(printf '"%s" ' 001 002 003 010 011 012 | sed 's/ $//')"

# labels: what they may be besides what they are taken for is said, what they cannot be is refused
npz floats.npz y '<f8' '(6,)' '0 1 nan 2 -1 0'
imports 'classes as floats' floats.npz
says 'y: whole numbers as floats: classes? --task single-label'
imports 'floats that are classes' floats.npz --task single-label
holds /node/y '0 1 -1 2 -1 0'
npz hot.npz y '<i8' '(6, 3)' '1 0 0  0 1 0  0 0 1  0 1 0  1 0 0  0 0 1'
imports 'classes as one-hot rows' hot.npz
says 'y: one 1 in every row: one-hot classes? --task single-label'
imports 'one-hot rows that are classes' hot.npz --task single-label
holds /node/y '0 1 2 1 0 2'
lines 1 2 2 1 1 2 >counted
imports 'classes from 1' ring.txt --labels counted
says 'counted: class 0 has no node: are classes counted from 1?'
lines 0 1 -5 0 1 0 >low
refuses 'a class of -5' 'low: node 2, column 0: -5 is below -1' ring.txt --labels low
lines 0 1 10000000 0 1 0 >ghost
refuses 'a class of 10^7' 'ghost: class 10000000 for 6 nodes: more classes than nodes' ring.txt --labels ghost

# usual arrays are understood, others named, in either order of bytes
npz usual.npz edge_weight '<f4' '(6,)' '.5 1 1.5 2 2.5 3' train_idx '<i8' '(2,)' '4 1' pos '<f4' '(6,)' '0 0 0 0 0 0'
imports 'usual arrays' usual.npz
says 'edge_weight: read as edge feature 0'
says 'usual.npz: not read: pos'
holds /graph/edge_attr '3 0.5 1 1.5 2 2.5'
holds /node/split/train '0 1 0 0 1 0'
perl "$here/npz.pl" big.npz edge_index '>i8' '(2, 6)' '0 1 2 3 4 5 1 2 3 4 5 0' \
    x '>f8' '(6, 1)' '.5 1 2 4 8 -1' y '>i4' '(6,)' '0 1 2 2 1 0'
imports 'big-endian numbers' big.npz
holds /graph/indices '5 0 1 2 3 4'
holds /node/x '0.5 1 2 4 8 -1'
holds /node/y '0 1 2 2 1 0'

# a self-loop is its own reverse: its feature doubles, as PyTorch Geometric's to_undirected does
lines '0 0 5' '0 1 3' >loop.txt
imports 'a self-loop' loop.txt --undirected
holds /graph/edge_attr '10 3 3'

# rows whose sum is below 1 are divided by it, too: as if they had come so
lines 0 1 0 1 0 1 >classes
lines 1 1 1 0 0 0 >train
lines 0 0 0 1 1 1 >val.txt
matrix() { # matrix NUMBER...: six rows of two columns, written column by column
    lines '%%MatrixMarket matrix array real general' '6 2' "$@"
}
matrix .125 0 .25 .375 0 3 .125 0 0 .125 .5 1 >small.mtx
matrix .5 0 1 .75 0 .75 .5 0 0 .25 1 .25 >whole.mtx
for x in small whole; do
    imports "features $x" ring.txt --features $x.mtx --labels classes --train-mask train --val-mask val.txt
    for ranks in 1 3; do
        quick $ranks train graph-1.h5 --out "$x-$ranks" --heads 1 --epochs 3 --normalize-features row --quiet ||
            wrong "training on features $x"
        grep params_sha256 "$x-$ranks/summary.json" >>sums
    done
done
[ "$(sort -u sums | wc -l)" -eq 1 ] || wrong "rows whose sum is below 1 are not divided by it: $(cat sums)"

# of epochs with the best metric, the one with the smallest loss is the best
{
    lines '%%MatrixMarket matrix array real general' '6 2'
    lines 1 1 1 0 0 0 0 0 0 1 1 1
} >clear.mtx
lines '0 1' '1 2' '2 0' '3 4' '4 5' '5 3' >two.txt
lines 0 0 0 1 1 1 >classes
lines 0 3 >train
lines 1 4 >val.txt
imports 'two groups' two.txt --features clear.mtx --labels classes --train-mask train --val-mask val.txt
for ranks in 1 3; do
    quick $ranks train graph-1.h5 --out tie-$ranks --heads 1 --epochs 40 --lr 0.05 --quiet ||
        wrong "training on two groups"
    best=$(number best_epoch tie-$ranks/summary.json)
    awk -v said="$best" '
        { match($0, /"val_accuracy":[^,}]*/); metric = substr($0, RSTART + 15, RLENGTH - 15) + 0
          match($0, /"val_loss":[^,}]*/); loss = substr($0, RSTART + 11, RLENGTH - 11) + 0 }
        NR == 1 || metric > most || (metric == most && loss < least) { most = metric; least = loss; best = NR }
        metric == 1 { ties++ }
        END { exit !(best == said && ties > 10) }' tie-$ranks/metrics.jsonl ||
        wrong "ties on $ranks ranks: best epoch $best of $(cat tie-$ranks/metrics.jsonl)"
done

finish
