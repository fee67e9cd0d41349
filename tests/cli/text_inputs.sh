#!/bin/bash
# Text inputs as users give them: notes, --quiet, names with control characters, and pipes, which are refused
# everywhere.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

# says ARGUMENT...: what the program prints on 1 and 3 ranks, the same, into `said`
says() {
    for ranks in 1 3; do
        timeout 60 "$here/../mpirun.sh" "$(launch "$ranks")" "$halogat" "$@" >said-$ranks 2>err ||
            wrong "$* on $ranks ranks: $(cat err)"
    done
    cmp -s said-1 said-3 || wrong "$*: ranks say other things: $(cat said-3)"
    cp said-1 said
}

has() { # has PATTERN...: each pattern matches a line of `said`
    for pattern in "$@"; do grep -Eq -- "$pattern" said || wrong "no line like '$pattern' in: $(cat said)"; done
}

printf '\xef\xbb\xbftarget,source,weight\n0,1,.5\n1,2,1\n2,3,2\n3,0,1\n' >edges.csv
printf 'id,label\n3,1\n0,0\n2,1\n1,0\n' >labels.csv
printf '1\n1\n0\n1\n' >train.txt
printf '0\n1\n1\n0\n' >val.txt
printf '%%%%MatrixMarket matrix array real general\n4 1\n1\n2\n3\n4\n' >x.mtx
printf '001\na\tb\n\033[31mred\\\n\xc3\xa9\n' >names.txt
printf 'no,yes\n\007bell\n' >classes.txt
says import edges.csv --labels labels.csv --features x.mtx --train-mask train.txt --val-mask val.txt --names names.txt \
    --class-names classes.txt -o graph.h5
has '^edges\.csv: header: target, source, weight \(feature: weight\)$' '^labels\.csv: header: id, label$' \
    '^edges\.csv: 1 node is in both the train and the val mask$' '^graph\.h5: 4 nodes, 4 edges .* 1 edge features$'
[ "$(h5dump -d /graph/indices graph.h5 | grep -c '(0): 1, 2, 3, 0$')" -eq 1 ] || wrong "columns by place"
says import edges.csv -o quiet.h5 --quiet
[ ! -s said ] || wrong "--quiet says $(cat said)"

# names are text, in one field of one line, without control characters
"$halogat" train graph.h5 --out run --heads 1 --epochs 2 --quiet
for ranks in 1 3; do
    "$here/../mpirun.sh" $ranks \
        "$halogat" predict graph.h5 --checkpoint run/best.h5 -o pred.h5 --text pred-$ranks.tsv --quiet
done
cmp pred-1.tsv pred-3.tsv || wrong "text differs between ranks"
cut -f 1 pred-1.tsv >first
printf '001\na\\tb\n\\x1b[31mred\\\\\n\xc3\xa9\n' | cmp - first || wrong "names become $(cat first)"
[ "$(awk -F '\t' 'NF == 3' pred-1.tsv | wc -l)" -eq 4 ] || wrong "not 3 fields a line: $(cat pred-1.tsv)"
LC_ALL=C grep -q $'[\001-\010\013-\037]' pred-1.tsv && wrong "control characters in $(cat -v pred-1.tsv)"
"$halogat" info graph.h5 >said
LC_ALL=C grep -q $'[\001-\010\013-\037]' said && wrong "info prints control characters"

# a column has one role; a matrix has no columns to choose from; an empty name is no name
bad() { # bad CODE PATTERN ARGUMENT...: one line like the pattern, and the exit code, on 1 and 3 ranks
    code=$1 pattern=$2
    shift 2
    for ranks in 1 3; do
        result=0
        timeout 60 "$here/../mpirun.sh" "$(launch "$ranks")" "$halogat" "$@" >said 2>err || result=$?
        [ "$result" -eq "$code" ] || wrong "$* on $ranks ranks: exit $result"
        grep -Eq "^halogat .*$pattern" err || wrong "$*: $(cat err)"
    done
}
printf 'source,target\n0,1\n1,2\n' >ends.csv
printf '%%%%MatrixMarket matrix coordinate real general\n3 3 1\n1 2 5\n' >one.mtx
bad 2 'column target of ends.csv is both source and target' \
    import ends.csv --columns source=target,target=target -o no.h5
printf '0\t1\n1\t2\n2\t3\n3\t0\n' >plain.tsv
bad 2 'column 1 of plain.tsv is both' import plain.tsv --columns source=1,target=1 -o no.h5
bad 2 'no columns to choose' import one.mtx --columns source=2,target=1 -o no.h5
bad 2 'not a list' import ends.csv --columns source= -o no.h5

# a MatrixMarket file whose banner is bent is no edge list
{ echo '% a comment' && cat one.mtx; } >late.txt
sed 's/^%%/%/' one.mtx >percent.txt
sed 's/^%%/ %%/' one.mtx >blank.txt
sed 1d one.mtx >without.mtx
for file in late.txt percent.txt blank.txt without.mtx; do
    bad 1 'MatrixMarket in its first line' import $file -o no.h5
done

# ids of other things are ids; a column that numbers the nodes is no target; what looks wrong is said
printf 'paper_id,score\n3,.1\n0,.2\n2,.3\n1,.4\n' >papers.csv
says import plain.tsv --targets papers.csv -o papers.h5
has '^papers\.csv: header: paper_id, score \(id: paper_id, label: score\)$'
y=$(h5dump -d /node/y papers.h5 | grep -o '0\.[1-4]' | tr '\n' ' ')
[ "$y" = '0.2 0.4 0.3 0.1 ' ] || wrong "targets by line: $y"
printf '3 1\n0 0\n2 1\n1 0\n' >pairs.txt
bad 1 'numbers the nodes' import plain.tsv --labels pairs.txt -o no.h5
printf '0\n1\n0\n1\n1\n' >headed.csv
says import plain.tsv --labels headed.csv -o headed.h5
has '^headed\.csv: one node more than the edges have'
printf '0,3,1\n1,1,2\n2,2,0\n3,0,0\n' >indexed.csv
says import indexed.csv -o indexed.h5
has '^indexed\.csv: its first column, read as source, counts the lines'
printf '1 2\n2 3\n3 4\n4 1\n' >from-one.txt
says import from-one.txt -o from-one.h5
has '^from-one\.txt: node 0 has no edge: are the nodes counted from 1\?$'

# options keep their meaning behind a byte-order mark
printf '\xef\xbb\xbfepochs: 3\nquiet: true\n' >run.yaml
"$halogat" train graph.h5 --out marked --config run.yaml --heads 1
[ "$(wc -l <marked/metrics.jsonl)" -eq 3 ] || wrong "a marked configuration"

# brackets without end are not followed
for bracket in '[' '{'; do
    { printf 'heads: ' && head -c 100000 /dev/zero | tr '\0' "$bracket"; } >deep.yaml
    result=0
    timeout 10 "$halogat" train graph.h5 --out deep --config deep.yaml 2>err || result=$?
    [ $result -eq 2 ] || wrong "nested options: exit $result, $(cat err)"
done

# a pipe is refused by every verb, in every place, before anybody reads or waits
mkfifo pipe
refuses() { # refuses RANKS ARGUMENT...
    ranks=$1
    shift
    result=0
    if [ "$ranks" -eq 1 ]; then
        timeout 30 "$halogat" "$@" >said 2>err </dev/null || result=$?
    else
        timeout 30 "$here/../mpirun.sh" "$(launch "$ranks")" "$halogat" "$@" >said 2>err </dev/null || result=$?
    fi
    case $result in 1 | 2) ;; *) wrong "$* on $ranks ranks: exit $result" ;; esac
    [ "$(grep -c '^halogat' err || true)" -eq 1 ] || wrong "$*: not one line: $(cat err)"
    grep -Eq "^halogat $1: pipe: is a pipe" err || wrong "$*: $(cat err)"
}
for arguments in 'import pipe -o out.h5' 'import edges.csv --labels pipe -o out.h5' \
    'import edges.csv --train-mask pipe -o out.h5' 'train graph.h5 --out out --config pipe' \
    'train pipe --out out' 'eval graph.h5 --checkpoint pipe' 'info pipe'; do
    for ranks in 1 3; do
        # shellcheck disable=SC2086 # words
        refuses $ranks $arguments
    done
done
for arguments in 'import edges.csv --class-names pipe --labels labels.csv -o out.h5' 'partition pipe -o out.h5' \
    'predict pipe --checkpoint run/best.h5 -o out.h5' 'explain graph.h5 --checkpoint pipe -o out.h5'; do
    # shellcheck disable=SC2086 # words
    refuses 2 $arguments
done
rm -rf out*
timeout 30 "$halogat" import edges.csv --train-mask <(cat train.txt) -o out.h5 >said 2>err &&
    wrong "a mask through <( ) is read"
grep -q '^halogat import: /dev/fd/[0-9]*: is a pipe' err || wrong "a mask through <( ): $(cat err)"
[ ! -e out.h5 ] || wrong "a mask through <( ): imported"
# lines of equal length: a part of them can be read, too
seq 200000 | awk '{ printf "%03d %03d\n", $1 % 1000, $1 % 777 }' >many.txt
for ranks in 1 2 3; do
    result=0
    # shellcheck disable=SC2002 # a pipe is what is tried
    cat many.txt |
        timeout 60 "$here/../mpirun.sh" $ranks "$halogat" import /dev/stdin -o out.h5 >said 2>err || result=$?
    [ $result -eq 1 ] || wrong "/dev/stdin on $ranks ranks: exit $result"
    grep -q '^halogat import: /dev/stdin: is a pipe' err || wrong "/dev/stdin on $ranks ranks: $(cat err)"
    [ ! -e out.h5 ] || wrong "/dev/stdin on $ranks ranks: imported"
done
"$halogat" import many.txt -o redirected.h5 --quiet
"$halogat" import /dev/stdin -o out.h5 --quiet <many.txt # a file, not a pipe
h5diff redirected.h5 out.h5 /graph || wrong "/dev/stdin from a file is read in part"

# refused PATTERN ARGUMENT...: import fails with one line that matches, and leaves no file
refused() {
    pattern=$1
    shift
    for ranks in 1 3; do
        timeout 60 "$here/../mpirun.sh" "$(launch "$ranks")" "$halogat" import "$@" -o refused.h5 >said 2>err &&
            wrong "$* is imported on $ranks ranks"
        [ "$(grep -c '^halogat' err)" -eq 1 ] || wrong "$* on $ranks ranks: not one line: $(cat err)"
        grep -Eq -- "^halogat import: $pattern" err || wrong "$* on $ranks ranks: no '$pattern' in: $(cat err)"
        [ ! -e refused.h5 ] || wrong "$*: left a file"
    done
}

# a source that says how many nodes there are
printf '3 2\n2\n1 3\n2\n' >three.graph
printf '%%%%MatrixMarket matrix coordinate pattern general\n3 3 2\n1 2\n2 3\n' >three.mtx
printf '0\n1\n0\n1\n0\n' >five.txt
for source in three.graph three.mtx; do
    refused "$source: it says 3 nodes, the files of nodes have 5: --nodes 5 if" "$source" --labels five.txt
    says import "$source" --labels five.txt --nodes 5 -o five.h5
    has '^five\.h5: 5 nodes'
done
refused 'undirected: a graph file of METIS is undirected already' three.graph --undirected
printf '2 1 1\n2 9007199254740993\n1 9007199254740993\n' >large.graph
says import large.graph -o large.h5
has 'edge features column 0: whole numbers above 2\^24 change in float32|column 0: whole numbers above'

finish
