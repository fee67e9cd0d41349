#!/bin/sh
# tests/tidy.sh FILE.c ...: runs clang-tidy with the checks of .clang-tidy.
# A file without findings is checked again only when it, or a header of this project that it includes, has changed: a
# hash of all of them is stored in ~/.cache/halogat-tidy.
set -eu
cd "$(dirname "$0")/.."
clean=${XDG_CACHE_HOME:-$HOME/.cache}/halogat-tidy
mkdir -p "$clean"
flags="-std=c11 -D_GNU_SOURCE -fopenmp -Isrc -I. $(mpicc --showme:compile) $(pkg-config --cflags hdf5-openmpi)"
failed=0
for file; do
    # shellcheck disable=SC2046,SC2086 # options, and names without blanks
    key=$(cat .clang-tidy tests/tidy.sh $(cc $flags -MM "$file" | sed 's/^[^ ]*://; s/\\$//') | sha256sum | cut -c 1-40)
    [ -e "$clean/$key" ] && continue
    # shellcheck disable=SC2086 # options
    if clang-tidy --quiet "$file" -- $flags 2>"$clean/$key.$$"; then
        touch "$clean/$key"
    else
        # it counts there what it does not show
        grep -v '^[0-9]* warnings\{0,1\} generated' "$clean/$key.$$" >&2 || true
        failed=1
    fi
    rm -f "$clean/$key.$$"
done
exit $failed
