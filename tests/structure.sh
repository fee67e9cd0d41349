#!/bin/sh
# Checks the rules of CONTRIBUTING.md that a machine can check. Prints "file:line: rule" for each breach.
#   tests/structure.sh [FOLDER]     checks FOLDER/{src,partition,io} (default: this project)
#   tests/structure.sh --self-test  plants one breach of each rule in a copy and expects to see it reported
set -eu
here=$(cd "$(dirname "$0")" && pwd)

check() {
    cd "$1"
    find src partition io -name '*.[ch]' | sort | xargs awk -f "$here/structure.awk"
}

# file (made or appended to) | what is planted | a part of the expected message
plants() {
    cat <<'LIST'
src/base/types.h|#include "graph/node_table.h"|points up
src/nn/planted.c|#include "io/graph_file.h"|do not include each other
src/graph/planted.c|#include "rows.h"|names its folder
src/graph/planted.c|#include "cellar/wine.h"|unknown folder
io/import/import.c|#include <hdf5.h>|hdf5.h belongs
partition/cells.c|#include <metis.h>|metis.h belongs
src/nn/planted.c|#include "nn/gat/state.h"|only a convolution
src/nn/gcn/planted.c|#include "nn/gat/state.h"|only a convolution
src/nn/planted.c|#include <cblas.h>|cblas.h belongs
io/planted.c|#include <yaml.h>|yaml.h belongs
io/planted.c|#include <jansson.h>|jansson.h belongs
src/train/planted.c|#include <zlib.h>|zlib.h belongs
src/train/planted.c|#include <nettle/sha2.h>|nettle belongs
src/graph/planted.h|#include <mpi.h>|mpi.h belongs
src/train/planted.c|static void f(void) { MPI_Barrier(MPI_COMM_WORLD); }|MPI is called
partition/planted.c|static void f(void) { MPI_Barrier(MPI_COMM_WORLD); }|MPI is called
src/kernels/planted.c|static void *f(void) { return malloc(1); }|hg_mem
src/train/planted.c|static void f(void) { exit(1); }|never ends the process
src/cli/planted.c|static void f(void) { _exit(1); }|never ends the process
src/graph/planted.c|static int counter;|no globals
io/hdf5/planted.c|static void f(void) { setrlimit(RLIMIT_FSIZE, &limit); }|nothing of the process
partition/metis.c|static void f(void) { dup2(2, 1); }|nothing of the process
src/kernels/dense.c|static void f(void) { setenv("OPENBLAS_CORETYPE", "Zen", 1); }|nothing of the process
src/base/planted.c|static char *f(void) { return putenv(text); }|nothing of the process
src/train/planted.c|static void f(void) { signal(SIGPIPE, SIG_IGN); }|nothing of the process
src/dist/planted.c|static void f(void) { sigaction(SIGTERM, &action, NULL); }|nothing of the process
src/base/planted.c|static void f(void) { setitimer(ITIMER_REAL, &often, NULL); }|nothing of the process
src/train/planted.c|static void f(void) { chdir(folder); }|nothing of the process
io/planted.c|static void f(void) { umask(0); }|nothing of the process
io/text/planted.c|static void f(void) { setlocale(LC_ALL, "C"); }|nothing of the process
src/infer/planted.c|static void f(void) { printf("1"); }|printed by cli/results
src/cli/planted.c|static void f(void) { fputs("1", stdout); }|printed by cli/results
src/train/trainer.h|void hg_planted(const struct hg_config *config);|command line's struct
src/graph/planted.h|struct hg_bare { int x; };|docstring
LIST
}

self_test() {
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    plants >"$copy/plants"
    # a function of 61 lines
    awk 'BEGIN { printf "src/graph/planted.c|void f(void)\\n{"; for (i = 0; i < 58; i++) printf "\\n    g();"
                 print "\\n}|61 lines" }' >>"$copy/plants"
    missed=0
    while IFS='|' read -r file text expected; do
        rm -rf "$copy/src" "$copy/partition" "$copy/io"
        mkdir -p "$copy/src" "$copy/partition" "$copy/io" "$copy/$(dirname "$file")"
        # the checks look at one file at a time: the others need not be there
        [ ! -f "$here/../$file" ] || cp "$here/../$file" "$copy/$file"
        printf '%b\n' "$text" >>"$copy/$file"
        if check "$copy" >"$copy/report" || ! grep -q "$file:.*$expected" "$copy/report"; then
            echo "not reported: $file: $text"
            missed=1
        fi
    done <"$copy/plants"
    [ $missed -eq 0 ] && echo "structure: every planted breach is reported"
    return $missed
}

case ${1:-} in
--self-test) self_test ;;
*) check "${1:-$here/..}" && echo "structure: the rules hold" ;;
esac
