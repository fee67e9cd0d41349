#!/bin/bash
# What `halogat plan` says beside what trainings need, as a Markdown table: memory of the largest rank, bytes of an
# epoch, seconds of an epoch, and each as plan / training. Measures the machine's rates first; --rounds R (default 3):
# so many trainings of each kind, whose median counts for seconds. GRAPHS: files in cell order (default: generated).
#   bench/plan.sh [--rounds R] [GRAPH...]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
halogat=${HALOGAT:-$here/../build/halogat}
rounds=3
[ "${1:-}" != --rounds ] || { rounds=$2 && shift 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMPI_MCA_rmaps_base_oversubscribe=1 XDG_CACHE_HOME=$work/cache

number() { sed -n "s/.*\"$1\": *\([-+0-9.eE]*\).*/\1/p" "$2" | head -n 1; }
largest() { tr -d '\n ' <"$2" | sed -n "s/.*\"$1\":\[\([^]]*\).*/\1/p" | tr ',' '\n' | sort -n | tail -n 1; }

make_graph() { # make_graph NAME EDGES NODES FEATURES
    "$halogat" generate rmat -o "$work/rows.h5" --nodes "$3" --edges "$2" --features "$4" --classes 40 --seed 1 --quiet
    "$halogat" partition "$work/rows.h5" -o "$work/$1.h5" --partitioner cluster --quiet
    rm "$work/rows.h5"
}

compare() { # compare GRAPH RANKS THREADS OPTIONS...
    graph=$1 ranks=$2 threads=$3
    shift 3
    for ((k = 0; k < rounds; k++)); do
        mpirun --bind-to none -n "$ranks" "$halogat" train "$graph" --out "$work/run" --overwrite --epochs 9 \
            --eval-every 1000 --threads "$threads" --quiet "$@" </dev/null
        number seconds_per_epoch "$work/run/summary.json"
    done | sort -g >"$work/seconds"
    seconds=$(sed -n "$((rounds / 2 + 1))p" "$work/seconds")
    "$halogat" plan "$graph" -n "$ranks" --ranks-per-node "$ranks" --threads "$threads" --json "$@" >"$work/plan.json"
    awk -v name="$(basename "$graph" .h5) ${*//--/}" -v shape="$ranks x $threads" \
        -v memory="$(number memory_bytes "$work/plan.json")" \
        -v peak="$(largest peak_memory_bytes "$work/run/summary.json")" \
        -v bytes="$(number bytes_per_epoch "$work/plan.json")" \
        -v sent="$(number bytes_sent_per_epoch "$work/run/summary.json")" \
        -v planned="$(number seconds_per_epoch "$work/plan.json")" -v seconds="$seconds" 'BEGIN {
        printf "| %s | %s | %.1f | %.2f | %.1f | %s | %.4g | %.2f |\n", name, shape, peak / 1e6, memory / peak,
               sent / 1e6, (sent > 0 ? sprintf("%.3f", bytes / sent) : ""), seconds, planned / seconds }'
}

if [ $# -eq 0 ]; then
    make_graph R-MAT-2.5M 2550000 131072 128
    make_graph R-MAT-dense 3000000 32768 16
    make_graph R-MAT-small 100000 8192 64
    set -- "$work"/R-MAT-*.h5
fi
"$halogat" plan --measure
echo "| graph, options | ranks x threads | peak, MB | plan / peak | sent, MB | plan / sent | s/epoch | plan / s |"
echo "|---|---|---|---|---|---|---|---|"
for graph; do
    compare "$graph" 1 2 --heads 8,1 --hidden 8
    compare "$graph" 1 1 --heads 8,1 --hidden 32
    compare "$graph" 2 1 --heads 8,1 --hidden 8
    compare "$graph" 2 1 --heads 4,4,1 --hidden 16 --halo-dtype bf16
    compare "$graph" 4 1 --heads 8,1 --hidden 8
done
