#!/bin/bash
# bench/pairs.sh BEFORE [SHAPE...]: time of an epoch and peak memory, divided by those of another program, as a Markdown
# table (docs/performance.md). BEFORE is a halogat of another commit; the two train in turn, PAIRS (default 11) times. A
# ratio is the median of the pairs' ratios of `seconds_per_epoch`. Run it alone on the machine.
#
# SHAPE is HEADSxWIDTH of the first layer, then one head for the classes: 8x8, 7x9+dropout (0.6 of features and of
# edges), 8x8+bf16 (rows in bfloat16); or `cora`: the published settings. Default: 8x8 8x32 4x16, and cora if its file
# is there. The graph is an R-MAT of 32,768 nodes and 500,000 edges, on two threads.
#
# LIMIT (default 1.02) is for the time of all shapes but those with 3, 5, 7, ... heads (1.10); peak memory has
# MEMORY_LIMIT (default 1.02). The exit status tells whether all were met. HALOGAT (default build/halogat), EPOCHS
# (default 20; Cora fifteen times as many). HALOGAT_DATA: folder with cora.npz.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
before=${1:?which program is compared with?}
shift
halogat=${HALOGAT:-build/halogat}
pairs=${PAIRS:-11}
epochs=${EPOCHS:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
shapes=("$@")
if [ $# -eq 0 ]; then
    shapes=(8x8 8x32 4x16)
    [ ! -f "${HALOGAT_DATA:-}/cora.npz" ] || shapes+=(cora)
fi

# number KEY: a number, or the first of a list, of the last run's summary
number() {
    awk -v key="\"$1\":" '$1 == key { on = 1; $1 = "" }
        on && match($0, /[0-9][-+0-9.eE]*/) { print substr($0, RSTART, RLENGTH); exit }' "$work/run/summary.json"
}

# options_of SHAPE: the arguments of `train`, one a line
options_of() {
    if [ "$1" = cora ]; then
        printf '%s\n' "$work/cora.h5" --recipe gat-cora --epochs $((epochs * 15)) --eval-every $((epochs * 15))
        return
    fi
    local size=${1%%+*}
    printf '%s\n' "$work/rmat.h5" --heads "${size%x*},1" --hidden "${size#*x}" --epochs "$epochs" \
        --eval-every "$epochs"
    case +$1+ in *+dropout+*) printf '%s\n' --dropout 0.6 --attn-dropout 0.6 ;; esac
    case +$1+ in *+bf16+*) printf '%s\n' --halo-dtype bf16 ;; esac
}

# run PROGRAM SHAPE: trains; prints seconds of an epoch and peak memory in bytes
run() {
    local options
    mapfile -t options < <(options_of "$2")
    rm -rf "$work/run"
    env -u OMP_NUM_THREADS timeout 300 "$1" train "${options[@]}" --out "$work/run" --threads 2 --quiet
    echo "$(number seconds_per_epoch) $(number peak_memory_bytes)"
}

"$halogat" generate rmat -o "$work/plain.h5" --nodes 32768 --edges 500000 --features 64 --classes 16 --seed 1 --quiet
"$halogat" partition "$work/plain.h5" -o "$work/rmat.h5" --quiet
[ ! -f "${HALOGAT_DATA:-}/cora.npz" ] || "$halogat" import "$HALOGAT_DATA/cora.npz" -o "$work/cora.h5" --quiet

for ((pair = 1; pair <= pairs; pair++)); do
    for shape in "${shapes[@]}"; do # who is first alternates too
        if ((pair % 2)); then
            old=$(run "$before" "$shape")
            new=$(run "$halogat" "$shape")
        else
            new=$(run "$halogat" "$shape")
            old=$(run "$before" "$shape")
        fi
        echo "$shape $old $new" >>"$work/lines"
    done
done

echo "| heads x width | seconds before | seconds | time / before | memory / before | |"
echo "|---|---|---|---|---|---|"
awk -v limit="${LIMIT:-1.02}" -v memory_limit="${MEMORY_LIMIT:-1.02}" '
    function median(list, n,    i, j, t) {
        for (i = 2; i <= n; i++)
            for (j = i; j > 1 && list[j - 1] > list[j]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
        return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
    }
    # columns: 1 and 2 seconds and bytes of BEFORE, 3 and 4 of the program
    function middle(shape, column, over,    i, list) {
        for (i = 1; i <= count[shape]; i++)
            list[i] = value[shape, i, column] / (over ? value[shape, i, over] : 1)
        return median(list, count[shape])
    }
    !($1 in count) { order[++shapes] = $1 }
    {
        count[$1]++
        for (column = 1; column <= 4; column++) value[$1, count[$1], column] = $(column + 1)
    }
    END {
        for (s = 1; s <= shapes; s++) {
            shape = order[s]
            time = middle(shape, 3, 1); memory = middle(shape, 4, 2)
            allowed = shape ~ /^[0-9]*[13579]x/ && shape !~ /^1x/ ? 1.10 : limit
            verdict = time > allowed ? "missed (time, " allowed ")" : memory > memory_limit ? "missed (memory)" : "met"
            missed = missed || verdict != "met"
            printf "| %s | %.4g | %.4g | %.3f | %.3f | %s |\n", shape, middle(shape, 1), middle(shape, 3), time,
                memory, verdict
        }
        exit missed
    }' "$work/lines"
