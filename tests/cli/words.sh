#!/bin/bash
# What the program says when something is wrong, or could be misread: one line that names the thing, the reason and what to do; nothing
# from files or the command line moves a terminal's cursor.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

# says RANKS CODE LINE ARGUMENT...: exit code CODE, and exactly LINE from halogat on stderr
says() {
    ranks=$1 code=$2 line=$3 result=0
    shift 3
    quick "$ranks" "$@" >out 2>err || result=$?
    [ $result -eq "$code" ] || wrong "halogat $*: exit code $result, not $code"
    [ "$(grep -a '^halogat' err || true)" = "$line" ] || wrong "halogat $*: said '$(cat err)', not '$line'"
}

# controlled FILE: no control character but the newline, in bytes or as UTF-8
controlled() {
    if LC_ALL=C grep -q $'[\x01-\x09\x0b-\x1f\x7f]\|\xc2[\x80-\x9f]\|\xe2\x80\xae' "$1"; then wrong "control characters: $(od -c "$1" | head)"; fi
}

# control characters in a name, in class names, in the name of an output and in an option
esc=$'\e[31mred'
"$halogat" generate sbm -o "$esc.h5" --nodes 60 --edges 400 --features 4 --classes 2 >line
[ "$(cut -d : -f 1 line)" = '\x1b[31mred.h5' ] || wrong "the name of an output is not escaped: $(od -c line | head)"
says 1 2 'halogat: \x1b[31mred: unknown verb (see halogat --help)' "$esc"
says 3 2 'halogat train: --lr: "\x1b[31mred\n" is not a number' train g.h5 --out run --lr "$esc"$'\n'
says 1 1 'halogat info: \xe9\u009b\u202e.h5: No such file or directory' info $'\xe9\xc2\x9b\xe2\x80\xae.h5'
printf '0\t1\n1\t0\n' >edges.tsv
printf '0\n1\n' >labels.txt
printf '\033[31mred\ngr\303\274n\302\233\n' >classes.txt
cp edges.tsv $'latin\xe9.tsv'
"$halogat" import $'latin\xe9.tsv' --labels labels.txt --class-names classes.txt -o $'latin\xe9.h5' >line
"$halogat" info $'latin\xe9.h5' >text
"$halogat" info $'latin\xe9.h5' --json >json
grep -q 'grün\\u009b' text || wrong "the name of a class is shown as $(cat text)"
for file in line text json; do controlled $file; done

finish
