#!/bin/bash
# bench/partitions.sh [GRAPH.h5...]: partitions by METIS and by clusters, as Markdown tables (docs/performance.md).
# GRAPH.h5: graph files in imported order (default: those of HALOGAT_DATA, and a mesh of a million nodes).
#   first table    halo rows of 2, 3, 4, 7, 8 and 16 ranks with cells of METIS, over those of METIS's partition of the
#                  whole graph into as many parts; then with cells of clusters over those with cells of METIS: geometric
#                  mean and largest. "uneven": the largest of node_balance and edge_balance; "largest rank": the halo of
#                  the rank that has most over the mean
#   second table   seconds, and memory of the largest rank beyond an empty graph's, of `partition --quiet`
# METIS's partition of the whole graph is left out for more than DIRECT edges (default 2000000), METIS for more than
# METIS edges (default 20000000). RANKS (default 1) is how many ranks partition. HALOGAT (default build/halogat).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
halogat=$(realpath "${HALOGAT:-$here/../build/halogat}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ranks=${RANKS:-1}
list=2,3,4,7,8,16

if [ $# -eq 0 ]; then
    for set in cora citeseer coauthor_cs tolokers amazon_photo humango squirrel_filtered actor cnr2000 \
        county_election_2012 ppi_go squirrel_traffic; do
        [ -e "${HALOGAT_DATA:-}/$set.npz" ] || continue
        "$halogat" import "$HALOGAT_DATA/$set.npz" -o "$work/$set.h5" --quiet
        set -- "$@" "$work/$set.h5"
    done
    "$halogat" generate grid --nodes 1000000 --features 1 --classes 2 -o "$work/mesh.h5" --quiet
    set -- "$@" "$work/mesh.h5"
fi
"$halogat" generate grid --nodes 4 --features 1 --classes 2 -o "$work/none.h5" --quiet

# column NAME FILE: the values of one column of the JSON, one a line
column() { grep -o "\"$1\": [0-9.e+-]*" "$2" | cut -d ' ' -f 2; }

# over A B: geometric mean and largest of the ratios of the lines of two files
over() {
    paste -d ' ' "$1" "$2" | awk '$2 > 0 { r = $1 / $2; s += log(r); n++; if (r > m) m = r }
        END { if (n) printf "%.2f, %.2f", exp(s / n), m; else printf "no halo" }'
}

uneven() { { column node_balance "$1" && column edge_balance "$1"; } | sort -g | tail -n 1 | xargs printf %.2f; }

largest_rank() {
    paste -d ' ' <(column max_halo "$1") <(column halo_rows "$1") <(column ranks "$1") |
        awk '$2 > 0 && $1 * $3 / $2 > m { m = $1 * $3 / $2 } END { printf "%.2f", m }'
}

# measure METHOD GRAPH: JSON of the halos into METHOD.json, the halo rows into METHOD.halo
measure() {
    "$halogat" partition "$2" -o "$work/cells.h5" --partitioner "$1" --ranks $list --json "${@:3}" >"$work/$1.json"
    column halo_rows "$work/$1.json" >"$work/$1.halo"
}

# cost METHOD GRAPH: seconds and megabytes of the largest rank
cost() {
    "$here/../tests/mpirun.sh" "$ranks" /usr/bin/time -a -o "$work/time" -f '%e %M' \
        "$halogat" partition "$2" -o "$work/cells.h5" --partitioner "$1" --quiet
    sort -g -k 2 "$work/time" | tail -n 1
    rm "$work/time"
}

echo "| graph | edges | METIS over the whole graph | uneven | largest rank |" \
    "clusters over METIS | uneven | largest rank |"
echo "|---|---|---|---|---|---|---|---|"
for graph in "$@"; do
    edges=$("$halogat" info "$graph" --json | grep -o '"num_edges": [0-9]*' | cut -d ' ' -f 2)
    [ "$edges" -le "${METIS:-20000000}" ] || continue
    direct=()
    [ "$edges" -gt "${DIRECT:-2000000}" ] || direct=(--compare-metis)
    measure metis "$graph" "${direct[@]}"
    column metis_halo_rows "$work/metis.json" >"$work/direct.halo" || true
    whole=-
    [ ${#direct[@]} -eq 0 ] || whole=$(over "$work/metis.halo" "$work/direct.halo")
    measure cluster "$graph"
    echo "| $(basename "$graph" .h5) | $edges | $whole |" \
        "$(uneven "$work/metis.json") | $(largest_rank "$work/metis.json") |" \
        "$(over "$work/cluster.halo" "$work/metis.halo") |" \
        "$(uneven "$work/cluster.json") | $(largest_rank "$work/cluster.json") |"
done

echo
echo "| graph | METIS: seconds, MB | clusters on $ranks ranks: seconds, MB |"
echo "|---|---|---|"
read -r _ empty <<<"$(cost block "$work/none.h5")"
for graph in "$@"; do
    edges=$("$halogat" info "$graph" --json | grep -o '"num_edges": [0-9]*' | cut -d ' ' -f 2)
    line="| $(basename "$graph" .h5) |"
    for method in metis cluster; do
        if [ $method = metis ] && [ "$edges" -gt "${METIS:-20000000}" ]; then
            line="$line - |"
            continue
        fi
        read -r seconds memory <<<"$(cost $method "$graph")"
        line="$line $(printf '%.1f, %.0f' "$seconds" $(((memory - empty) / 1000))) |"
    done
    echo "$line"
done
