#!/bin/bash
# kill -9 of a random rank, of all ranks, or of the launcher, at random instants of a training: --resume leads to the
# bits of the undisturbed one, on another number of ranks. KILLS (default 3; with tests/run.sh --long 100): how many.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

kills=${KILLS:-3}
[ -z "${HG_TEST_LONG:-}" ] || kills=${KILLS:-100}
RANDOM=${SEED:-1}

"$halogat" generate sbm -o g.h5 --nodes 1500 --edges 12000 --features 12 --classes 4 --seed 1 --quiet
train=(train g.h5 --epochs 1500 --dropout 0.3 --heads "4,2" --hidden 8 --quiet --checkpoint-every 50 --threads 1)
"$halogat" "${train[@]}" --out whole

interrupted=0
for ((k = 0; k < kills; k++)); do
    ranks=$((1 + RANDOM % 4)) whom=$((RANDOM % 3))
    after=$((RANDOM % 1500 + 300))
    rm -rf run
    "$here/../mpirun.sh" "$ranks" "$halogat" "${train[@]}" --out run --resume >out 2>&1 &
    launcher=$!
    pause "$((after / 1000)).$(printf %03d $((after % 1000)))"
    mapfile -t ids < <(members run)
    case $whom in
    0) [ ${#ids[@]} -eq 0 ] || kill -s KILL "${ids[RANDOM % ${#ids[@]}]}" 2>/dev/null || true ;;
    1) [ ${#ids[@]} -eq 0 ] || kill -s KILL "${ids[@]}" 2>/dev/null || true ;;
    2) kill -s KILL $launcher 2>/dev/null || true ;;
    esac
    wait $launcher 2>/dev/null || true
    # no rank outlives the job for long
    for ((t = 0; t < 100; t++)); do
        [ -n "$(members run)" ] || break
        pause 0.1
    done
    [ -z "$(members run)" ] || wrong "kill $k: ranks are left after 10 seconds"
    [ -e run/complete ] || interrupted=$((interrupted + 1))
    quick $((1 + RANDOM % 3)) "${train[@]}" --out run --resume 2>err || wrong "kill $k: no resume: $(cat err)"
    [ ! -s err ] || wrong "kill $k: $(cat err)"
    [ "$(hash_of run)" = "$(hash_of whole)" ] || wrong "kill $k ($ranks ranks, whom $whom, $after ms): another result"
    [ "$(wc -l <run/metrics.jsonl)" -eq 1500 ] || wrong "kill $k: $(wc -l <run/metrics.jsonl) lines"
    [ -z "$(find run -name '*partial*')" ] || wrong "kill $k left $(find run -name '*partial*')"
done
echo "$kills kills, $interrupted before the end"
[ $interrupted -gt 0 ] || wrong "no training was interrupted"
finish
