#!/bin/sh
# The package catalogue of the quickstart, from four packages: versions, alternatives, architectures, tags over two
# lines, a package with two languages, a dependency that is not a package.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/available" <<'LIST'
Package: one
Depends: two (>= 1.0) | three:any, nowhere, two
Suggests: one,
 four
Description: a fine graph tool
Tag: role::program,
 implemented-in::c, use::viewing

Package: two
Tag: implemented-in::perl, implemented-in::c

Package: three
Pre-Depends: one
Description: the graph, seen
Tag: implemented-in::TODO, implemented-in::perl

Package: four
Description: Graph (library)
LIST
sed 's/rare = 5 /rare = 2 /; s/common = 0.1/common = 1/' \
    "$here/../../jobs/examples/debian/catalogue.awk" >"$work/catalogue.awk"
awk -v out="$work" -f "$work/catalogue.awk" "$work/available" >"$work/summary"

expect() { # expect FILE LINE...
    file=$1
    shift
    printf '%s\n' "$@" >"$work/expected"
    diff "$work/expected" "$work/$file" || {
        echo "$file is not as expected (<)"
        exit 1
    }
}
expect names.txt one two three four
expect edges.tsv "0	1" "0	2" "0	3" "2	0"
expect labels.txt 0 -1 1 -1
expect classes.txt c perl
expect words.txt graph
expect features.mtx "%%MatrixMarket matrix coordinate real general" "4 1 3" "1 1 1" "3 1 1" "4 1 1"
expect summary "4 packages, 4 dependencies, 1 words, 2 packages labelled with 2 languages"
