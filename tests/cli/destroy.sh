#!/bin/bash
# Nothing is destroyed: inputs, what links lead to, modes, files of other runs; and a program that is stopped leaves nothing.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

"$halogat" generate sbm -o g.h5 --nodes 300 --edges 2000 --features 8 --classes 3 --quiet
"$halogat" train g.h5 --out made --epochs 2 --heads 2,1 --hidden 4 --quiet
cp made/best.h5 c.h5
printf '0\t1\n1\t2\n' >e.tsv
printf '0\n1\n0\n' >labels.txt
mkdir folder
ln -s g.h5 link.h5
ln -s folder same
ln g.h5 hard.h5

notes=$(mktemp -d)
trap 'rm -rf "$work" "$notes"' EXIT
state() { find . -exec stat -c '%A %N' {} + -type f -exec cksum {} + | sort; } # every name, mode and content

# refused RANKS CODE PATTERN ARGUMENT...: exit CODE, one line that matches, every file as it was
refused() {
    ranks=$1 code=$2 pattern=$3 result=0
    shift 3
    state >"$notes/before"
    if [ "$ranks" -eq 1 ]; then
        timeout 60 "$halogat" "$@" >"$notes/out" 2>"$notes/err" </dev/null || result=$?
    else
        on "$ranks" "$@" >"$notes/out" 2>"$notes/err" </dev/null || result=$?
    fi
    [ $result -eq "$code" ] || wrong "$*: exit $result, not $code: $(cat "$notes/err")"
    [ "$(grep -c '^halogat' "$notes/err" || true)" -eq 1 ] || wrong "$*: not one line: $(cat "$notes/err")"
    grep -Eq -- "^halogat $1: $pattern" "$notes/err" || wrong "$*: no '$pattern' in: $(cat "$notes/err")"
    state >"$notes/after"
    cmp -s "$notes/before" "$notes/after" || wrong "$*: changed $(diff "$notes/before" "$notes/after")"
}

# an output that is an input or another output, under whatever name
refused 3 2 '-o: g.h5 is read as well' predict g.h5 --checkpoint c.h5 -o g.h5
refused 1 2 '-o: \./g.h5 is read' predict link.h5 --checkpoint c.h5 -o ./g.h5
refused 1 2 '-o: same/../hard.h5 is read' predict g.h5 --checkpoint c.h5 -o same/../hard.h5
refused 1 2 '-o: c.h5 is read as well \(--checkpoint\)' explain g.h5 --checkpoint c.h5 -o c.h5
refused 1 2 '-o: made/best.h5 is read as well' predict g.h5 --checkpoint made -o made/best.h5
refused 3 2 '-o: e.tsv is read' import e.tsv -o e.tsv
refused 1 2 '-o: labels.txt is read as well \(--labels\)' import e.tsv --labels labels.txt -o labels.txt
refused 1 2 '-o: link.h5 is read' partition g.h5 -o link.h5
refused 1 2 '--text: g.h5 is read' predict g.h5 --checkpoint c.h5 -o p.h5 --text g.h5
refused 1 2 '--text: x is written as well \(-o\)' predict g.h5 --checkpoint c.h5 -o x --text x
refused 1 2 '--text: same/x is written' predict g.h5 --checkpoint c.h5 -o folder/x --text same/x
refused 1 2 '--out: made/last.h5 would be replaced' train made/last.h5 --out made --overwrite

# outputs are opened before the work: the inputs are not looked at
refused 3 1 'nowhere/t: No such file' predict none.h5 --checkpoint none.h5 -o p.h5 --text nowhere/t
refused 1 1 'folder: ' import none.tsv -o folder
refused 1 1 'nowhere/a: No such file' explain none.h5 --checkpoint none.h5 -o nowhere/a

# a link leads to what is written, there or not; modes stay
ln -s folder/p.h5 to-p.h5
"$halogat" predict g.h5 --checkpoint c.h5 -o to-p.h5 --quiet
if [ ! -L to-p.h5 ] || [ ! -f folder/p.h5 ]; then wrong "a link that leads nowhere was replaced"; fi
chmod 640 folder/p.h5
: >p.txt
chmod 600 p.txt
ln -s ../p.txt folder/to-p.txt
(umask 077 && on 3 predict g.h5 --checkpoint c.h5 -o to-p.h5 --text folder/to-p.txt --quiet)
if [ ! -L to-p.h5 ] || [ ! -L folder/to-p.txt ]; then wrong "a link was replaced by a file"; fi
[ "$(wc -l <p.txt)" -eq 300 ] || wrong "what a link leads to was not written"
[ "$(stat -c %a folder/p.h5 p.txt | tr '\n' ' ')" = "640 600 " ] || wrong "modes: $(stat -c '%a %n' folder/p.h5 p.txt)"
(umask 027 && "$halogat" predict g.h5 --checkpoint c.h5 -o new.h5 --quiet)
[ "$(stat -c %a new.h5)" = 640 ] || wrong "umask: $(stat -c %a new.h5)"
ln -s circle circle
refused 1 1 'circle: ' predict g.h5 --checkpoint c.h5 -o circle

# begin COMMAND...: starts `halogat generate` by COMMAND, and comes back when there is something under its temporary name
mkfifo "$notes/never"
begin() {
    "$@" generate grid -o big.h5 --nodes 800000 --features 16 >"$notes/out" 2>&1 &
    pid=$! caught=no
    while [ $caught = no ] && kill -0 $pid 2>/dev/null; do
        for file in big.h5.partial-*; do [ ! -s "$file" ] || caught=yes; done
        read -r -t 0.01 <>"$notes/never" || true
    done
    [ $caught = yes ] || wrong "no file was begun"
}

# end SIGNAL: stops it, and leaves its exit status in `result`
end() {
    result=0
    kill -s "$1" $pid
    wait $pid 2>/dev/null || result=$?
}

# a signal ends the program as ever, and nothing is left
for signal in TERM HUP XCPU USR1; do
    begin "$halogat"
    end $signal
    [ $result -eq $((128 + $(kill -l $signal))) ] || wrong "$signal: exit $result"
    [ -z "$(find . -name 'big.h5*')" ] || wrong "$signal left $(find . -name 'big.h5*')"
    rm -f big.h5*
done
begin "$here/../mpirun.sh" 3 "$halogat"
end TERM
[ -z "$(find . -name 'big.h5.*')" ] || wrong "three ranks left $(find . -name 'big.h5.*')"
rm -f big.h5*

# what a killed program leaves is removed by the next that writes the same file; what belongs to others stays
begin "$halogat"
end KILL
set -- big.h5.partial-*
[ -f "$1" ] || wrong "no temporary file to leave"
stale=$1
cp "$stale" "other.h5${stale#big.h5}"
cp "$stale" "${stale/-$pid-/-1-}" # a number that another process has now
touch big.h5.partial-mine "big.h5.partial-00000000-${stale#*-*-}"
"$halogat" generate grid -o big.h5 --nodes 100 --features 1 --quiet
[ "$(find . -name 'big.h5*' | wc -l)" -eq 3 ] || wrong "left: $(find . -name 'big.h5*')"
[ -f "other.h5${stale#big.h5}" ] || wrong "what another file left is gone"
rm -f ./*.partial-*

finish
