#!/bin/sh
# Ranks that do not agree: one has another command line, configuration, program or file than the others, or was
# started by a launcher that MPI does not know. All ranks end with one line that names the host, and nothing hangs.
# shellcheck disable=SC2016 # what rank 1 does is for its own shell
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

# rank 1 does what $ODD says before it becomes the program
cat >rank.sh <<'SCRIPT'
#!/bin/sh
[ "${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}}" -ne "${ODD_RANK:-1}" ] || eval "$ODD"
exec "$@"
SCRIPT
chmod +x rank.sh
host=$(uname -n)

# odd CODE PATTERN ODD ARGUMENT...: runs halogat ARGUMENT... on three ranks, where rank 1 does ODD first; expects exit
# CODE and one line
# `halogat VERB: PATTERN`, in which HOST stands for the names of the hosts
odd() {
    code=$1 pattern=$(echo "$2" | sed "s/HOST/host $host/g") ODD=$3
    shift 3
    export ODD
    result=0
    timeout 60 "$here/../mpirun.sh" 3 ./rank.sh "$halogat" "$@" >text 2>err || result=$?
    [ $result -eq "$code" ] || wrong "$ODD, $*: exit $result, not $code"
    [ "$(grep -c '^halogat' err || true)" -eq 1 ] || wrong "$ODD, $*: not one line: $(cat err)"
    grep -Eq -- "^halogat [a-z]*: $pattern" err || wrong "$ODD, $*: no '$pattern' in: $(cat err)"
    [ -z "$(find . -path './out*' -type f)" ] || wrong "$ODD, $*: left $(find . -path './out*' -type f)"
    rm -rf out
}

"$halogat" generate sbm -o graph.h5 --nodes 600 --edges 4000 --features 8 --classes 3 --quiet

# the command line, after configuration files; the number of threads is the host's own affair
train='train graph.h5 --out out --epochs 1 --quiet'
mkdir else # where names mean other files
ln -s ../graph.h5 else/graph.h5
printf 'lr: 0.01\n' >run.yaml
printf 'lr: 0.01\nhidden: 16\n' >else/run.yaml
# shellcheck disable=SC2086 # a list of arguments
{
    odd 2 'options: HOST \(rank 1\) has --lr 0.1, HOST \(rank 0\) 0.005$' 'set -- "$@" --lr 0.1' $train
    odd 2 'options: HOST \(rank 1\) has --bias false, HOST \(rank 0\) true; also other: --lr, --seed$' \
        'set -- "$@" --seed 1 --lr 0.1 --no-bias' $train
    odd 2 'options: HOST \(rank 1\) has --lr from the command line, HOST \(rank 0\) the default$' \
        'set -- "$@" --lr 0.005' $train
    odd 2 'options: HOST \(rank 1\) has failure "--lr: must be above 0, not -1", HOST \(rank 0\) none$' \
        'set -- "$@" --lr -1' $train
    odd 2 'options: HOST \(rank 1\) has --hidden \[16\], HOST \(rank 0\) \[32\]$' 'cd else' $train --config run.yaml
    odd 2 'options: HOST \(rank 1\) has --help true, HOST \(rank 0\) none$' 'set -- "$@" --help' $train
    odd 2 'command line: HOST \(rank 1\) has verb eval, HOST \(rank 0\) train$' \
        'set -- "$1" eval "$3" --checkpoint x' $train
    odd 2 'command line: HOST \(rank 1\) has no verb, HOST \(rank 0\) train$' 'set -- "$1"' $train
    ODD='set -- "$@" --threads 1' "$here/../mpirun.sh" 3 ./rank.sh "$halogat" $train --threads 2 ||
        wrong 'other --threads are refused'
    rm -r out
}
odd 2 'options: HOST \(rank 1\) has --features [a-z/]*x.mtx, HOST \(rank 0\) none' 'set -- "$@" --features x.mtx' \
    import graph.h5 -o other.h5

# files of the same name and size on another host
"$halogat" generate sbm -o other.h5 --nodes 600 --edges 4000 --features 8 --classes 3 --seed 1 --quiet
"$halogat" partition graph.h5 -o cells.h5 --partitioner random --cells 4 --quiet
"$halogat" partition graph.h5 -o else/cells.h5 --partitioner random --cells 4 --seed 1 --quiet
content() { "$halogat" info "$1" | sed -n 's/^content_sha256 *//p'; }
content graph.h5 | grep -Eqx '[0-9a-f]{64}' || wrong "info shows no hash of the content: $(content graph.h5)"
[ "$(content graph.h5)" = "$(content cells.h5)" ] || wrong 'the cell order changes the hash of the content'
[ "$(content graph.h5)" != "$(content other.h5)" ] || wrong 'two graphs have one hash'
printf '0\t1\n1\t2\n' >edges.tsv
printf '0\t1\n2\t1\n' >else/edges.tsv
mkdir elsewhere
cp other.h5 elsewhere/graph.h5
# shellcheck disable=SC2086 # a list of arguments
{
    odd 1 'graph\.h5: HOST \(rank 1\) has (content_sha256|num_edges)' 'cd elsewhere' $train
    odd 1 'cells\.h5: HOST \(rank 1\) has cells ' 'cd else' info cells.h5
    odd 1 'files: HOST \(rank 1\) has edges\.tsv 8 bytes' 'cd else' import edges.tsv -o "$work/out"
    odd 1 '.*out: rank 0 writes it, but .* \(on HOST, rank 1; not on every rank\)$' 'cd elsewhere' generate grid -o out
    odd 1 'cells\.h5: No such file or directory \(on HOST, rank 1; not on every rank\)$' 'cd elsewhere' info cells.h5
}

# files of the same sizes that do not name their content: samples of their data tell
mkdir sampled
at=$(h5dump -p -H -d /node/x graph.h5 | sed -n 's/.*OFFSET \([0-9]*\).*/\1/p')
perl -pe 's/content_sha256\0/kontent_sha256\0/' graph.h5 >sampled.h5
cp sampled.h5 sampled/sampled.h5
printf '\0\0\200\077' | dd of=sampled/sampled.h5 bs=1 seek="$at" conv=notrunc 2>text
odd 1 'sampled\.h5: HOST \(rank 1\) has /node/x .*sample' 'cd sampled' \
    train sampled.h5 --out "$work/out" --epochs 1 --quiet

# a graph that says symmetric and is not would train with wrong gradients
printf '%%%%MatrixMarket matrix coordinate real general\n3 2 2\n1 1 1.0\n2 2 2.0\n' >x.mtx
printf '0\n1\n0\n' >labels.txt
"$halogat" import edges.tsv --features x.mtx --labels labels.txt --split-random 0.4,0.3 -o directed.h5 --quiet
perl -0777 -pe 's/(symmetric\0.{30})\0(\0{7})/$1\x01$2/s' directed.h5 >false.h5
for ranks in 1 3; do
    result=0
    on $ranks train false.h5 --out out --quiet --epochs 1 >text 2>err || result=$?
    [ $result -eq 1 ] || wrong "falsely symmetric on $ranks ranks: exit $result"
    grep -q '^halogat train: false\.h5: it says symmetric, but its edges are not those of its reverse$' err ||
        wrong "falsely symmetric on $ranks ranks: $(cat err)"
    rm -rf out
done

# the program: one bit of its build id is another
perl -0777 -pe 's/(\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0.{19})(.)/$1 . chr(ord($2) ^ 1)/se' "$halogat" >other
chmod +x other
odd 1 'program: HOST \(rank 1\) has build [0-9a-f]{40}, HOST \(rank 0\) [0-9a-f]{40}$' \
    'shift; set -- ./other "$@"' info graph.h5

# alone VARIABLE=VALUE...: the environment of one task of several, in a world of one rank
alone() {
    for verb in 'info graph.h5' 'generate grid -o out' "$train"; do
        result=0
        # shellcheck disable=SC2086 # a list of arguments
        env "$@" "$halogat" $verb >text 2>err || result=$?
        [ $result -eq 1 ] || wrong "$*: $verb: exit $result, not 1"
        [ ! -e out ] || wrong "$*: $verb: wrote something"
        grep -Eq '^halogat [a-z]*: ranks: .* started [0-9]* tasks' err || wrong "$*: $verb: $(cat err)"
        [ "$(wc -l <err)" -eq 1 ] || wrong "$*: $verb: not one line: $(cat err)"
    done
}
alone SLURM_STEP_NUM_TASKS=4 SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_NTASKS=4
alone SLURM_NTASKS=4 SLURM_STEP_ID=0 SLURM_PROCID=0
alone PMI_SIZE=2 PMI_RANK=0
env SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=2 "$halogat" info graph.h5 >text 2>err &&
    wrong 'a third task of a step works alone'
[ ! -s err ] || wrong 'each task of a step speaks'
# an allocation's shell and batch script are no step, nor is mpirun's rank one
for setting in SLURM_NTASKS=4 'SLURM_NTASKS=4 SLURM_PROCID=0 SLURM_STEP_ID=4294967291' \
    'SLURM_STEP_NUM_TASKS=1 SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_NTASKS=4'; do
    # shellcheck disable=SC2086 # a list of variables
    env $setting "$halogat" info graph.h5 >text 2>err || wrong "$setting: $(cat err)"
done
SLURM_STEP_NUM_TASKS=4 on 1 info graph.h5 >text 2>err || wrong "mpirun within a step: $(cat err)"
finish
