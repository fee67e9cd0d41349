#!/bin/bash
# bench/scaling.sh [SECONDS]: seconds per training epoch on 1, 2, 4, ... cores of this machine, as Markdown tables
# (docs/performance.md, "Scaling"), in about SECONDS (default 540) altogether. Run it alone on the machine.
#   strong scaling   one graph on 1 rank of 1 to all threads, on 1 to all ranks of 1 thread, and on all cores with ranks
#                    of several threads, among them one per NUMA node
#   weak scaling     a graph whose size grows with the cores
# Graphs: an R-MAT, one like a crawl of the web (bench/crawl.py) and a mesh. Every run is repeated, in turn with the
# others, as long as there is time; medians are printed. What there was no time for is left out.
#
# CORES (default: those that this process may use); EDGES, per core (default 150000); EPOCHS of a run (default 6);
# TOOLS (default build): folder with halogat and bench/roofline; OUT (default build/scaling): graphs and results, which
# bench/scaling_table.py prints.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
budget=${1:-540}
cores=${CORES:-$(nproc)}
tools=${TOOLS:-build}
out=${OUT:-build/scaling}
epochs=${EPOCHS:-6}
mkdir -p "$out"
: >"$out/runs"
halogat=$tools/halogat
mpirun=(mpirun)
[ "$(id -u)" -ne 0 ] || mpirun+=(--allow-run-as-root)
# ranks of one thread or more are bound to as many cores, where the machine allows it
bound=yes
"${mpirun[@]}" --map-by slot:PE=1 --bind-to core -n 1 true 2>/dev/null || bound=no

left() { [ "$SECONDS" -lt "$budget" ]; }

on() { # on RANKS THREADS PROGRAM ARGUMENT...
    local ranks=$1 threads=$2 place=(--bind-to none --oversubscribe)
    shift 2
    [ "$ranks" -eq 1 ] || [ $bound = no ] || place=(--map-by "slot:PE=$threads" --bind-to core)
    OMP_NUM_THREADS=$threads "${mpirun[@]}" "${place[@]}" -n "$ranks" "$@" </dev/null
}

powers() { # powers LAST: 1, 2, 4, ... and LAST
    local p
    for ((p = 1; p < $1; p *= 2)); do echo "$p"; done
    echo "$1"
}

# make KIND CORES: the graph of so many cores, in cell order, unless it is there
make() {
    local kind=$1 edges=$((${EDGES:-150000} * $2)) graph=$out/$1-$2.h5 plain=$out/plain.h5
    [ ! -e "$graph" ] || return 0
    case $kind in
    rmat) "$halogat" generate rmat --nodes $((edges / 10)) --edges $edges --features 64 --classes 16 -o "$plain" \
        --quiet ;;
    mesh) "$halogat" generate grid --nodes $((edges / 4)) --features 64 --classes 16 -o "$plain" --quiet ;;
    crawl)
        python3 bench/crawl.py "$out/crawl" $((edges / 16)) $((edges * 10 / 16)) 64 16
        "$halogat" import "$out/crawl/edges.txt" --features "$out/crawl/features.npy" --labels \
            "$out/crawl/labels.txt" --undirected --split-random 0.9,0.05 -o "$plain" --quiet
        ;;
    esac
    on "$cores" 1 "$halogat" partition "$plain" --partitioner cluster -o "$graph" --quiet
    rm -rf "$plain" "$out/crawl"
}

# layouts P: "ranks threads" on P cores; on all of them also those in between
layouts() {
    local domains ranks
    echo "1 $1"
    [ "$1" -gt 1 ] || return 0
    echo "$1 1"
    [ "$1" -eq "$cores" ] || return 0
    domains=$(find /sys/devices/system/node -maxdepth 1 -name 'node[0-9]*' 2>/dev/null | wc -l)
    for ranks in $(printf '%s\n' 2 4 "$domains" $((domains * 2)) | sort -nu); do
        if [ "$ranks" -gt 1 ] && [ "$ranks" -lt "$1" ] && [ $(($1 % ranks)) -eq 0 ]; then
            echo "$ranks $(($1 / ranks))"
        fi
    done
}

# run SCALING KIND GRAPH RANKS THREADS: adds a line of JSON to the results
run() {
    on "$4" "$5" "$halogat" train "$3" --out "$out/run" --overwrite --heads 8,1 --hidden 8 --epochs "$epochs" \
        --eval-every 100000 --threads "$5" --quiet
    printf '{"scaling": "%s", "kind": "%s", "ranks": %s, "threads": %s, "summary": %s}\n' "$1" "$2" "$4" "$5" \
        "$(tr '\n' ' ' <"$out/run/summary.json")" >>"$out/runs"
}

# strong KIND, weak KIND: all their runs, once. The graph of all cores is that of strong scaling.
strong() {
    local used ranks threads
    make "$1" "$cores"
    for used in $(powers "$cores"); do
        while read -r ranks threads; do
            left || return 0
            run strong "$1" "$out/$1-$cores.h5" "$ranks" "$threads"
        done < <(layouts "$used")
    done
}
weak() {
    local used ranks
    for used in $(powers "$cores"); do
        left || return 0
        make "$1" "$used"
        for ranks in $(printf '%s\n' 1 "$used" | sort -nu); do
            left || return 0
            run weak "$1" "$out/$1-$used.h5" "$ranks" $((used / ranks))
        done
    done
}

# what the machine can do at best with so many threads
roofline() {
    local threads
    make rmat "$cores"
    for threads in $(powers "$cores"); do
        left || return 0
        "$tools/bench/roofline" "$out/rmat-$cores.h5" --threads "$threads" --rounds 3 --stream 64 --widths 64 \
            --gemm 64x64 >"$out/roofline-$threads"
    done
}

rm -f "$out"/roofline-* "$out"/*.h5
roofline
for ((round = 1; round <= 100; round++)); do
    for scaling in strong weak; do
        for kind in rmat crawl mesh; do
            if left; then $scaling $kind; fi
        done
    done
    left || break
done
python3 bench/scaling_table.py "$out" "$cores"
