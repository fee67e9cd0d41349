#!/bin/bash
# One training run on several hosts without a batch system, started on one that reaches the others by ssh:
#   jobs/mpirun-hosts.sh HOSTFILE GRAPH DIR [train options]
# HOSTFILE has lines such as "node1 slots=2". The program, GRAPH and DIR must have the same path on every host (DIR: on
# the first). It goes on from the newest checkpoint of DIR. `kill -USR2 PID` or Ctrl-C here stops it with a checkpoint.
# HALOGAT: the program (default build/halogat). More options of mpirun: as OMPI_MCA_... in the environment, such as
#   OMPI_MCA_btl_tcp_if_include=10.1.0.0/16    the network of the ranks' messages
#   OMPI_MCA_oob_tcp_if_include=10.1.0.0/16    the network of mpirun's daemons
set -u
[ $# -ge 3 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
hostfile=$1 graph=$2 dir=$3 program=$(realpath "${HALOGAT:-build/halogat}")
shift 3
# a lost host ends the job after half a minute, not after eight minutes
export OMPI_MCA_oob_tcp_keepalive_time=${OMPI_MCA_oob_tcp_keepalive_time:-10}
export OMPI_MCA_oob_tcp_keepalive_intvl=${OMPI_MCA_oob_tcp_keepalive_intvl:-5}
export OMPI_MCA_oob_tcp_keepalive_probes=${OMPI_MCA_oob_tcp_keepalive_probes:-4}

set -m # Ctrl-C reaches this shell only: mpirun would give its ranks one second
output=$(mktemp)
trap 'rm -f "$output"' EXIT
mpirun --hostfile "$hostfile" --map-by node --bind-to none "$program" train "$graph" --out "$dir" --resume "$@" \
    </dev/null 2> >(tee "$output" >&2) &
pid=$!
trap 'kill -USR2 $pid' INT TERM USR2
trap 'kill -USR1 $pid' USR1
# mpirun waits for ever for a host that hangs while its network answers. The ranks of other hosts have ended themselves
# then (--stall-minutes), with a line.
hung=
while kill -0 $pid 2>/dev/null; do
    sleep 2 &
    wait $!
    [ -n "$hung" ] || ! grep -q '^halogat train: rank .*: no progress for' "$output" || hung=$SECONDS
    if [ -z "$hung" ] || [ $((SECONDS - hung)) -lt 20 ]; then continue; fi
    kill -KILL $pid 2>/dev/null && echo "mpirun-hosts: mpirun waits for a host that hangs: ended" >&2
done
wait $pid
