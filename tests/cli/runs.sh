#!/bin/bash
# Several runs, several splits, --json, a YAML file, and more ranks than cells, from end to end.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

"$halogat" generate sbm -o sbm.h5 --nodes 900 --edges 9000 --features 12 --classes 4 --quiet

# three runs: a folder each, mean and standard deviation (n - 1) of their test metrics
printf 'heads: [4, 1]\nhidden: 8\nepochs: 15\nlr: 0.02\nruns: 3\n' >train.yaml
on 2 train sbm.h5 --out runs --config train.yaml --json >printed
cmp -s printed runs/summary.json || wrong "--json prints something else than summary.json"
for k in 0 1 2; do
    [ -e runs/run-$k/complete ] || wrong "run $k is not complete"
    number test_at_best runs/run-$k/summary.json
done >tests
[ "$(sort -u tests | wc -l)" -gt 1 ] || wrong "runs of different seeds are equal"
awk -v mean="$(number mean runs/summary.json)" -v std="$(number std runs/summary.json)" '
    { sum += $1; square += $1 * $1 }
    END {
        m = sum / NR
        s = sqrt((square - NR * m * m) / (NR - 1))
        exit !(NR == 3 && m - mean < 1e-9 && mean - m < 1e-9 && s - std < 1e-6 && std - s < 1e-6)
    }' tests || wrong "mean and std are not those of $(cat tests)"

# the second of three seeds is the run of that seed alone
on 1 train sbm.h5 --out alone --config train.yaml --runs 1 --seed 1 --quiet
[ "$(grep params_sha256 alone/summary.json)" = "$(grep params_sha256 runs/run-1/summary.json)" ] ||
    wrong "run 1 of seed 0 is not the run of seed 1"

# the steps of the set-up are all of it: from the start of the process, or after the run before
for run in runs/run-0 runs/run-1 alone; do
    awk '/"setup_seconds"/ { on = 1; next } on && /}/ { exit }
        on && /"total"/ { total = $2 + 0; next } on { sum += $2 }
        END { exit !(total > 0 && sum > 0.95 * total && sum < 1.05 * total) }' $run/summary.json ||
        wrong "the steps of the set-up do not add up: $(grep -A 9 setup_seconds $run/summary.json)"
done
[ "$(number start alone/summary.json)" != 0.0 ] || wrong "the set-up does not begin with the process"

# every column of the masks
printf '%s\n' '0 1' '1 2' '2 3' '3 4' '4 5' '5 0' >edges.txt
printf '%%%%MatrixMarket matrix array real general\n6 2\n1\n0\n1\n0\n1\n0\n0\n1\n0\n1\n0\n1\n' >x.mtx
printf '0\n1\n0\n1\n0\n1\n' >labels.txt
printf '1\n1\n0\n0\n0\n0\n' >train.txt
printf '0\n0\n1\n1\n0\n0\n' >val.txt
printf '0\n0\n0\n0\n1\n1\n' >test.txt
on 1 import edges.txt --features x.mtx --labels labels.txt \
    --train-mask train.txt --val-mask val.txt --test-mask test.txt --undirected -o six.h5 --quiet
# six nodes are one cell: three of four ranks own nothing
on 4 train six.h5 --out six-4 --heads 2,1 --hidden 4 --epochs 5 --split all --quiet
on 1 train six.h5 --out six-1 --heads 2,1 --hidden 4 --epochs 5 --quiet
[ "$(grep params_sha256 six-4/summary.json)" = "$(grep params_sha256 six-1/summary.json)" ] ||
    wrong "ranks that own nothing change the result"

# what eval says of the best checkpoint is what the run said
on 3 eval sbm.h5 --checkpoint alone/best.h5 --json >eval.json
awk -v want="$(number test_at_best alone/summary.json)" '/"test"/ { on = 1 } on && /"accuracy"/ { got = $2 + 0 }
    END { exit !(got - want < 1e-12 && want - got < 1e-12) }' eval.json || wrong "eval: $(cat eval.json)"

finish
