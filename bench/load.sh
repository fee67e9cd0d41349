#!/bin/bash
# bench/load.sh BEFORE [PART...]: two threads beside busy processes, as Markdown tables (docs/performance.md).
# BEFORE is a halogat whose threads wait as libgomp's do (a commit without src/base/team.c). It runs with each of
# libgomp's waiting policies, in turn with the program that is judged. PART (default: all three):
#   quiet   no other process: at most 1.02 times the time of BEFORE with libgomp's default policy
#   4, 8    this many busy processes beside: at most 1.3 times the time of the best policy
#
# Run it alone on the machine; it starts and ends the busy processes itself. Seconds are of the median training epoch
# (quiet), or of all epochs of a run with evaluation and waiting (4, 8); medians over ROUNDS rounds (default 15 quiet,
# 7 busy), each of which runs everything once. A ratio is the median of the ratios of the rounds.
#
# EPOCHS (default 100; R-MAT a tenth of it). HALOGAT (default build/halogat). HALOGAT_DATA: folder with cora.npz and
# county_election_2012.npz; missing ones are left out. The exit status tells whether all limits were met.
set -euo pipefail
cd "$(dirname "$0")/.."
before=${1:?which program is compared with?}
shift
halogat=${HALOGAT:-build/halogat}
parts=("$@")
[ $# -gt 0 ] || parts=(quiet 4 8)
epochs=${EPOCHS:-100}
work=$(mktemp -d)
busy=()
calm() { # ends what `beside` started
    [ ${#busy[@]} -eq 0 ] || kill "${busy[@]}" 2>/dev/null || true
    busy=()
}
trap 'calm; rm -rf "$work"' EXIT
beside() {
    for ((k = 0; k < $1; k++)); do
        while :; do :; done &
        busy+=($!)
    done
}

# number KEY: a number of the last run's summary; empty when there is none
number() { sed -n "s/.*\"$1\": *\([-+0-9.eE]*\).*/\1/p" "$work/run/summary.json" | head -n 1; }

# run GRAPH POLICY: trains, adds "part graph policy round seconds median" to $work/lines
run() {
    local program=$before options=(--heads "8,1" --hidden 8 --epochs "$epochs") policy=()
    case $1 in
    cora) options=(--recipe gat-cora --epochs "$epochs") ;;
    rmat) options=(--heads "8,1" --hidden 8 --epochs $(((epochs + 9) / 10))) ;;
    esac
    case $2 in
    halogat) program=$halogat ;;
    passive) policy=(OMP_WAIT_POLICY=passive) ;;
    spin-*) policy=(GOMP_SPINCOUNT="${2#spin-}") ;;
    esac
    rm -rf "$work/run"
    local start end
    start=$(date +%s.%N)
    env -u OMP_NUM_THREADS -u OMP_WAIT_POLICY -u GOMP_SPINCOUNT "${policy[@]}" \
        timeout 120 "$program" train "$work/$1.h5" --out "$work/run" --threads 2 --quiet "${options[@]}" || true
    end=$(date +%s.%N)
    if [ -f "$work/run/summary.json" ]; then
        # the same clock for both: BEFORE has no wall_seconds_per_epoch
        echo "$part $1 $2 $round $(number seconds_total) $(number seconds_per_epoch)"
    else
        echo "$part $1 $2 $round $(awk -v a="$start" -v b="$end" 'BEGIN { print b - a }') 99"
    fi >>"$work/lines"
}

# judge PART LIMIT COLUMN POLICY...: prints a table; false when a graph is above the limit.
# COLUMN 5: seconds of all epochs, 6: median of the training epochs.
judge() {
    awk -v part="$1" -v limit="$2" -v column="$3" -v policies="${*:4}" '
        function median(list, n,    i, j, t) {
            for (i = 2; i <= n; i++)
                for (j = i; j > 1 && list[j - 1] > list[j]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
            return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
        }
        $1 == part { seconds[$2, $3, $4] = $column; graphs[$2]; rounds = $4 }
        END {
            count = split(policies, policy, " ")
            printf "\n| %s | halogat", part == "quiet" ? "quiet" : part " busy processes"
            for (p = 1; p <= count; p++) printf " | %s", policy[p]
            printf " | times the best | |\n|---|---"
            for (p = 0; p <= count; p++) printf "|---"
            printf "|---|\n"
            for (g in graphs) {
                for (r = 1; r <= rounds; r++) list[r] = seconds[g, "halogat", r]
                printf "| %s | %.4g", g, median(list, rounds)
                best = 0
                for (p = 1; p <= count; p++) {
                    for (r = 1; r <= rounds; r++) list[r] = seconds[g, policy[p], r]
                    middle = median(list, rounds)
                    printf " | %.4g", middle
                    if (best == 0 || middle < least) { best = p; least = middle }
                }
                for (r = 1; r <= rounds; r++) list[r] = seconds[g, "halogat", r] / seconds[g, policy[best], r]
                ratio = median(list, rounds)
                printf " | %.3f | %s |\n", ratio, ratio <= limit ? "met" : "missed (" limit ")"
                if (ratio > limit) missed = 1
            }
            exit missed
        }' "$work/lines"
}

"$halogat" generate rmat -o "$work/rmat-plain.h5" --nodes 70000 --edges 1400000 --features 64 --classes 16 --seed 1 \
    --quiet
"$halogat" partition "$work/rmat-plain.h5" -o "$work/rmat.h5" --quiet
graphs=(rmat)
for name in cora county_election_2012; do
    [ -f "${HALOGAT_DATA:-}/$name.npz" ] || continue
    "$halogat" import "$HALOGAT_DATA/$name.npz" -o "$work/$name.h5" --quiet
    graphs+=("$name")
done

result=0
for part in "${parts[@]}"; do
    policies=(passive spin-100 spin-300 spin-1000 spin-3000 spin-10000)
    rounds=${ROUNDS:-7}
    if [ "$part" = quiet ]; then
        policies=(default)
        rounds=${ROUNDS:-15}
    else
        beside "$part"
    fi
    for ((round = 1; round <= rounds; round++)); do
        for graph in "${graphs[@]}"; do
            for policy in halogat "${policies[@]}"; do run "$graph" "$policy"; done
        done
    done
    calm
    if [ "$part" = quiet ]; then
        judge quiet 1.02 6 "${policies[@]}" || result=1
    else
        judge "$part" 1.3 5 "${policies[@]}" || result=1
    fi
done
exit $result
