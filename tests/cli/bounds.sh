#!/bin/bash
# Sizes at their limits: nothing takes forever, and what is impossible is reported.
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

# patch FILE SET BYTES: overwrites the start of a data set (bytes as %b of printf has them)
patch() {
    offset=$(h5dump -p -H -d "$2" "$1" | sed -n 's/.*OFFSET \([0-9]*\).*/\1/p')
    printf '%b' "$3" >bytes
    dd if=bytes of="$1" bs=1 seek="$offset" conv=notrunc 2>noise
}

# explain: the largest id of an edge makes no table
"$halogat" generate sbm -o graph.h5 --nodes 60 --edges 300 --features 4 --classes 3 --quiet
"$halogat" train graph.h5 --out run --heads 1 --epochs 1 --quiet
patch graph.h5 /graph/edge_id '\0\0\0\0\0\0200\0\0' # 2^47
for ranks in 1 3; do
    timeout 60 "$here/../mpirun.sh" $ranks "$halogat" explain graph.h5 --checkpoint run/best.h5 -o alpha-$ranks.h5 --quiet ||
        wrong "explain with an edge of id 2^47 on $ranks ranks"
done
h5dump -d /edge_id alpha-3.h5 | grep -q 140737488355328 || wrong "the edge of id 2^47 is missing"
cmp -s alpha-1.h5 alpha-3.h5 || wrong "explain differs between 1 and 3 ranks"
patch graph.h5 /graph/edge_id '\0\0\0\0\0\0\0\0100' # 2^62
"$halogat" info graph.h5 --check >text 2>err && wrong "an edge of id 2^62 is sound"
grep -Eq '^halogat info: graph.h5: .*id 4611686018427387904' err || wrong "id 2^62: $(cat err)"

# info --check of what content_sha256 does not cover, where other files of one kind are sound
unsound() { # unsound PATTERN FILE: info --check says so, on any number of ranks
    for ranks in 1 3; do
        result=0
        timeout 60 "$here/../mpirun.sh" "$(launch $ranks)" "$halogat" info "$2" --check >text 2>err || result=$?
        [ $result -eq 1 ] || wrong "$2 on $ranks ranks: exit $result"
        [ "$(grep -c '^halogat' err)" -eq 1 ] || wrong "$2 on $ranks ranks: not one line: $(cat err)"
        grep -Eq "^halogat info: $2:.*$1" err || wrong "$2 on $ranks ranks: $(cat err)"
    done
}
"$halogat" generate sbm -o graph.h5 --nodes 60 --edges 300 --features 4 --classes 3 --quiet
"$halogat" partition graph.h5 -o cells.h5 --cells 4 --quiet
"$halogat" info cells.h5 --check >text || wrong "cells are not sound"
cp cells.h5 weights.h5
patch weights.h5 /cells/graph/weight '\0001'
unsound '/cells/graph/weight has other numbers than the edges give' weights.h5
cp cells.h5 twice.h5
patch twice.h5 /graph/edge_id '\05\0\0\0\0\0\0\0\05\0\0\0\0\0\0\0'
unsound '/graph/edge_id has edge 5 twice' twice.h5
perl -0777 -pe 's/(symmetric\0.{30}).(\0{7})/$1\x02$2/s' graph.h5 >symmetric.h5
unsound 'attribute symmetric is 2, not 0 or 1' symmetric.h5

# a checkpoint is opened by other tools, and what is changed in it is noticed
h5dump -H run/best.h5 | grep -q 'convs.0.lin.weight' || wrong "h5dump cannot read a checkpoint"
patch run/best.h5 /params/convs.0.lin.weight '\0001'
"$halogat" generate sbm -o graph.h5 --nodes 60 --edges 300 --features 4 --classes 3 --quiet
for ranks in 1 3; do
    for verb in eval info; do
        arguments="graph.h5 --checkpoint run/best.h5"
        [ $verb = eval ] || arguments="run/best.h5 --check"
        result=0
        # shellcheck disable=SC2086 # a list of arguments
        timeout 60 "$here/../mpirun.sh" "$(launch $ranks)" "$halogat" $verb $arguments >text 2>err || result=$?
        [ $result -eq 1 ] || wrong "a damaged checkpoint: $verb on $ranks ranks: exit $result"
        [ "$(grep -c '^halogat' err)" -eq 1 ] || wrong "$verb on $ranks ranks: not one line: $(cat err)"
        grep -q "^halogat $verb: run/best.h5: truncated or damaged" err || wrong "$verb: $(cat err)"
    done
done

# a checkpoint without its seal, changed: what eval would refuse is reported as unsound; outputs that are not finite
# are refused
tail -c +513 run/last.h5 >plain.h5
"$halogat" info plain.h5 --check >text || wrong "a checkpoint without checksum is not sound"
perl -pe 's/negative_slope: /negative_slode: /' plain.h5 >key.h5
unsound "negative_slode: unknown key" key.h5
perl -pe 's/negative_slope: /negative_slop\xff: /' plain.h5 >text.h5
unsound ".*UTF-8" text.h5
perl -pe 's/config\0/konfig\0/' plain.h5 >without.h5
unsound "has no configuration" without.h5
perl -pe 's/lin.weight\0/lin.weighs\0/' plain.h5 >missing.h5
unsound "data set /params/convs.0.lin.weight is missing" missing.h5
cp plain.h5 huge.h5
# shellcheck disable=SC2046 # twelve times 3e38
patch huge.h5 /params/convs.0.lin.weight "$(printf '\\0346\\0261\\0141\\0177%.0s' $(seq 12))"
for ranks in 1 3; do
    for verb in eval 'predict -o huge-out' 'explain -o huge-out'; do
        result=0
        # shellcheck disable=SC2086 # a list of arguments
        timeout 60 "$here/../mpirun.sh" "$(launch $ranks)" "$halogat" $verb graph.h5 --checkpoint huge.h5 >text 2>err || result=$?
        [ $result -eq 1 ] || wrong "huge weights: $verb on $ranks ranks: exit $result"
        [ "$(grep '^halogat' err)" = "halogat ${verb%% *}: huge.h5: its outputs are not finite" ] || wrong "$verb on $ranks ranks: $(cat err)"
        [ ! -e huge-out ] || wrong "huge weights: $verb on $ranks ranks left a file"
    done
done

# address space is limited: OpenBLAS would ask for its buffers for ever. Sanitized programs do not start there.
# shellcheck disable=SC2016 # for the shell that limits itself
limited='ulimit -v 400000; exec "$@"'
if sh -c "$limited" sh "$halogat" --version >text 2>err; then
    for ranks in 1 3; do
        result=0
        timeout 60 "$here/../mpirun.sh" $ranks sh -c "$limited" sh "$halogat" train graph.h5 --out limited --heads 64,1 \
            --hidden 64 --epochs 1 --quiet >text 2>err || result=$?
        [ $result -eq 1 ] || wrong "ulimit -v on $ranks ranks: exit $result"
        [ "$(grep -c '^halogat' err)" -eq 1 ] || wrong "ulimit -v on $ranks ranks: not one line: $(cat err)"
        grep -q '^halogat train: out of memory: .*ulimit -v' err || wrong "ulimit -v on $ranks ranks: $(cat err)"
    done
fi

finish
