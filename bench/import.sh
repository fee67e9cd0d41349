#!/bin/bash
# bench/import.sh [BEFORE]: time and memory of `import` of a large edge list, plain and compressed, as a Markdown table
# (docs/performance.md). BEFORE is a halogat of another commit; the two import in turn.
# Seconds, million edges per second, memory per edge of all ranks beyond an import of one edge, and time and memory
# divided by those of BEFORE. Memory on more ranks: bench/memory.sh.
# Edges: EDGES (default 16777216) of EDGES / 16 nodes, with degrees as uneven as those of a web graph, written by awk.
# PAIRS (default 5) times each; figures are medians. HALOGAT (default build/halogat). Run it alone on the machine. The
# exit status tells whether all programs and all numbers of ranks gave the same graph.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd "$(dirname "$0")" && pwd)
halogat=$(realpath "${HALOGAT:-$here/../build/halogat}")
before=${1:+$(realpath "$1")}
pairs=${PAIRS:-5}
edges=${EDGES:-16777216}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk -v edges="$edges" -f "$here/edge_list.awk" >"$work/plain.tsv"
gzip -k -1 "$work/plain.tsv" && mv "$work/plain.tsv.gz" "$work/zipped.tsv.gz"
printf '0\t1\n' >"$work/one.tsv"

# import PROGRAM RANKS THREADS FILE: seconds of the slowest rank, and KiB of all ranks
import() {
    rm -f "$work/time"
    OMP_NUM_THREADS=$3 "$here/../tests/mpirun.sh" "$2" /usr/bin/time -a -o "$work/time" -f '%e %M' \
        "$1" import "$4" -o "$work/graph.h5" --quiet
    awk '{ if ($1 > seconds) seconds = $1; all += $2 } END { print seconds, all }' "$work/time"
}

# content: the hash of the graph that was imported last
content() { "$halogat" info "$work/graph.h5" --json | grep -o '"content_sha256": "[0-9a-f]*"'; }

# median COLUMN FILE
median() {
    cut -d ' ' -f "$1" "$2" | sort -g |
        awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# measure WHO PROGRAM RANKS THREADS KIND FILE: one import; appends "seconds KiB", KiB beyond an import of one edge
measure() {
    local nothing these
    nothing=$(import "$2" "$3" "$4" "$work/one.tsv")
    these=$(import "$2" "$3" "$4" "$6")
    content >>"$work/contents"
    echo "$these $nothing" | awk '{ print $1, $2 - $4 }' >>"$work/$1-$3x$4-$5"
}

for ((pair = 1; pair <= pairs; pair++)); do
    for ways in 1x1 1x2 2x1; do
        for kind in plain zipped; do
            file=$(echo "$work/$kind".tsv*)
            [ -z "$before" ] || measure before "$before" "${ways%x*}" "${ways#*x}" "$kind" "$file"
            measure now "$halogat" "${ways%x*}" "${ways#*x}" "$kind" "$file"
        done
    done
done

# over COLUMN WAYS: the median divided by that of BEFORE
over() {
    [ -n "$before" ] || return 0
    awk -v a="$(median "$1" "$work/now-$2")" -v b="$(median "$1" "$work/before-$2")" 'BEGIN { printf "%.2f", a / b }'
}

echo "| ranks x threads | file | seconds | million edges / s | bytes / edge | time / before | memory / before |"
echo "|---|---|---|---|---|---|---|"
for ways in 1x1 1x2 2x1; do
    for kind in plain zipped; do
        awk -v ways="$ways" -v kind="$kind" -v edges="$edges" -v s="$(median 1 "$work/now-$ways-$kind")" \
            -v kib="$(median 2 "$work/now-$ways-$kind")" -v time="$(over 1 "$ways-$kind")" \
            -v memory="$(over 2 "$ways-$kind")" 'BEGIN {
                sub(/x/, " x ", ways)
                printf "| %s | %s | %.2f | %.1f | %.1f | %s | %s |\n", ways, kind, s, edges / s / 1e6,
                    kib * 1024 / edges, time, memory
            }'
    done
done
[ "$(sort -u "$work/contents" | wc -l)" -eq 1 ] || { echo "the imports differ" >&2 && exit 1; }
