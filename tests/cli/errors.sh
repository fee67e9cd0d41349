#!/bin/bash
# Every mistake ends all ranks with one clear line, the documented exit code, and no partial output. Nothing hangs.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

# fails CODE PATTERN ARGUMENT...: on 1 and 3 ranks, exit CODE, one line `halogat VERB: ...` that matches PATTERN, and no
# file out* left
fails() {
    code=$1 pattern=$2
    shift 2
    for ranks in 1 3; do
        result=0
        timeout 60 "$here/../mpirun.sh" "$(launch $ranks)" "$halogat" "$@" >text 2>err || result=$?
        [ $result -eq "$code" ] || wrong "$* on $ranks ranks: exit $result, not $code"
        [ "$(grep -c '^halogat' err || true)" -eq 1 ] || wrong "$* on $ranks ranks: not one line: $(cat err)"
        grep -Eq -- "^halogat $1: $pattern" err || wrong "$*: no '$pattern' in: $(cat err)"
        [ -z "$(find . -name 'out*' ! -type d)" ] || wrong "$*: left $(find . -name 'out*')"
        rm -rf out*
    done
}

"$halogat" generate sbm -o graph.h5 --nodes 600 --edges 4000 --features 8 --classes 3 --quiet
head -c 20000 graph.h5 >short.h5
echo "no data" >text.h5

# files
fails 1 'missing\.h5: No such file or directory' train missing.h5 --out out
fails 1 'text\.h5: is text: halogat import text\.h5 -o graph\.h5 makes' train text.h5 --out out
fails 1 'short\.h5: .*' train short.h5 --out out
fails 1 'missing\.h5: ' eval graph.h5 --checkpoint missing.h5
fails 1 'graph\.h5: .*checkpoint' eval graph.h5 --checkpoint graph.h5
fails 1 '/proc/none: ' train graph.h5 --out /proc/none
fails 1 'nowhere/out\.h5: ' partition graph.h5 -o nowhere/out.h5
fails 1 'missing\.h5: ' train graph.h5 --out out --init missing.h5

# data
printf '0\t1\n1\t2\n2\t0\n' >edges.tsv
printf '%%%%MatrixMarket matrix coordinate real general\n3 2 2\n1 1 1.0\n2 2 2.0\n' >x.mtx
printf '%%%%MatrixMarket matrix coordinate real general\n3 2 2\n1 1 nan\n2 2 2.0\n' >nan.mtx
printf '0\n1\n0\n' >labels.txt
printf '0\n0\n0\n' >none.txt
printf '0\t1\n1\tx\n' >letters.tsv
fails 1 'nan\.mtx: ' import edges.tsv --features nan.mtx --labels labels.txt -o out.h5
fails 1 'letters\.tsv: .*line 2' import letters.tsv --features x.mtx --labels labels.txt -o out.h5
fails 1 'edges\.tsv: ' import edges.tsv --features x.mtx --nodes 2 -o out.h5
"$halogat" import edges.tsv --features x.mtx --labels labels.txt --train-mask none.txt -o untrained.h5 --quiet
"$halogat" import edges.tsv --features x.mtx -o unlabelled.h5 --quiet
"$halogat" import edges.tsv --labels labels.txt -o featureless.h5 --quiet
fails 1 'untrained\.h5: .*training' train untrained.h5 --out out
fails 1 'unlabelled\.h5: .*labels' train unlabelled.h5 --out out
fails 1 'featureless\.h5: .*features' train featureless.h5 --out out

# command line and configuration
printf 'lerning_rate: 0.1\n' >bad.yaml
fails 2 '--lerning-rate: unknown option' train graph.h5 --out out --lerning-rate 0.1
fails 2 'bad\.yaml:1: .*(did you mean|unknown)' train graph.h5 --out out --config bad.yaml
fails 2 '--hidden: ' train graph.h5 --out out --heads 4,4,1 --hidden 8,8,8
fails 2 '--dropout: ' train graph.h5 --out out --dropout 1.5
fails 2 '--metric: ' train graph.h5 --out out --metric rmse
fails 2 '--split: ' train graph.h5 --out out --split 7

# more memory than there is
"$halogat" generate grid -o grid.h5 --nodes 200000 --features 4 --classes 2 --quiet
fails 1 'out of memory: ' train grid.h5 --out out --heads 64,1 --hidden 16384 --cells 1

# divergence: the last parameters that were sound are kept, with the epoch
for ranks in 1 3; do
    result=0
    timeout 60 "$here/../mpirun.sh" "$(launch $ranks)" \
        "$halogat" train graph.h5 --out div-$ranks --quiet --lr 1e25 --epochs 60 2>err || result=$?
    [ $result -eq 1 ] || wrong "divergence on $ranks ranks: exit $result"
    grep -Eq '^halogat train: div-.: epoch [0-9]+: ' err || wrong "divergence: $(cat err)"
    "$halogat" eval graph.h5 --checkpoint div-$ranks/last.h5 >text || wrong "what divergence leaves cannot be read"
    [ ! -e div-$ranks/complete ] || wrong "a diverged run is complete"
done

# a folder with a run is not overwritten
"$halogat" train graph.h5 --out run --epochs 2 --quiet
cp run/summary.json before
"$halogat" train graph.h5 --out run --epochs 2 --quiet 2>err && wrong "a run is overwritten"
grep -q -- '--overwrite' err || wrong "no hint of --overwrite: $(cat err)"
cmp -s run/summary.json before || wrong "a refused run changed the folder"
"$halogat" train graph.h5 --out run --epochs 2 --quiet --overwrite || wrong "--overwrite fails"

finish
