#!/bin/sh
# Installs what tests/cluster/run.sh needs beside jobs/install-deps.sh (Debian, as root): SLURM, and tools for hosts in
# network namespaces. Does nothing where nothing is missing, and starts no service.
set -eu
missing=
for package in slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge iproute2 util-linux procps; do
    # shellcheck disable=SC2016 # the dollar is dpkg-query's
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) in
    installed) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0
policy=/usr/sbin/policy-rc.d # keeps the services of packages from starting
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
fi
apt-get -qq update
# shellcheck disable=SC2086 # a list of names
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null
