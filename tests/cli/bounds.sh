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
timeout 10 "$halogat" train copies.h5 --out copies --heads 1 --attn-dropout 0.5 --epochs 10 --quiet ||
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
    timeout 60 "$here/../mpirun.sh" $ranks \
        "$halogat" explain graph.h5 --checkpoint run/best.h5 -o alpha-$ranks.h5 --quiet ||
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
cp cells.h5 nets.h5
patch nets.h5 /cells/nets/rows '\0144'
unsound '/cells/nets has other nets than the edges give' nets.h5
cp graph.h5 another.h5
patch another.h5 /node/x '\0\0\0200\077'
unsound 'content_sha256' another.h5
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
        timeout 60 "$here/../mpirun.sh" "$(launch $ranks)" \
            "$halogat" $verb graph.h5 --checkpoint huge.h5 >text 2>err || result=$?
        [ $result -eq 1 ] || wrong "huge weights: $verb on $ranks ranks: exit $result"
        [ "$(grep '^halogat' err)" = "halogat ${verb%% *}: huge.h5: its outputs are not finite" ] ||
            wrong "$verb on $ranks ranks: $(cat err)"
        [ ! -e huge-out ] || wrong "huge weights: $verb on $ranks ranks left a file"
    done
done

# refused PATTERN ARGUMENT...: exit 1 and one line that matches, soon, on any number of ranks
refused() {
    pattern=$1
    shift
    for ranks in 1 3; do
        result=0
        timeout 20 "$here/../mpirun.sh" "$(launch $ranks)" "$halogat" "$@" >text 2>err </dev/null || result=$?
        [ $result -eq 1 ] || wrong "$* on $ranks ranks: exit $result"
        [ "$(grep -c '^halogat' err)" -eq 1 ] || wrong "$* on $ranks ranks: not one line: $(cat err)"
        grep -Eq "^halogat $1: $pattern" err || wrong "$* on $ranks ranks: no '$pattern' in: $(cat err)"
    done
}

# weights that are no numbers, and a shape that no file can hold
cp plain.h5 nan.h5
patch nan.h5 /params/convs.0.lin.weight '\0\0\0300\0177'
for verb in eval 'predict -o nan-out' 'explain -o nan-out'; do
    # shellcheck disable=SC2086 # a list of arguments
    refused 'nan\.h5: /params/convs\.0\.lin\.weight has NaN or infinite numbers' $verb graph.h5 --checkpoint nan.h5
done
unsound '/params/convs.0.lin.weight has NaN or infinite numbers' nan.h5
printf '%s\n' 'PATH params/more' 'INPUT-CLASS TEXTFP' 'RANK 2' 'DIMENSION-SIZES 4 4' \
    'OUTPUT-CLASS FP' 'OUTPUT-SIZE 32' 'CHUNKED-DIMENSION-SIZES 4 4' 'MAXIMUM-DIMENSIONS -1 -1' >more.import
seq 16 >sixteen
h5import sixteen -c more.import -o plain.h5
perl -0777 -pe 's/\x04\0{7}\x04\0{7}(\xff{16})/\0\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0$1/' plain.h5 >absurd.h5
unsound '/params/more is damaged: it says that it is larger than the file can hold' absurd.h5

# data in other files is not looked for, neither by a link (to other.h5) nor as external storage (in `secret`); a FIFO
# keeps who opens it waiting
mkfifo other.h5
cp "$here/external_link.h5" link.h5
refused 'link\.h5: /x is a link to another file' import link.h5 -o link-out
printf '%s\n' 'PATH x' 'INPUT-CLASS TEXTUIN' 'INPUT-SIZE 8' 'RANK 2' 'DIMENSION-SIZES 3 4' \
    'OUTPUT-CLASS UIN' 'OUTPUT-SIZE 8' 'EXTERNAL-STORAGE secret' >secret.import
seq 12 >twelve
printf '0 1 2 1 2 0\n' >ends
h5import ends -d 2,3 -p edge_index -t TEXTIN -s 32 labels.txt -d 3 -p y -t TEXTIN -s 32 -o storage.h5
h5import twelve -c secret.import -o storage.h5
refused 'storage\.h5: /x keeps its data in another file' import storage.h5 -o storage-out
rm secret
mkfifo secret
refused 'storage\.h5: /x keeps its data in another file' import storage.h5 -o storage-out

# arrays without rows or columns, beside others that have them
npz() { # npz NAME TYPE SHAPE ...: empty.npz, a ring of three nodes and further arrays, the last one empty
    perl "$here/npz.pl" empty.npz edge_index '<i8' '(2, 3)' '0 1 2 1 2 0' "$@" ''
}
npz num_nodes '<i8' '()' 3 val_mask '|u1' '(3, 1)' '1 0 1' train_mask '|u1' '(3, 0)'
refused 'empty\.npz: train_mask has no columns' import empty.npz -o empty-out
npz y '<i8' '(3,)' '0 1 0' x '<f4' '(0, 3)'
refused 'empty\.npz: there are no nodes' import empty.npz -o empty-out

# a matrix that is replaced while it is read is one of the two, or refused
if cc -shared -fPIC -o swap.so "$here/swap_preload.c" 2>noise; then
    printf '%%%%MatrixMarket matrix coordinate real general\n3 2 2\n1 1 5\n3 2 6\n' >x.mtx
    {
        printf '%%%%MatrixMarket matrix coordinate real general\n3 2 200000\n'
        yes '2 1 7' | head -n 200000
    } >later.mtx
    for ranks in 1 3; do
        for swap in 1 2 3 4 5; do
            result=0
            SWAP=$swap LD_PRELOAD=$PWD/swap.so ASAN_OPTIONS=verify_asan_link_order=0 \
                timeout 60 "$here/../mpirun.sh" "$(launch $ranks)" \
                "$halogat" import copies.tsv --features x.mtx -o swapped.h5 >text 2>err || result=$?
            { [ $result -le 1 ] && [ "$(grep -c '^halogat' err)" -eq $result ]; } ||
                wrong "a matrix that changes at opening $swap on $ranks ranks: exit $result, $(cat err)"
        done
    done
fi

# what a control group grants is all the memory there is; what cannot fit is refused at once, and fails if it is tried
memory=/sys/fs/cgroup/memory limit=memory.limit_in_bytes
[ -d $memory ] || memory=/sys/fs/cgroup limit=memory.max
group=$memory/halogat-test-$$
if mkdir $group 2>noise && echo 1G 2>noise >$group/$limit; then
    "$halogat" generate grid -o grid.h5 --nodes 200000 --features 4 --classes 2 --quiet
    grouped() { # grouped RANKS MESSAGE [OPTION]: a training in the control group
        result=0
        # shellcheck disable=SC2016 # for the shell that enters the group
        timeout 60 sh -c 'echo $$ >"$0"/cgroup.procs && exec "$@"' $group \
            "$here/../mpirun.sh" "$(launch "$1")" "$halogat" train grid.h5 --out grouped \
            --epochs 1 --heads 8,1 --hidden 128 --quiet "${@:3}" >text 2>err || result=$?
        [ $result -eq 1 ] || wrong "a control group of 1 GB on $1 ranks: exit $result"
        grep -q "^halogat train: $2" err || wrong "a control group on $1 ranks: $(cat err)"
    }
    for ranks in 1 3; do
        grouped $ranks 'grid\.h5: cannot fit: '
        grouped $ranks 'out of memory: ' --no-memory-check
    done
fi
# processes that have ended may be in the group a little longer
for _ in $(seq 50); do
    if [ ! -d $group ] || rmdir $group 2>noise; then break; fi
    pause 0.2
done
[ ! -d $group ] || wrong "processes are left in the control group: $(cat noise)"

# a density that chance does not reach is refused at once
for ranks in 1 3; do
    result=0
    timeout 20 "$here/../mpirun.sh" "$(launch $ranks)" \
        "$halogat" generate rmat -o dense.h5 --nodes 100 --edges 9900 >text 2>err || result=$?
    [ $result -eq 2 ] || wrong "rmat of 9900 edges on $ranks ranks: exit $result"
    grep -q '^halogat generate: rmat: .*9900 distinct edges among 100 nodes' err ||
        wrong "rmat on $ranks ranks: $(cat err)"
done

# address space is limited: OpenBLAS would ask for its buffers for ever. Sanitized programs do not start there.
# shellcheck disable=SC2016 # for the shell that limits itself
limited='ulimit -v 400000; exec "$@"'
if sh -c "$limited" sh "$halogat" --version >text 2>err; then
    for ranks in 1 3; do
        result=0
        timeout 60 "$here/../mpirun.sh" $ranks sh -c "$limited" sh \
            "$halogat" train graph.h5 --out limited --heads 64,1 --hidden 64 --epochs 1 --quiet >text 2>err || result=$?
        [ $result -eq 1 ] || wrong "ulimit -v on $ranks ranks: exit $result"
        [ "$(grep -c '^halogat' err)" -eq 1 ] || wrong "ulimit -v on $ranks ranks: not one line: $(cat err)"
        grep -q '^halogat train: out of memory: .*ulimit -v' err || wrong "ulimit -v on $ranks ranks: $(cat err)"
    done
fi

finish
