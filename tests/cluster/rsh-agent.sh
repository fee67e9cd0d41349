#!/bin/bash
# rsh-agent.sh STATE [options of ssh] HOST COMMAND...: what mpirun calls in place of ssh, on the host `login`.
state=$1
shift
# shellcheck source=tests/cluster/hosts.inc
. "$(dirname "$0")/hosts.inc"
while [ $# -gt 0 ]; do
    case $1 in
    -l | -o | -p | -i) shift 2 ;;
    -*) shift ;;
    *) break ;;
    esac
done
host=$1
shift
cd / || exit 1
inside "$host" env -i HOME="${HOME:-/root}" PATH="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" /bin/bash -c "$*"
