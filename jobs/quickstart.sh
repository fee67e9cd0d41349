#!/bin/bash
# jobs/quickstart.sh: from a fresh Debian machine (root or sudo, two cores are enough) to a trained network.
# The graph is the machine's own package catalogue; the network predicts the language that a package is written in.
# Everything is written to build/; what is there already is used again. RANKS (default 4) may be set.
set -euo pipefail
cd "$(dirname "$0")/.."
ranks=${RANKS:-4}
work=build/quickstart
halogat=build/halogat
# 4 heads of 16 features, then 1 head; a linear skip
options=(--heads "4,1" --hidden 16 --residual --lr 0.01 --epochs 30 --eval-every 5)

say() { printf '\n== %s\n' "$*"; }
show() { # a command, shown as one would type it
    printf '+ %s\n' "$*"
    "$@"
}

quietly() { # a command whose output matters only when it fails
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        return 1
    }
}

# Two ranks may use all cores, too. More ranks than cores, and root, are allowed. Open MPI copies without the system
# calls that containers forbid.
mpirun=(mpirun --bind-to none)
[ "$(id -u)" -ne 0 ] || mpirun+=(--allow-run-as-root)
[ "$ranks" -le "$(nproc)" ] || mpirun+=(--oversubscribe)
export OMPI_MCA_btl_vader_single_copy_mechanism=none

# number KEY DIR: one number of a run's summary
number() { sed -n "s/.*\"$1\": *\([-+0-9.eE]*\).*/\1/p" "$2/summary.json" | head -n 1; }
percent() { awk -v x="$1" 'BEGIN { printf "%.1f %%", 100 * x }'; }

build() {
    say "Packages and build"
    jobs/install-deps.sh
    mkdir -p $work
    quietly cmake -S . -B build
    quietly cmake --build build --target halogat_program -j "$(nproc)"
    echo "$halogat is built"
}

# The catalogue as text files in $work/text; false where there is none, or one that names the language of few packages.
catalogue() {
    command -v apt-cache >/dev/null || return 1
    [ -s $work/text/classes.txt ] && return 0
    say "Reading the package catalogue (apt-cache dumpavail)"
    if [ "$(apt-cache dumpavail | grep -c '^Package: ' || true)" -lt 10000 ]; then
        echo "nearly empty: apt-get update"
        if [ "$(id -u)" -eq 0 ]; then apt-get -qq update; else sudo apt-get -qq update; fi || return 1
    fi
    rm -rf $work/text.new $work/text
    mkdir -p $work/text.new
    apt-cache dumpavail | awk -v out=$work/text.new -f jobs/examples/debian/catalogue.awk
    [ "$(grep -vc '^-1$' $work/text.new/labels.txt || true)" -ge 1000 ] || return 1
    echo '# no edges' >$work/text.new/none.tsv
    mv $work/text.new $work/text
}

# import_debian EDGES FILE
import_debian() {
    if [ "$2" -nt $halogat ]; then return; fi
    show $halogat import "$1" --features $work/text/features.mtx --labels $work/text/labels.txt \
        --names $work/text/names.txt --class-names $work/text/classes.txt --undirected --split-random 0.1,0.1 -o "$2"
}

# train GRAPH DIR
train() {
    if [ "$2/complete" -nt "$1" ]; then
        echo "$2 holds the finished run already (remove $work to start over)"
        return
    fi
    show "${mpirun[@]}" -n "$ranks" $halogat train "$1" --out "$2" --overwrite "${options[@]}"
}

partition() { # GRAPH CELLS
    [ "$2" -nt "$1" ] || show $halogat partition "$1" -o "$2" --ranks "$ranks"
}

# The untagged packages that most others depend on, where the network is sure; at most two of a language.
propose() {
    show $halogat predict $work/graph.h5 --checkpoint $work/run/best.h5 -o $work/pred.h5 --text $work/pred.tsv
    printf '\n%-32s %-12s %s\n' "package (untagged)" "language" "probability"
    cut -f 2 $work/text/edges.tsv | sort -n | uniq -c | awk '{ print $2 "\t" $1 }' >$work/dependents
    paste $work/text/labels.txt $work/pred.tsv |
        awk -F '\t' 'NR == FNR { dependents[$1] = $2; next }
            $1 == -1 && $4 > 0.9 { print dependents[FNR - 1] + 0 "\t" $2 "\t" $3 "\t" $4 }' $work/dependents - |
        sort -k 1,1nr -k 2,2 | awk -F '\t' 'shown[$3]++ < 2 && lines++ < 12 { printf "%-32s %-12s %.2f\n", $2, $3, $4 }'
}

debian() {
    say "Importing: packages, their dependencies, and the words of their descriptions"
    import_debian $work/text/edges.tsv $work/graph.h5
    say "Cutting the graph into cells"
    partition $work/graph.h5 $work/cells.h5
    say "Training on $ranks ranks"
    train $work/cells.h5 $work/run
    say "The same network without the graph: every package sees itself only"
    import_debian $work/text/none.tsv $work/alone.h5
    train $work/alone.h5 $work/run-alone
    say "Which language are untagged packages written in?"
    propose
}

# Where there is no catalogue: a generated graph of communities.
generated() {
    say "No package catalogue with languages here: generating a graph of communities"
    [ -f $work/graph.h5 ] ||
        show $halogat generate sbm --nodes 20000 --edges 200000 --features 32 --classes 8 -o $work/graph.h5
    partition $work/graph.h5 $work/cells.h5
    say "Training on $ranks ranks"
    train $work/cells.h5 $work/run
}

# How much the graph adds to the words, in points; false below 15.
compare() {
    with=$(number test_at_best $work/run)
    without=$(number test_at_best $work/run-alone)
    printf 'test accuracy without graph  %s\n' "$(percent "$without")"
    awk -v a="$with" -v b="$without" 'BEGIN { printf "the graph adds               %.1f points\n", 100 * (a - b)
                                              exit 100 * (a - b) < 15 }'
}

build
started=$(date +%s)
result=0
if catalogue; then debian; else generated; fi

say "Result"
printf 'test accuracy                %s\n' "$(percent "$(number test_at_best $work/run)")"
if [ -d $work/run-alone ]; then compare || result=1; fi
printf 'time per epoch               %.3f s on %s ranks\n' "$(number seconds_per_epoch $work/run)" "$ranks"
printf 'all steps after the build    %s s\n' "$(($(date +%s) - started))"
[ $result -eq 0 ] || echo "quickstart: the graph should add at least 15 points here" >&2
cat <<NEXT

What to type next:
  $halogat info $work/cells.h5
      what is in the graph file
  ${mpirun[*]} -n 2 $halogat train $work/cells.h5 --out $work/two ${options[*]}
      another number of ranks: the same numbers, bit for bit
  $halogat train --help
      every option, with its default
  docs/tutorial.md
      your own graph, step by step
NEXT
exit $result
