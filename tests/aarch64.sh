#!/bin/sh
# tests/aarch64.sh: on a Debian machine of another architecture, builds for aarch64 and runs every unit test on one
# rank, emulated by QEMU. Unpacks Debian's aarch64 libraries into build-aarch64/root, once. Needs root. JOBS: default
# the number of cores.
set -eu
cd "$(dirname "$0")/.."

build="build-aarch64"
jobs=${JOBS:-$(nproc)}
tools="debootstrap qemu-user-static gcc-aarch64-linux-gnu"

for tool in $tools; do
    dpkg -s "$tool" >/dev/null 2>&1 || missing="${missing:-} $tool"
done
# shellcheck disable=SC2086 # a list of packages
[ -z "${missing:-}" ] || apt-get install -y --no-install-recommends $missing

if [ ! -e $build/root/complete ]; then
    libraries=$(sed -n 's/^\([a-z0-9-]*-dev\|openmpi-bin\) .*/\1/p' jobs/install-deps.sh |
        grep -v '^libc6' | paste -sd ,)
    release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    rm -rf $build/root
    mkdir -p $build
    # packages are unpacked and not set up, which would have to run on aarch64
    debootstrap --foreign --arch=arm64 --variant=minbase --include="$libraries" "$release" $build/root
    for package in "$build"/root/var/cache/apt/archives/*.deb; do dpkg -x "$package" $build/root; done
    touch $build/root/complete
fi

# shellcheck disable=SC2086 # a list of arguments
cmake -S . -B $build -DCMAKE_TOOLCHAIN_FILE="$PWD/cmake/aarch64-linux-gnu.cmake" -DCMAKE_BUILD_TYPE=Release \
    -DHALOGAT_BENCH=OFF ${CMAKE_ARGS:-}
cmake --build $build -j "$jobs"
# mpirun would start its own helpers, which only an aarch64 kernel can
MPIEXEC="$PWD/tests/emulate.sh" ctest --test-dir $build -j "$jobs" -R '^[a-z_]+_1$' --no-tests=error --output-on-failure
