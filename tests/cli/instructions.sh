#!/bin/sh
# Instruction sets: HALOGAT_ISA chooses one, summary.json names it. Sets that this machine does not run, or that do
# not exist, are refused. All ranks use the lowest set that one of them asks for. (test_matrix.c compares the bits of
# each set over ranks and threads.)
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

# refused NAME: exit code 2 and one line with the sets
refused() {
    for ranks in 1 3; do
        result=0
        HALOGAT_ISA=$1 on $ranks train graph.h5 --out out >text 2>err || result=$?
        [ $result -eq 2 ] || wrong "HALOGAT_ISA=$1 on $ranks ranks: exit $result, not 2"
        [ "$(grep -c '^halogat train: HALOGAT_ISA: ' err || true)" -eq 1 ] || wrong "not one line: $(cat err)"
        grep -q "$(echo "$held" | tr ' ' ',' | sed 's/,/, /g')" err || wrong "no list of sets in: $(cat err)"
        [ ! -e out ] || wrong "HALOGAT_ISA=$1: left a folder"
    done
}

# trained DIR: what must be equal
trained() { grep -E '"(params_sha256|instructions)"' "$1/summary.json"; }

options='--heads 4,3 --hidden 8 --residual --dropout 0.3 --attn-dropout 0.4 --epochs 3 --quiet'

# train RANKS THREADS DIR
train() {
    # shellcheck disable=SC2086 # a list of options
    OMP_NUM_THREADS=$2 on "$1" train graph.h5 --out "$3" $options --threads "$2" --overwrite
}

"$halogat" info --cpu >cpu
held=$(sed -n 's/^program_holds *//p' cpu | tr -d ,)
runs=$(sed -n 's/^processor_runs *//p' cpu | tr -d ,)
[ -n "$runs" ] || wrong "info --cpu says $(cat cpu)"
grep -q '^blas  *[A-Za-z]' cpu || wrong "info --cpu names no BLAS: $(cat cpu)"
"$halogat" generate rmat -o graph.h5 --nodes 1500 --edges 15000 --features 24 --classes 6 --seed 5 \
    --split-random 0.4,0.3 --quiet

refused x86-64-v9
for set in $held; do
    case " $runs " in
    *" $set "*) ;;
    *) refused "$set" ;;
    esac
done
for set in $runs; do
    export HALOGAT_ISA="$set"
    "$halogat" info --cpu | grep -q "^in_use *$set\$" || wrong "info --cpu does not use $set"
    train 1 1 one
    trained one >"wanted-$set"
    grep -q "\"$set\"" "wanted-$set" || wrong "summary.json does not name $set"
    train 3 2 other
    trained other | cmp -s - "wanted-$set" || wrong "$set: depends on ranks or threads"
done
unset HALOGAT_ISA

# second VARIABLE=VALUE ARGUMENT...: halogat ARGUMENT... on two ranks, the second with the variable in its environment
cat >rank.sh <<'SCRIPT'
#!/bin/sh
[ "${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}}" -eq 0 ] || export "$SECOND"
exec "$@"
SCRIPT
chmod +x rank.sh
second() {
    setting=$1
    shift
    SECOND=$setting "$here/../mpirun.sh" 2 ./rank.sh "$halogat" "$@"
}

# one rank asks for the lowest set: both take it
lowest=${runs%% *}
second "HALOGAT_ISA=$lowest" info --cpu | grep -q "^in_use *$lowest\$" || wrong "ranks do not agree on $lowest"

# one rank's BLAS uses other kernels
if [ "$lowest" != "$runs" ]; then
    result=0
    second OPENBLAS_CORETYPE=Prescott info --cpu >text 2>err || result=$?
    [ $result -eq 1 ] || wrong "different kernels of BLAS: exit $result, not 1"
    grep -q '^halogat info: BLAS: ranks use .* Prescott' err || wrong "different kernels of BLAS: $(cat err)"
fi

# older processors, where there is an emulator: what they take by themselves gives the bits that its set gave here
emulator=$(command -v qemu-x86_64-static || command -v qemu-x86_64 || true)
[ "$(uname -m)" = x86_64 ] || emulator=
grep -aq __asan_init "$halogat" && emulator= # whose memory the address sanitizer would take whole
for processor in ${emulator:+Nehalem Haswell EPYC-Rome}; do
    # shellcheck disable=SC2086 # a list of options
    "$emulator" -cpu "$processor" "$halogat" train graph.h5 --out other $options --threads 1 --overwrite 2>err ||
        wrong "$processor: $(cat err)"
    set=$(sed -n 's/.*"instructions": "\([^"]*\)".*/\1/p' other/summary.json)
    trained other | cmp -s - "wanted-$set" || wrong "$processor with $set has other bits than this processor"
done
finish
