#!/bin/bash
# tests/cluster/run.sh            trainings on a real SLURM and on several hosts, all on this machine; 20 minutes
# tests/cluster/run.sh --short    a selection of two minutes
# tests/cluster/run.sh CASE...    some cases, by the names of their functions (slurm_cases.inc, hosts_cases.inc)
# Prints a line for each case. Exit status: 0 all passed, 1 some failed, 77 skipped (the reason is printed).
# Needs root and what install.sh installs. Hosts are namespaces: nothing leaves this machine or is left behind.
# HALOGAT: the program (default build/halogat). HG_CLUSTER_KEEP=1 keeps the folder of files, and names it.
set -u
cd "$(dirname "$0")/../.." || exit 1
skip() {
    echo "skipped: $*"
    exit 77
}
if [ -z "${HG_CLUSTER_STATE:-}" ]; then
    [ "$(id -u)" -eq 0 ] || skip "hosts and SLURM need root"
    for tool in mpirun slurmctld slurmd munged sbatch ip nsenter "${CC:-cc}"; do
        command -v "$tool" >/dev/null || skip "no $tool (tests/cluster/install.sh)"
    done
    HALOGAT=$(realpath "${HALOGAT:-build/halogat}")
    [ -x "$HALOGAT" ] || skip "no program $HALOGAT: set HALOGAT"
    HG_CLUSTER_STATE=$(mktemp -d)
    export HALOGAT HG_CLUSTER_STATE
    trap '[ -n "${HG_CLUSTER_KEEP:-}" ] || rm -rf "$HG_CLUSTER_STATE"' EXIT
    box=(unshare --mount --pid --net --ipc --fork --kill-child=KILL --mount-proc)
    "${box[@]}" ip link add probe type bridge 2>/dev/null || skip "namespaces or bridges are not allowed here"
    # the kernel ends the box when this shell ends
    setpriv --pdeathsig KILL -- "${box[@]}" -- sh -c 'ip link set lo up; exec "$@"' box "$PWD/tests/cluster/run.sh" "$@"
    exit $?
fi

# From here on within a box, with which all processes end.
state=$HG_CLUSTER_STATE
begin=$SECONDS
until_true() { # until_true SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}
# shellcheck source=tests/cluster/hosts.inc
. tests/cluster/hosts.inc
# shellcheck source=tests/cluster/slurm.inc
. tests/cluster/slurm.inc

failures=0 problem=
need() { # need WHAT COMMAND...: what a case expects; its first disappointment is kept
    local what=$1
    shift
    "$@" || problem=${problem:-$what}
}

# run_case FUNCTION [ARGUMENT...]: it works in $work/$name and sets $title
run_case() {
    local began=$SECONDS
    problem='' title=$* note='' name=$(tr -c 'A-Za-z0-9\n' - <<<"$*")
    log=$work/$name.log run=$work/$name
    "$@"
    if [ -z "$problem" ]; then
        echo "ok: $title ($((SECONDS - began)) s${note:+; $note})"
    else
        failures=$((failures + 1))
        echo "FAILED: $title ($((SECONDS - began)) s): $problem"
        grep -v '^epoch' "$log" | tail -n "${HG_CLUSTER_TAIL:-30}" | sed 's/^/    /'
    fi
}

hash_of() { sed -n 's/.*"params_sha256": "\(.*\)".*/\1/p' "$1/summary.json"; }
lines_of() { sed 's/,"seconds":.*//' "$1/metrics.jsonl"; }
reached() { [ -s "$run/metrics.jsonl" ] && [ "$(wc -l <"$run/metrics.jsonl")" -ge "$1" ]; } # reached EPOCH

undisturbed() { # the run on one rank, made when it is first wanted
    [ -e "$work/undisturbed/complete" ] ||
        "$HALOGAT" train "$graph" --out "$work/undisturbed" --epochs $epochs "${options[@]}"
}

# The run in $run ended as the undisturbed one in FOLDER, and left nothing else.
same_as() { # same_as FOLDER
    case $1 in "$work/undisturbed") undisturbed ;; esac
    need "not complete" test -e "$run/complete"
    need "other parameters" test "$(hash_of "$run")" = "$(hash_of "$1")"
    need "other metrics.jsonl" cmp -s <(lines_of "$run") <(lines_of "$1")
    need "files are left" test -z "$(find "$run" -name owner -o -name '*partial*' -o -name failed-attempts)"
}

work=$state/work
mkdir -p "$work"
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE # ranks on other hosts do not inherit them
export OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMP_WAIT_POLICY=passive
options=(--heads "4,1" --hidden 16 --dropout 0.3 --eval-every 5 --quiet)
epochs=800
[ "${1:-}" != --short ] || epochs=400
graph=$work/cells.h5 unordered=$work/graph.h5
"$HALOGAT" generate sbm --nodes 20000 --edges 300000 --features 32 --classes 8 -o "$unordered" --quiet &&
    "$HALOGAT" partition "$unordered" -o "$graph" --ranks 2,4 --quiet || exit 1
# of the cases: all but one of the hosts
hosts_up 4
hostfile=$state/hostfile-3
head -n 3 "$state/hostfile" >"$hostfile"

# shellcheck source=tests/cluster/slurm_cases.inc
. tests/cluster/slurm_cases.inc
# shellcheck source=tests/cluster/hosts_cases.inc
. tests/cluster/hosts_cases.inc
case ${1:-} in
--short)
    hosts_cases_short
    slurm_cases_short
    ;;
'')
    hosts_cases
    slurm_cases
    ;;
*)
    case $* in *slurm_*) slurm_up 3 ;; esac
    for argument; do
        # shellcheck disable=SC2086 # a function and its arguments
        run_case $argument
    done
    ;;
esac
[ -z "${HG_CLUSTER_KEEP:-}" ] || echo "kept in $state"
echo "cluster: $failures failed, $((SECONDS - begin)) s"
[ $failures -eq 0 ]
