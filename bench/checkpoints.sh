#!/bin/bash
# bench/checkpoints.sh: what reliability costs, as a Markdown table (docs/reliability.md): the time of a checkpoint,
# with all syncs, as a share of the default interval between two; and the processor time of the thread that watches
# signals and progress. The exit status tells whether both are below their limits (0.5 % and 0.1 %).
#
# A checkpoint's time is the difference between epochs with one after each and epochs without, on a graph so small that
# writing takes most of the time; the parameters are many. HALOGAT (default build/halogat), PAIRS (default 5).
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
halogat=$(realpath "${HALOGAT:-build/halogat}")
epochs=40
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number() { sed -n "s/.*\"$1\": *\([-+0-9.eE]*\).*/\1/p" "$work/run/summary.json" | head -n 1; }

"$halogat" generate sbm -o "$work/graph.h5" --nodes 500 --edges 2000 --features 500 --classes 4 --seed 1 --quiet
train=(train "$work/graph.h5" --out "$work/run" --overwrite --heads "8,1" --hidden 64 --threads 1 --quiet)

# per_epoch OPTION...: seconds of an epoch with all that belongs to it
per_epoch() {
    "$halogat" "${train[@]}" --epochs $epochs "$@"
    awk -v seconds="$(number seconds_total)" -v epochs=$epochs 'BEGIN { print seconds / epochs }'
}

for ((pair = 0; pair < ${PAIRS:-5}; pair++)); do
    echo "$(per_epoch --checkpoint-every 1) $(per_epoch --checkpoint-minutes 0)" >>"$work/pairs"
done
bytes=$(stat -c %s "$work/run/last.h5")

# the watching thread of a training, after ten seconds of it
"$halogat" "${train[@]}" --epochs 100000000 --checkpoint-minutes 0 &
pid=$!
sleep 10
watched=$(for thread in "/proc/$pid/task"/*; do
    [ "$(cat "$thread/comm")" != guard ] || cut -d ' ' -f 1 "$thread/schedstat"
done)
now=$(cut -d ' ' -f 1 /proc/uptime)
age=$(awk -v now="$now" -v tick="$(getconf CLK_TCK)" '{ print now - $22 / tick }' /proc/$pid/stat)
kill -s KILL $pid
wait $pid 2>/dev/null || true

echo "| what | seconds | of | share, % | limit, % | |"
echo "|---|---|---|---|---|---|"
sort -g <(awk '{ print $1 - $2 }' "$work/pairs") | awk -v watched="${watched:?no thread is named guard}" -v age="$age" \
    -v bytes="$bytes" '
    { cost[NR] = $1 }
    function row(what, seconds, of, limit) {
        share = 100 * seconds / of
        printf "| %s | %.3f | %.0f s | %.4f | %.1f | %s |\n", what, seconds, of, share, limit,
            share < limit ? "met" : "missed"
        missed = missed || share >= limit
    }
    END {
        row(sprintf("a checkpoint of %.1f MB", bytes / 1e6), cost[int((NR + 1) / 2)], 600, 0.5)
        row("watching signals and progress", watched / 1e9, age, 0.1)
        exit missed
    }'
