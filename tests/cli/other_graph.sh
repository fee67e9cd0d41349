#!/bin/bash
# A trained model on graphs that it was not trained on: without labels, without some classes, with classes in another
# order, or with a class that it does not know.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

# graph NAME NODES FEATURES: NAME.tsv and NAME.mtx, where the class i % 3 of node i shows in its features
graph() {
    awk -v n="$2" 'BEGIN { for (i = 0; i < n; i++) { print i, (i + 3) % n; print i, (i + 7) % n } }' >"$1.tsv"
    awk -v n="$2" -v f="$3" 'BEGIN {
        print "%%MatrixMarket matrix coordinate real general"
        print n, f, 2 * n
        for (i = 0; i < n; i++) { print i + 1, i % 3 + 1, 1; print i + 1, f, i % 5 / 10 }
    }' >"$1.mtx"
}

# classes NODES NAMES...: the number, among the NAMES, of each node's class, which is a, b or c; "" where it is none
classes() {
    awk -v n="$1" -v names="$2" 'BEGIN {
        count = split(names, name, " ")
        for (k = 1; k <= count; k++) number[name[k]] = k - 1
        for (i = 0; i < n; i++) { class = substr("abc", i % 3 + 1, 1); print class in number ? number[class] : "" }
    }'
}

# labelled NAME NAMES: NAME.h5 of the graph `other`, where classes have these NAMES
labelled() {
    classes 90 "$2" >"$1.labels"
    echo "$2" | tr ' ' '\n' >"$1.names"
    quick 1 import other.tsv --undirected --features other.mtx --labels "$1.labels" --class-names "$1.names" \
        --split-random 0.5,0.2 -o "$1.h5" --quiet
}

# accuracy GRAPH: of the test nodes
accuracy() { quick 1 eval "$1" --checkpoint run/best.h5 | awk '$1 == "test" { print $4 }'; }

# refused VERB GRAPH WHAT ARGUMENT...: a failure that says WHAT
refused() {
    quick 1 "$1" "$2" --checkpoint run/best.h5 "${@:4}" 2>err && wrong "$1 $2 is no failure"
    grep -q "^halogat $1: $2: $3" err || wrong "$1 $2: $(cat err)"
}

graph first 60 4
classes 60 "a b c" >first.labels
printf 'a\nb\nc\n' >first.names
quick 1 import first.tsv --undirected --features first.mtx --labels first.labels --class-names first.names \
    --split-random 0.6,0.2 -o first.h5 --quiet
quick 1 train first.h5 --out run --heads 4,1 --hidden 8 --epochs 60 --quiet
h5dump -d /model/class_name run/best.h5 | grep -q '"a", "b", "c"' || wrong "the checkpoint has no class names"
[ "$(accuracy first.h5)" = 1.000000 ] || wrong "accuracy $(accuracy first.h5) of its own graph"

graph other 90 4
for names in "a b c" "a b" "c b a" "c a" "b"; do
    labelled named "$names"
    [ "$(accuracy named.h5)" = 1.000000 ] || wrong "accuracy $(accuracy named.h5) with classes $names"
done

# without labels: predictions and names of the classes are the model's, on any number of ranks
quick 1 import other.tsv --undirected --features other.mtx -o plain.h5 --quiet
refused eval plain.h5 'has no labels'
for ranks in 1 3; do
    quick $ranks predict plain.h5 --checkpoint run/best.h5 --out "pred-$ranks.h5" --text "pred-$ranks.txt" --quiet
done
h5diff pred-1.h5 pred-3.h5 || wrong "other predictions on 3 ranks"
h5dump -d /class_name pred-1.h5 | grep -q '"a", "b", "c"' || wrong "predictions have no class names"
awk '{ bad += $2 != substr("abc", $1 % 3 + 1, 1) } END { exit NR != 90 || bad > 0 }' pred-1.txt ||
    wrong "predictions: $(head -n 5 pred-1.txt)"
quick 1 explain plain.h5 --checkpoint run/best.h5 --out alpha.h5 --quiet ||
    wrong "no explanation of a graph without labels"

# a class that the model does not know is in the way of eval only
labelled named "a b d"
awk '{ print NR % 3 == 0 ? 2 : $0 }' named.labels >unknown.labels
quick 1 import other.tsv --undirected --features other.mtx --labels unknown.labels --class-names named.names \
    --split-random 0.5,0.2 -o unknown.h5 --quiet
refused eval unknown.h5 'has nodes of a class that the model does not know'
quick 1 predict unknown.h5 --checkpoint run/best.h5 --out pred.h5 --quiet
h5diff pred.h5 pred-1.h5 /logits || wrong "labels change outputs"

# class by class: the same numbers as of the predictions, counted by awk; a model that is hardly trained makes mistakes
quick 1 train first.h5 --out early --heads 1 --hidden 2 --epochs 2 --quiet
quick 1 predict first.h5 --checkpoint early --out pred.h5 --text pred.txt --quiet
for ranks in 1 3; do
    quick $ranks eval first.h5 --checkpoint early --per-class >"classes-$ranks"
    quick $ranks eval first.h5 --checkpoint early --per-class --json >"classes-$ranks.json"
done
cmp -s classes-1 classes-3 || wrong "other classes on 3 ranks"
cmp -s classes-1.json classes-3.json || wrong "other classes on 3 ranks (JSON)"
awk '{ class = substr("abc", $1 % 3 + 1, 1); labelled[class]++; predicted[$2]++; right[class] += class == $2 }
    END { for (c in labelled) print c, labelled[c], predicted[c] + 0, right[c] + 0 }' pred.txt | sort >counted
# of all splits together: nodes, predicted, and right = recall x nodes
awk 'NF == 6 && $1 ~ /^[abc]$/ && $5 != "-" { n[$1] += $2; p[$1] += $3; r[$1] += int($2 * $5 + 0.5) }
    END { for (c in n) print c, n[c], p[c], r[c] }' classes-1 | sort >shown
cmp -s counted shown || wrong "counted $(cat counted), shown $(cat shown)"

# other inputs
graph wide 90 5
quick 1 import wide.tsv --undirected --features wide.mtx -o wide.h5 --quiet
refused predict wide.h5 'has 5 features, but the model of run/best.h5 was trained with 4$' --out pred.h5

# another task
awk '{ print NR % 2, NR % 3 == 0 }' other.tsv | head -n 90 | tr ' ' '\t' >two.labels
quick 1 import other.tsv --undirected --features other.mtx --labels two.labels --task multi-label \
    --split-random 0.5,0.2 -o two.h5 --quiet
refused eval two.h5 'has labels of another task'
quick 1 predict two.h5 --checkpoint run/best.h5 --out pred.h5 --quiet
h5diff pred.h5 pred-1.h5 /logits || wrong "labels of another task change outputs"
finish
