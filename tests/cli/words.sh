#!/bin/bash
# Messages about mistakes, and about inputs that could be misread: one line that names the thing, the reason and what
# to do. Nothing from files or the command line can move a terminal's cursor.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

# says RANKS CODE LINE ARGUMENT...: exit code CODE, and exactly LINE from halogat on stderr
says() {
    ranks=$1 code=$2 line=$3 result=0
    shift 3
    quick "$ranks" "$@" >out 2>err || result=$?
    [ $result -eq "$code" ] || wrong "halogat $*: exit code $result, not $code"
    [ "$(grep -a '^halogat' err || true)" = "$line" ] || wrong "halogat $*: said '$(cat err)', not '$line'"
}

# controlled FILE: no control character but the newline, in bytes or as UTF-8
controlled() {
    if LC_ALL=C grep -q $'[\x01-\x09\x0b-\x1f\x7f]\|\xc2[\x80-\x9f]\|\xe2\x80\xae' "$1"; then
        wrong "control characters: $(od -c "$1" | head)"
    fi
}

# control characters in a name, in class names, in the name of an output and in an option
esc=$'\e[31mred'
"$halogat" generate sbm -o "$esc.h5" --nodes 60 --edges 400 --features 4 --classes 2 >line
[ "$(cut -d : -f 1 line)" = '\x1b[31mred.h5' ] || wrong "the name of an output is not escaped: $(od -c line | head)"
says 1 2 'halogat: \x1b[31mred: unknown verb (see halogat --help)' "$esc"
says 3 2 'halogat train: --lr: "\x1b[31mred\n" is not a number' train g.h5 --out run --lr "$esc"$'\n'
says 1 1 'halogat info: \xe9\u009b\u202e.h5: No such file or directory' info $'\xe9\xc2\x9b\xe2\x80\xae.h5'
printf '0\t1\n1\t0\n' >edges.tsv
printf '0\n1\n' >labels.txt
printf '\033[31mred\ngr\303\274n\302\233\n' >classes.txt
cp edges.tsv $'latin\xe9.tsv'
"$halogat" import $'latin\xe9.tsv' --labels labels.txt --class-names classes.txt -o $'latin\xe9.h5' >line
"$halogat" info $'latin\xe9.h5' >text
"$halogat" info $'latin\xe9.h5' --json >json
grep -q 'grün\\u009b' text || wrong "the name of a class is shown as $(cat text)"
for file in line text json; do controlled $file; done

# train draws the same split as import, on any number of ranks, for any order of the file, and for all runs; eval and
# predict know it from the checkpoint
sha() { grep '"params_sha256"' "$1/summary.json"; }
options='--heads 2,1 --hidden 4 --epochs 3 --dropout 0.2 --cells 4'
"$halogat" generate sbm -o masked.h5 --nodes 300 --edges 3000 --features 6 --classes 3 --quiet
"$halogat" import edges.tsv --labels labels.txt -o nolabel.h5 --quiet
awk 'BEGIN { srand(1); for (k = 0; k < 2400; k++) print int(200 * rand()) "\t" int(200 * rand()) }' >two.tsv
awk 'BEGIN { print "%%MatrixMarket matrix array real general\n200 3"
             for (k = 0; k < 600; k++) print k * k % 7 }' >two.mtx
awk 'BEGIN { for (k = 0; k < 200; k++) print k % 5 == 4 ? -1 : k % 2 }' >two.txt
for split in '' '--split-random 0.5,0.2 --seed 7'; do
    # shellcheck disable=SC2086 # a list of options
    "$halogat" import two.tsv --features two.mtx --labels two.txt --nodes 200 $split -o "two${split:+-split}.h5" --quiet
done
"$halogat" partition two.h5 -o cells.h5 --cells 4 --quiet
draws='--split-random 0.6,0.2 draws some of the labelled ones'
says 1 1 "halogat train: two.h5: has no training nodes (/node/split/train): $draws" train two.h5 --out none
# shellcheck disable=SC2086 # lists of options
{
    "$halogat" train two-split.h5 --out want $options --seed 7 --quiet
    quick 3 train two.h5 --out drawn $options --split-random 0.5,0.2 --seed 7 >text
    quick 1 train cells.h5 --out series $options --split-random 0.5,0.2 --seed 6 --split-seed 7 --runs 2 >series.text
    quick 1 train masked.h5 --out masked $options --split-random 0.3,0.3 >masked.text
}
[ "$(sha want)" = "$(sha drawn)" ] || wrong "train on 3 ranks draws another split than import"
[ "$(sha want)" = "$(sha series/run-1)" ] || wrong "the second run of a series has another split"
grep -q '^split drawn with seed 7: train 80, val 32, test 48$' text || wrong "the split is not told: $(cat text)"
grep -q '^split drawn with seed 0: train 90, val 90, test 120; the masks of the file are left alone$' masked.text ||
    wrong "the replaced masks are not told: $(cat masked.text)"
grep -q '^run 2/2  epoch 3/3 ' series.text || wrong "the lines of a series do not tell the run: $(cat series.text)"
grep -q '^run 2/2: best epoch ' series.text || wrong "the outcome does not tell the run: $(cat series.text)"
grep -q 'run 1/1' text && wrong "one run is told as a series"
"$halogat" eval two-split.h5 --checkpoint want/best.h5 >want.eval
quick 3 eval cells.h5 --checkpoint drawn/best.h5 >drawn.eval
cmp -s want.eval drawn.eval || wrong "eval does not know the split that train drew: $(cat drawn.eval)"
"$halogat" predict nolabel.h5 --checkpoint drawn/best.h5 -o out.h5 2>err &&
    wrong "a graph without features is predicted"

# summary.json is a configuration that repeats the run, or the series; its options have their types
grep -Eq '^ +"dropout": 0\.2[0-9]*,?$' drawn/summary.json || wrong "dropout is no number in $(cat drawn/summary.json)"
tr -d ' \n' <drawn/summary.json | grep -q '"heads":\[2,1\].*"concat":true.*"activation":"elu".*"epochs":3,' ||
    wrong "options have no types in $(cat drawn/summary.json)"
quick 3 train cells.h5 --out again --config drawn/summary.json --quiet
[ "$(sha want)" = "$(sha again)" ] || wrong "--config summary.json is another run"
"$halogat" train two.h5 --out series-again --config series/summary.json --quiet
for run in run-0 run-1; do
    [ "$(sha series/$run)" = "$(sha series-again/$run)" ] || wrong "--config summary.json of a series is another one"
done
"$halogat" train two.h5 --out run-again --config series/run-1/summary.json --quiet
[ "$(sha want)" = "$(sha run-again)" ] || wrong "--config summary.json of one run of a series is another one"

# an input of another kind: what it is, and what makes a graph file of it; the same for every verb
zip() { # zip NAME: the start of an archive whose first entry has that name of 14 bytes
    printf 'PK\003\004\024\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\016\0\0\0%s' "$1"
}
zip edge_index.npy >data.npz
cp data.npz 'my data'
zip model/data.pkl >model.pt
zip a/readme_1.txt >some.zip
printf '\223NUMPY\001\000' >one.npy
gzip -c edges.tsv >edges.gz
head -c 999 /dev/zero >zeros
: >nothing
mkdir folder
cp "$here/../golden/gat_two_layer.h5" pyg.h5
other() { # other FILE REASON: said by every verb that wants a graph file
    says 1 1 "halogat train: $1: $2" train "$1" --out none
    says 1 1 "halogat eval: $1: $2" eval "$1" --checkpoint drawn
    says 1 1 "halogat predict: $1: $2" predict "$1" --checkpoint drawn -o none.h5
    says 1 1 "halogat explain: $1: $2" explain "$1" --checkpoint drawn -o none.h5
    says 1 1 "halogat partition: $1: $2" partition "$1" -o none.h5
    [ ! -e none.h5 ] || wrong "$1: an output is left"
}
makes='-o graph.h5 makes a graph file of it'
other data.npz "is a NumPy archive: halogat import data.npz $makes"
says 3 1 "halogat train: my data: is a NumPy archive: halogat import 'my data' $makes" train 'my data' --out none
savez='numpy.savez puts edge_index, x and y into one file, which import reads'
while IFS='|' read -r file reason; do
    says 1 1 "halogat info: $file: $reason" info "$file"
    says 1 1 "halogat partition: $file: $reason" partition "$file" -o none.h5
done <<LIST
data.npz|is a NumPy archive: halogat import data.npz $makes
one.npy|is one NumPy array: $savez
model.pt|is a PyTorch file: $savez
some.zip|is a ZIP archive, not a graph file
edges.gz|is a compressed file: halogat import edges.gz $makes
edges.tsv|is text: halogat import edges.tsv -o graph.h5 makes a graph file of an edge list
two.mtx|is a matrix (MatrixMarket): halogat import two.mtx $makes
pyg.h5|is an HDF5 file with edge_index: halogat import pyg.h5 $makes
zeros|is of an unknown format, not a graph file
nothing|is empty
LIST
says 1 1 'halogat train: want/best.h5: is a checkpoint, not a graph file' train want/best.h5 --out none
says 1 1 'halogat train: want: is the folder of a run, not a graph file' train want --out none
says 1 1 'halogat train: folder: is a folder, not a graph file' train folder --out none
says 1 1 'halogat eval: two.h5: is a graph file, not a checkpoint' eval want/best.h5 --checkpoint two.h5
says 1 1 'halogat eval: data.npz: is a NumPy archive, not a checkpoint' eval two.h5 --checkpoint data.npz
says 1 1 'halogat import: two.h5: is a graph file, not a data set to import' import two.h5 -o none.h5

# the folder of a run means its best.h5; with --config its summary.json
quick 3 eval two-split.h5 --checkpoint want/ >folder.eval
cmp -s want.eval folder.eval || wrong "--checkpoint DIR is not DIR/best.h5: $(cat folder.eval)"
quick 1 info want | grep -q '^format *halogat-checkpoint$' || wrong "info DIR does not show DIR/best.h5"
for init in want want/best.h5; do
    # shellcheck disable=SC2086 # a list of options
    "$halogat" train two-split.h5 --out "init-$(basename $init)" $options --init $init --quiet
done
[ "$(sha init-want)" = "$(sha init-best.h5)" ] || wrong "--init DIR is not DIR/best.h5"
"$halogat" train two.h5 --out config-folder --config drawn --quiet
[ "$(sha want)" = "$(sha config-folder)" ] || wrong "--config DIR is not DIR/summary.json"
says 1 1 'halogat eval: series: is the folder of a series: name one of its runs, as series/run-0' \
    eval two.h5 --checkpoint series
says 3 1 'halogat eval: folder: is a folder without best.h5' eval two.h5 --checkpoint folder

# files and folders as outputs
says 3 1 'halogat train: edges.tsv: is a file, not a folder' train two-split.h5 --out edges.tsv
says 1 1 'halogat train: edges.tsv: is a file, not a folder' train two-split.h5 --out edges.tsv/run
says 3 1 'halogat partition: folder: is a folder, not a file' partition two.h5 -o folder
says 1 1 'halogat predict: folder: is a folder, not a file' predict two.h5 --checkpoint want -o pred.h5 --text folder
# partition: what the columns are, and a verdict in words; METIS on the whole graph only when asked for
"$halogat" generate sbm -o blocks.h5 --nodes 4000 --edges 24000 --features 4 --classes 4 --quiet
quick 3 partition blocks.h5 -o none.h5 --ranks 1,2,3 >text
for column in edge_cut halo_rows max_halo node_balance edge_balance interior_share; do
    grep -Eq "^  $column +[a-z]" text || wrong "partition does not explain $column: $(cat text)"
done
computes='computes within [0-9]+ % of the mean'
receives='receives [0-9]+\.[0-9] rows per own row'
grep -Eq "^On 2 ranks each rank $computes and $receives: (good|fair|poor)" text ||
    wrong "partition gives no verdict: $(cat text)"
grep -q '^On 3 ranks ' text || wrong "partition gives no verdict for 3 ranks: $(cat text)"
tail -n 2 text | grep -Eq '^(Up to|More than) [0-9]+ ranks? .*worth it' ||
    wrong "partition does not end with how many ranks are worth it: $(cat text)"
grep -q 'metis_halo' text && wrong "METIS is compared unasked"
"$halogat" partition blocks.h5 -o none.h5 --ranks 2 --cells 2 --json --compare-metis >json
[ "$(number metis_halo_rows json)" -gt 0 ] || wrong "--compare-metis: $(cat json)"
grep -q '"halo_ratio"' json || wrong "--compare-metis without ratio: $(cat json)"
grep -q '^estimate: ' text && wrong "what would travel is estimated unasked"
quick 2 partition blocks.h5 -o none.h5 --ranks 1,4 --estimate --row-bytes 256,352 >text
for column in halo_bytes between_nodes shared_bytes 'rows, sums' sums_bytes; do
    grep -Eq "^  $column +[a-z]" text || wrong "partition does not explain $column: $(cat text)"
done
grep -q '^estimate: .*; a row has 256, a partial sum 352$' text ||
    wrong "--row-bytes: $(cat text)"
for ranks in 1 3; do
    quick $ranks partition blocks.h5 -o none.h5 --ranks 4 --ranks-per-node 2 --estimate --json >timed
    sed '/"step_seconds"/,/}/d' timed >estimate-$ranks
    [ "$(number sums_bytes estimate-$ranks)" -lt "$(number halo_bytes estimate-$ranks)" ] ||
        wrong "partial sums save nothing: $(cat estimate-$ranks)"
done
cmp -s estimate-1 estimate-3 || wrong "the estimate depends on the ranks that make it: $(diff estimate-1 estimate-3)"
"$halogat" partition blocks.h5 -o none.h5 --row-bytes 1,2,3 2>err && wrong "three --row-bytes are accepted"
grep -q -e '--row-bytes: gives 3 numbers' err || wrong "--row-bytes: $(cat err)"
"$halogat" partition blocks.h5 -o none.h5 --ranks 2,5000 --estimate 2>err && wrong "5000 ranks are estimated"
grep -q -e '--estimate: at most 4096 ranks, not 5000' err || wrong "--estimate: $(cat err)"
"$halogat" partition blocks.h5 -o none.h5 --ranks 5 --cells 2 |
    grep -q '^On 5 ranks .*: poor; there are fewer cells than ranks' ||
    wrong "ranks without cells go unsaid"

# more parts than METIS can fill: it says so where results belong
for k in 1 2 3 4 5 6 7 8 9 10 11; do echo "0 $k"; done >star.tsv
"$halogat" import star.tsv -o star.h5 --undirected --quiet
for cells in 4 8 12; do
    "$halogat" partition star.h5 -o star-$cells.h5 --cells $cells --ranks 4,16 --json >json
    [ "$(head -c 1 json)" = '{' ] || wrong "partition into $cells cells: $(head -n 1 json)"
done

# equal splits are told once
{
    echo '%%MatrixMarket matrix array real general'
    echo '6 2'
    yes 1 | head -n 12
} >six.mtx
printf '%s\n' '0 1' '1 2' '2 3' '3 4' '4 5' '5 0' >six.txt
printf '0\n1\n0\n1\n0\n1\n' >six.labels
"$halogat" import six.txt --features six.mtx --labels six.labels --split-random 0.5,0.2 -o six.h5 --quiet
"$halogat" info six.h5 | grep -q '^splits *train 3, val 1, test 2$' || wrong "one split is told otherwise"
printf '0 1 2 3 4 5\n1 2 3 4 5 0\n' >ends
yes '1 0' | head -n 6 >x
printf '1 1 0\n1 1 1\n0 0 0\n0 0 0\n0 0 0\n0 0 1\n' >train
printf '0 0 0\n0 0 0\n1 1 0\n0 0 0\n0 0 0\n0 0 0\n' >validation
many() { # many FILE SPLIT...: six nodes with masks of three columns
    file=$1
    shift
    set -- ends -d 2,6 -p edge_index -t TEXTIN -s 32 x -d 6,2 -p x -t TEXTIN -s 32 \
        six.labels -d 6 -p y -t TEXTIN -s 32 "$@"
    h5import "$@" -o "$file.hdf5" >out
    "$halogat" import "$file.hdf5" -o "$file.h5" --quiet
}
many equal train -d 6,3 -p train_mask -t TEXTIN -s 32
many unequal train -d 6,3 -p train_mask -t TEXTIN -s 32 validation -d 6,3 -p val_mask -t TEXTIN -s 32
"$halogat" info equal.h5 | grep -q '^splits *3 splits: train 2, each$' ||
    wrong "equal splits: $("$halogat" info equal.h5)"
quick 3 info unequal.h5 | grep -q '^splits *3 splits: train 2, val 0 to 1$' ||
    wrong "unequal splits: $("$halogat" info unequal.h5)"
"$halogat" info equal.h5 --json | tr -d ' \n' | grep -q '"train":\[2,2,2\]' || wrong "splits in JSON are no lists"

finish
