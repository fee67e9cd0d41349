#!/bin/sh
# Metrics that are not defined are null and reported, and there is still a best checkpoint. Numbers that float32
# cannot tell apart reach training. A filter that HDF5 does not have is named.
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

rows() { # rows FORMAT: a line for each of 24 nodes, i the number
    awk "BEGIN { for (i = 0; i < 24; i++) print $1 }"
}

says() { # says FILE TEXT: TEXT is in FILE
    grep -qF -- "$2" "$1" || wrong "\"$2\" is not in $1: $(head -n 5 "$1")"
}

no_nan() { # no_nan FILE...: JSON without numbers that JSON does not have
    grep -iE '(nan|inf(inity)?)[,} ]*$|: *-?(nan|inf)' "$@" && wrong "not JSON: $*"
}

rows 'i, (i + 1) % 24 "\n" i, (i + 7) % 24' > edges.txt
rows '(i < 12)' > train.txt
rows '(i >= 12 && i < 18)' > val.txt
rows '(i >= 18)' > test.txt
rows '0.1' > constant.txt
rows 'i % 3' > classes.txt
rows '(i < 12 ? i % 3 : -1)' > few.txt
{
    printf '%%%%MatrixMarket matrix array real general\n24 2\n'
    rows '(i % 2 ? "1700000001" : "1700000061")'
    rows 'i % 5'
} > x.mtx
masks="--train-mask train.txt --val-mask val.txt --test-mask test.txt"
options="--hidden 4 --heads 2,1 --epochs 5 --cells 3 --threads 1 --overwrite"

# numbers whose squares leave the range of sums, and one in a split that is not trained on
{
    printf '%%%%MatrixMarket matrix array real general\n24 2\n'
    rows '((i * 7 % 24 - 11.5) * 1e9)'
    rows '((i * 5 % 24 - 11.5) * 1e-12)'
} > wide.mtx
rows '((i * 7 % 24 - 11.5) * 3e8)' > large.txt
rows '(i == 23 ? 1e9 : i % 5)' > outlier.txt
# shellcheck disable=SC2086 # words
for targets in large outlier; do
    extra=--bias
    [ $targets = outlier ] || extra=--standardize-targets
    "$halogat" import edges.txt --features wide.mtx --keep-double --targets $targets.txt $masks -o $targets.h5 \
        > import.txt || wrong import
    for ranks in 1 3; do
        on $ranks train $targets.h5 --out $targets-$ranks $options --normalize-features standard $extra \
            > out.txt 2>&1 || wrong "$targets: $(cat out.txt)"
        grep -q null $targets-$ranks/metrics.jsonl && wrong "$targets: $(cat $targets-$ranks/metrics.jsonl)"
        # what is standardised deviates by 1: the small column too
        h5dump -d /statistics/feature_scale $targets-$ranks/best.h5 > scale.txt
        grep -Eq '1\.[0-9]+e-10, 1\.[0-9]+e\+11' scale.txt || wrong "$targets: $(cat scale.txt)"
    done
    for ranks in 1 3; do sed 's/,"seconds.*//' $targets-$ranks/metrics.jsonl > $targets-$ranks.jsonl; done
    cmp $targets-1.jsonl $targets-3.jsonl || wrong "$targets: ranks differ"
done

# constant targets: R2 has no value, epochs are compared by their loss
# shellcheck disable=SC2086 # words
"$halogat" import edges.txt --features x.mtx --targets constant.txt $masks -o constant.h5 > import.txt || wrong import
says import.txt 'x column 0: values differ only beyond float32; --keep-double keeps them'
for ranks in 1 3; do
    # shellcheck disable=SC2086
    on $ranks train constant.h5 --out constant --metric r2 $options --normalize-features row > out.txt 2>&1 ||
        wrong "constant targets on $ranks ranks: $(cat out.txt)"
    says out.txt 'val r2 is not defined, its targets are all equal: epochs are compared by their loss'
    [ -f constant/best.h5 ] || wrong "no best.h5 of constant targets"
    says constant/metrics.jsonl '"val_r2":null'
    says constant/summary.json '"best_val": null'
    says constant/summary.json '"test_at_best": null'
    no_nan constant/metrics.jsonl constant/summary.json
done
"$halogat" eval constant.h5 --checkpoint constant/best.h5 --json > eval.json || wrong eval
[ "$(grep -c '"r2": null' eval.json)" = 3 ] || wrong "eval: $(cat eval.json)"
"$halogat" eval constant.h5 --checkpoint constant/best.h5 > eval.txt
[ "$(grep -c 'not defined' eval.txt)" = 3 ] || wrong "eval: $(cat eval.txt)"

# no test mask, and nodes of masks without labels
"$halogat" import edges.txt --features x.mtx --labels few.txt --train-mask train.txt --val-mask val.txt --keep-double \
    -o few.h5 > import.txt || wrong import
grep 'x column' import.txt && wrong "nothing is lost"
# shellcheck disable=SC2086
"$halogat" train few.h5 --out few --runs 2 --normalize-features standard $options > out.txt 2>&1 ||
    wrong "few labels: $(cat out.txt)"
says out.txt 'the val mask has no node with a label: the best epoch is the last'
says out.txt '2 runs: test accuracy is not defined'
[ "$(number mean few/summary.json)" = '' ] || wrong "a mean of nothing"
says few/summary.json '"mean": null'
# shellcheck disable=SC2086
"$halogat" train few.h5 --out raw $options > out.txt 2>&1 && wrong "features of 10^9 trained"
says out.txt 'x column 0: values differ only beyond float32; --normalize-features standard keeps what it can'
no_nan few/summary.json few/run-1/summary.json

# kept digits: learnt from on any number of ranks, in any order of rows, and by eval and predict
# shellcheck disable=SC2086
"$halogat" import edges.txt --features x.mtx --labels classes.txt $masks --keep-double -o kept.h5 \
    > import.txt || wrong import
"$halogat" partition kept.h5 -o cells.h5 --cells 3 --quiet || wrong partition
h5dump -H -d /node/x cells.h5 | grep -q F64LE || wrong "cell order rounds"
for ranks in 1 3; do
    # shellcheck disable=SC2086
    on $ranks train cells.h5 --out "kept$ranks" --normalize-features standard $options --quiet || wrong "train kept.h5"
    on "$ranks" predict cells.h5 --checkpoint kept1/best.h5 -o "pred$ranks.h5" --quiet || wrong "predict kept.h5"
done
cmp pred1.h5 pred3.h5 || wrong "predictions depend on ranks"
[ "$(grep params_sha256 kept1/summary.json)" = "$(grep params_sha256 kept3/summary.json)" ] ||
    wrong "parameters depend on ranks"
h5dump -d /logits pred1.h5 | grep -E '^ *\([01],' | sed 's/^[^:]*://' > two.txt
[ "$(sort -u two.txt | wc -l)" -gt 1 ] || wrong "nodes 0 and 1 have the same outputs"
h5dump -d /statistics/feature_shift -m %.1f kept1/best.h5 | grep -q 1700000031.0 || wrong "the statistics are rounded"

# a class far beyond the others: refused unless it is asked for, and not a line for each in between
sed '5s/.*/5000/' classes.txt > wild.txt
"$halogat" import edges.txt --features x.mtx --labels wild.txt -o wild.h5 2> error.txt &&
    wrong "5001 classes for 24 nodes"
says error.txt 'class 5000 for 24 nodes: more classes than nodes; --task single-label takes them so'
"$halogat" import edges.txt --features x.mtx --labels wild.txt --task single-label -o wild.h5 > import.txt ||
    wrong "import of class 5000"
says import.txt 'wild.txt: 4997 of 5001 classes have no node: 3, 4, 5, ...'
"$halogat" info wild.h5 > info.txt || wrong info
[ "$(wc -l < info.txt)" -lt 50 ] || wrong "info has $(wc -l < info.txt) lines"
says info.txt 'more_outputs        4981'

# gzip turned into a filter that nobody has here
h5repack -l edge_index:CHUNK=2x100 -f edge_index:GZIP=4 "$here/../golden/gat_directed.h5" packed.h5 || wrong h5repack
"$halogat" import packed.h5 -o graph.h5 --quiet || wrong "gzip"
at=$(grep -obUa deflate packed.h5 | head -n 1 | cut -d: -f1)
printf '\000\175' | dd of=packed.h5 bs=1 seek=$((at - 8)) conv=notrunc 2> dd.txt || wrong dd
printf 'lzf\000\000\000\000\000' | dd of=packed.h5 bs=1 seek="$at" conv=notrunc 2> dd.txt || wrong dd
"$halogat" import packed.h5 -o graph.h5 2> error.txt && wrong "lzf was read"
says error.txt 'data set edge_index is compressed by lzf (HDF5 filter 32000), which is not available here'
says error.txt 'h5repack -f GZIP=4'

finish
