#!/bin/bash
# Causes of lost speed that users would not notice: waiting threads leave their core to others; what launchers,
# options and the environment make of threads and cores is reported; a process without a launcher starts no daemon.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"
unset OMP_NUM_THREADS SLURM_CPUS_PER_TASK
cores=$(nproc)

"$halogat" generate sbm -o graph.h5 --nodes 2000 --edges 20000 --features 8 --classes 4 --quiet

# seconds of processor time, user's and system's, of what `time` wrote
TIMEFORMAT='%U %S'

# used ARGUMENT...: sets `seconds` to the processor time that a training takes
used() {
    result=0
    {
        time timeout 60 "$halogat" train graph.h5 --out used --overwrite --heads 4,1 --hidden 8 --quiet "$@" 2>err ||
            result=$?
    } 2>took
    [ $result -eq 0 ] || wrong "train $* among busy processes: exit $result: $(cat err)"
    seconds=$(awk '{ print $1 + $2 }' took)
}

# Four processes beside two threads. A thread that waits by watching takes many times what the work takes.
busy=
for _ in 1 2 3 4; do
    while :; do :; done &
    busy="$busy $!"
done
# shellcheck disable=SC2064,SC2086 # the processes as they are now
trap "kill $busy 2>/dev/null || true; rm -rf '$work'" EXIT
used --threads 1 --epochs 60
alone=$seconds
used --threads 2 --epochs 60
two=$seconds
# shellcheck disable=SC2086 # a list
kill $busy
awk -v alone="$alone" -v two="$two" 'BEGIN { exit !(two < 3 * alone + 0.2) }' ||
    wrong "two threads among busy processes take $two s of processor time, one takes $alone"

# says PATTERN COUNT COMMAND...: so many lines match
says() {
    pattern=$1 count=$2
    shift 2
    "$@" >text 2>err || wrong "$*: $(cat err)"
    [ "$(grep -Ec -- "$pattern" text || true)" -eq "$count" ] || wrong "$*: not $count times '$pattern': $(cat text)"
    [ ! -s err ] || wrong "$*: wrote on stderr: $(cat err)"
}
train="train graph.h5 --out out --overwrite --heads 2,1 --hidden 4 --epochs 2"

# options, then the environment, then a share of the cores (of which a control group may grant less than there are)
# shellcheck disable=SC2086 # a list of options
share=$("$halogat" $train | sed -n 's/^1 rank x \([0-9]*\) thread.*/\1/p')
{ [ "$share" -ge 1 ] && [ "$share" -le "$cores" ]; } || wrong "the share of $cores cores is $share"
# shellcheck disable=SC2086 # lists of options
{
    says '^1 rank x 3 threads' 1 env OMP_NUM_THREADS=3,2 SLURM_CPUS_PER_TASK=5 "$halogat" $train
    says '^1 rank x 5 threads' 1 env SLURM_CPUS_PER_TASK=5 "$halogat" $train
    says '^1 rank x 1 thread ' 1 env OMP_NUM_THREADS=3 "$halogat" $train --threads 1
    says "^1 rank x $share thread" 1 env OMP_PROC_BIND=true "$halogat" $train
    says '^note: ' 0 env OMP_PROC_BIND=true "$halogat" $train
    says '^note: ' 0 "$halogat" $train --threads 1
    crowd=$((8 * cores))
    says "^note: $crowd threads take turns on $cores core.*--threads $share is quicker" 1 \
        "$halogat" $train --threads $crowd
    says '^note: ' 1 "$halogat" $train --threads $crowd
    says '.' 0 "$halogat" $train --threads $crowd --quiet
    [ "$cores" -ge 16 ] || says "^note: 3 ranks x 8 threads take turns on $cores core" 1 on 3 $train --threads 8
    says '[0-9] s/epoch, [0-9.e-]+ with evaluation and waiting' 1 "$halogat" $train
}
awk -v wall="$(number wall_seconds_per_epoch out/summary.json)" -v total="$(number seconds_total out/summary.json)" \
    -v epoch="$(number seconds_per_epoch out/summary.json)" \
    'BEGIN { exit !(wall > 0 && wall >= epoch && 2 * wall <= total + 1e-9) }' ||
    wrong "wall_seconds_per_epoch is none: $(cat out/summary.json)"

# one rank on one core of several
if [ "$cores" -ge 2 ] && [ -z "${MPIEXEC:-}" ]; then
    if [ "$(id -u)" -eq 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
    # shellcheck disable=SC2086 # lists of options
    if mpirun --bind-to core -n 1 true 2>/dev/null; then
        says "^note: .* 1 core .* $cores: give mpirun --bind-to none, or --map-by slot:PE=$cores\$" 1 \
            mpirun --bind-to core -n 1 "$halogat" $train
        says '^note: ' 0 mpirun --bind-to none -n 1 "$halogat" $train
    fi
fi

# Nobody launched it: no daemon, while it trains.
mkdir folder
TMPDIR=$work/folder "$halogat" train graph.h5 --out long --epochs 1000000 --quiet 2>err &
program=$!
for _ in $(seq 300); do
    [ ! -s long/metrics.jsonl ] || break
    sleep 0.1
done
[ -s long/metrics.jsonl ] || wrong "a process that nobody launched does not train: $(cat err)"
read -r -a children <"/proc/$program/task/$program/children" || true
for child in ${children[@]+"${children[@]}"}; do cat "/proc/$child/comm"; done >daemons
[ ! -s daemons ] || wrong "a process that nobody launched started $(cat daemons)"
kill "$program"
wait "$program" || true

# ... and many of them do not get into each other's way, nor leave anything behind
mkdir temporary
started=
for k in 1 2 3 4 5 6; do
    for n in 1 2 3; do
        TMPDIR=$work/temporary "$halogat" generate grid -o "grid-$k-$n.h5" \
            --nodes 100 --features 2 --classes 2 --quiet || echo "exit $?" >&2
    done 2>"said-$k" &
    started="$started $!"
done
for process in $started; do wait "$process"; done
cat said-* >said
[ ! -s said ] || wrong "lone processes beside each other: $(cat said)"
rmdir temporary/* temporary 2>/dev/null || wrong "lone processes leave $(find temporary)"

finish
