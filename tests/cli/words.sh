#!/bin/bash
# What the program says when something is wrong, or could be misread: one line that names the thing, the reason and what to do; nothing
# from files or the command line moves a terminal's cursor.
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
    if LC_ALL=C grep -q $'[\x01-\x09\x0b-\x1f\x7f]\|\xc2[\x80-\x9f]\|\xe2\x80\xae' "$1"; then wrong "control characters: $(od -c "$1" | head)"; fi
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

# train draws a split as import does: the same one, whatever the ranks and the order of the file; the same for all runs; eval and predict
# know it from the checkpoint
sha() { grep '"params_sha256"' "$1/summary.json"; }
options='--heads 2,1 --hidden 4 --epochs 3 --dropout 0.2 --cells 4'
"$halogat" generate sbm -o masked.h5 --nodes 300 --edges 3000 --features 6 --classes 3 --quiet
"$halogat" import edges.tsv --labels labels.txt -o nolabel.h5 --quiet
awk 'BEGIN { srand(1); for (k = 0; k < 2400; k++) print int(200 * rand()) "\t" int(200 * rand()) }' >two.tsv
awk 'BEGIN { print "%%MatrixMarket matrix array real general\n200 3"; for (k = 0; k < 600; k++) print k * k % 7 }' >two.mtx
awk 'BEGIN { for (k = 0; k < 200; k++) print k % 5 == 4 ? -1 : k % 2 }' >two.txt
for split in '' '--split-random 0.5,0.2 --seed 7'; do
    # shellcheck disable=SC2086 # a list of options
    "$halogat" import two.tsv --features two.mtx --labels two.txt --nodes 200 $split -o "two${split:+-split}.h5" --quiet
done
"$halogat" partition two.h5 -o cells.h5 --cells 4 --quiet
says 1 1 'halogat train: two.h5: has no training nodes (/node/split/train): --split-random 0.6,0.2 draws some of the labelled ones' \
    train two.h5 --out none
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
"$halogat" predict nolabel.h5 --checkpoint drawn/best.h5 -o out.h5 2>err && wrong "a graph without features is predicted"

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

finish
