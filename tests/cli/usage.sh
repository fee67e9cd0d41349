#!/bin/sh
# Usage: exit codes, one line on stderr on any number of ranks, help and version on stdout.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

# refuses RANKS CODE LINE ARGUMENT...: exit code CODE, and exactly LINE from halogat on stderr, nothing on stdout
refuses() {
    ranks=$1 code=$2 line=$3
    shift 3
    got=0
    quick "$ranks" "$@" >out 2>err || got=$?
    [ "$got" -eq "$code" ] || wrong "halogat $*: exit code $got, not $code"
    grep '^halogat' err >lines || true
    [ "$(cat lines)" = "$line" ] || wrong "halogat $*: said '$(cat lines)', not '$line'"
    [ ! -s out ] || wrong "halogat $*: wrote on stdout"
}

# says PATTERN ARGUMENT...: exit code 0 and a line of stdout that matches
says() {
    pattern=$1
    shift
    "$halogat" "$@" >out 2>err || wrong "halogat $*: exit code $?"
    [ ! -s err ] || wrong "halogat $*: wrote on stderr"
    grep -Eq -- "$pattern" out || wrong "halogat $*: no line like $pattern"
}

# nothing at all: the usage, and what is missing
result=0
"$halogat" >out 2>err || result=$?
[ "$result" -eq 2 ] || wrong "halogat alone: exit code $result"
[ "$(cat err)" = "halogat: no verb: say what to do, as in halogat info graph.h5" ] || wrong "halogat alone: $(cat err)"
grep -q '^Usage: halogat VERB' out || wrong "halogat alone shows no usage"
echo >run.txt
refuses 1 2 "halogat: run.txt: is a file; the verb comes first, as in halogat info FILE" run.txt
refuses 1 2 "halogat: --lr: options come after the verb, as in halogat train" --lr 0.1 train g.h5
refuses 1 2 "halogat: --verison: unknown option (did you mean --version?)" --verison
refuses 1 2 "halogat: trian: unknown verb (did you mean train?)" help trian
refuses 3 2 "halogat: trian: unknown verb (did you mean train?)" trian graph.h5
refuses 1 2 "halogat: sing: unknown verb (see halogat --help)" sing
refuses 1 2 "halogat: --verbose: unknown option (see halogat --help)" --verbose
refuses 3 2 "halogat train: --lerning-rate: unknown option (did you mean --lr?)" train g.h5 --out d --lerning-rate 1
refuses 2 2 "halogat train: --lr: must be above 0, not -1" train g.h5 --out d --lr -1
refuses 1 2 "halogat train: --hidden: 8,5 gives 2 widths but --heads 8,1 has 1 hidden layer" \
    train g.h5 --out d --heads 8,1 --hidden 8,5
refuses 1 2 "halogat generate: -o: missing: file to write; an old one is replaced" generate grid
printf 'lr: 0.01\nlerning_rate: 0.01\n' >run.yaml
refuses 2 2 "halogat train: run.yaml:2: lerning_rate: unknown key (did you mean lr?)" \
    train g.h5 --out d --config run.yaml
refuses 2 2 "halogat train: --heads: a list is written with commas: --heads 8,8,1" train g.h5 --out d --heads 8 8 1
refuses 1 2 "halogat partition: --ranks: has more than 64 entries" partition g.h5 -o c.h5 --ranks "$(seq -s, 1 65)"
refuses 1 1 "halogat partition: g.h5: No such file or directory" partition g.h5 -o c.h5 --ranks "$(seq -s, 1 64)"
refuses 1 2 "halogat train: --device: no option of train: it computes on CPUs" train g.h5 --out d --device cuda
refuses 1 2 "halogat train: -heads: unknown option (did you mean --heads?)" train g.h5 --out d -heads 8,1
refuses 2 1 "halogat info: nowhere.h5: No such file or directory" info nowhere.h5
refuses 1 1 "halogat info: run.yaml: is text: halogat import run.yaml -o graph.h5 makes a graph file of an edge list" \
    info run.yaml
refuses 1 2 "halogat info: argument FILE: missing: graph file or checkpoint" info
refuses 1 2 "halogat info: --cpu: is about the machine: no file" info --cpu graph.h5

# once_on_two ARGUMENT...: what the last `says` printed, once
once_on_two() {
    "$here/../mpirun.sh" 2 "$halogat" "$@" >out2
    cmp -s out out2 || wrong "halogat $*: says something else on 2 ranks"
}

says "^halogat [0-9.]+ \(build [0-9a-f]{40}\)$" --version
once_on_two --version
says '^  train +train a graph attention network' --help
says '^  halogat help VERB ' help
for verb in import generate info partition train eval predict explain; do
    says "^Usage: halogat $verb " "$verb" --help
    cp out asked
    says "halogat $verb .*" help "$verb"
    cmp -s out asked || wrong "help $verb is another text than $verb --help"
    says '^halogat [0-9]+\.' "$verb" --version
done
says '--attn-dropout PROBABILITY$' train --help
says 'learning rate, above 0 \(default: 0.005\)' train --help
once_on_two train --help

finish
