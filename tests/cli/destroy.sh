#!/bin/bash
# Nothing is destroyed: inputs, targets of links, file modes, files of other runs. A program that is stopped leaves
# nothing behind.
# shellcheck disable=SC2015 # `wrong` is the last word
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

# await COMMAND...: returns when COMMAND succeeds or the process $pid has ended
await() {
    until "$@" || ! kill -0 $pid 2>/dev/null; do pause 0.01; done
}

# end SIGNAL: stops it, and leaves its exit status in `result`
end() {
    result=0
    kill -s "$1" $pid
    wait $pid 2>/dev/null || result=$?
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

# a checkpoint tells the model, not where output goes, nor what is printed or read; this one is without its checksum
tail -c +513 c.h5 | perl -0777 -pe 's/patience: 0\n/out: stolen\n/; s/eval_every: 1\n/quiet: true #\n/;
    s/weight_decay: 0\n/threads: 99 ###\n/; s/halo_dtype: f32\n/init: gone.h5  \n/' >told.h5
grep -aq '^out: stolen$' told.h5 || wrong "no checkpoint to try"
for ranks in 1 3; do
    on $ranks predict g.h5 --checkpoint told.h5 -o told-out.h5 >"$notes/out" 2>&1 ||
        wrong "out in a checkpoint: $(cat "$notes/out")"
    [ -f told-out.h5 ] && [ ! -e stolen ] || wrong "a checkpoint on $ranks ranks says where to write"
    [ -s "$notes/out" ] || wrong "a checkpoint on $ranks ranks says what is printed"
    rm -f told-out.h5 stolen
done

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

# --overwrite: whatever is refused is refused before anything is touched; --init may lie in the folder
refused 3 1 'none.h5: No such file' train none.h5 --out made --overwrite
refused 1 2 '--metric: ' train g.h5 --out made --overwrite --metric rmse
refused 1 1 'none.h5: ' train g.h5 --out made --overwrite --init none.h5
refused 1 1 'made/best.h5: ' train g.h5 --out made --overwrite --init made/best.h5 --heads 3,1
refused 1 2 '--split: ' train g.h5 --out made --overwrite --split 4
refused 1 1 'none.h5: No such file' train none.h5 --out not/made --quiet
refused 1 1 'g.h5: is a file, not a folder' train g.h5 --out g.h5/x --quiet
chmod 600 made/best.h5 made/metrics.jsonl
chmod 640 made/summary.json
sha() { grep params_sha256 "$1/summary.json"; }
small="--heads 2,1 --hidden 4 --quiet --epochs"
# shellcheck disable=SC2086
{
    "$halogat" train g.h5 --out apart --init c.h5 $small 3
    on 3 train g.h5 --out made --overwrite --init made/best.h5 $small 3
    [ "$(sha made)" = "$(sha apart)" ] || wrong "--init in the folder is another than outside it"
    "$halogat" train g.h5 --out apart --overwrite --init apart/last.h5 $small 0
    [ "$(sha made)" = "$(sha apart)" ] || wrong "--init last.h5 was not kept"
    [ ! -e apart/best.h5 ] || grep -qa "$(cat apart/complete)" apart/best.h5 || wrong "an old best.h5 is left"
    [ "$(stat -c %a made/best.h5 made/metrics.jsonl made/summary.json | tr '\n' ' ')" = "600 600 640 " ] ||
        wrong "modes in a folder: $(stat -c '%a %n' made/*)"

    # every file of a run carries its id, of no other run
    id=$(cat made/complete)
    [ ${#id} -eq 32 ] && [ "$id" != "$(cat apart/complete)" ] || wrong "ids: $id and $(cat apart/complete)"
    for file in made/*; do grep -qa "$id" "$file" || wrong "$file does not carry its run"; done
    [ "$(grep -c "$id" made/metrics.jsonl)" -eq 3 ] || wrong "lines without the run: $(cat made/metrics.jsonl)"

    # what an earlier series or run wrote goes, what no run wrote stays
    "$halogat" train g.h5 --out runs --runs 4 $small 1
    mkdir runs/run-7 runs/run-x
    cp c.h5 runs/run-3/mine.h5
    echo mine | tee runs/run-7/best.h5 runs/run-7/notes runs/run-x/complete >runs/complete.txt
    ln -s ../made runs/run-9
    on 3 train g.h5 --out runs --runs 2 --overwrite $small 1
    found=$(cd runs && echo *)
    [ "$found" = "complete complete.txt record.json run-0 run-1 run-3 run-7 run-9 run-x summary.json" ] ||
        wrong "a shorter series: $found"
    found=$(cd runs && echo run-3/* run-7/* run-x/*)
    [ "$found" = "run-3/mine.h5 run-7/best.h5 run-7/notes run-x/complete" ] || wrong "not the runs' own: $found"
    [ -e made/complete ] || wrong "a link to another run was followed"
    "$halogat" train g.h5 --out runs --overwrite $small 1
    found=$(cd runs && echo *)
    expected="best.h5 complete complete.txt last.h5 metrics.jsonl record.json run-3 run-7 run-9 run-x summary.json"
    [ "$found" = "$expected" ] ||
        wrong "a run over a series: $found"
    rm -r runs/run-[379x]
    "$halogat" train g.h5 --out runs --overwrite --runs 2 $small 1
    found=$(cd runs && echo *)
    [ "$found" = "complete complete.txt record.json run-0 run-1 summary.json" ] || wrong "a series over a run: $found"
    rm runs/complete runs/summary.json
    refused 1 1 'runs: already holds a run \(record.json' train g.h5 --out runs $small 1

    # no link in the folder is followed
    mkdir links
    ln -s ../gone links/metrics.jsonl
    refused 1 1 'links: already holds a run' train g.h5 --out links $small 1
    ln -s ../c.h5 links/best.h5
    sum=$(cksum <c.h5)
    "$halogat" train g.h5 --out links --overwrite $small 1
    [ ! -e gone ] && [ "$(cksum <c.h5)" = "$sum" ] || wrong "a link in the folder was followed"
    [ -f links/best.h5 ] && [ ! -L links/best.h5 ] || wrong "a link stands for best.h5"
    mkdir elsewhere
    ln -s ../elsewhere links/run-1
    refused 1 1 'links/run-1: must be a folder, not a symbolic link' \
        train g.h5 --out links --runs 2 --overwrite $small 1
    mkfifo fifo
    rm links/last.h5
    ln fifo links/last.h5
    refused 1 1 'links/last.h5: not a regular file' train g.h5 --out links --overwrite $small 1
}

# a user's file named `owner` is neither read nor replaced, also in the folder of a series
mkdir -p named/run-5
cp g.h5 named/owner
for ranks in 1 3; do
    refused "$ranks" 2 '--out: named/owner would be replaced' train named/owner --out named --overwrite --epochs 0
    refused "$ranks" 2 '--out: named/owner would be replaced' train g.h5 --out named --init named/owner --overwrite
    refused "$ranks" 1 'named/owner: is not of a training' train g.h5 --out named --overwrite
done
mv named/owner named/run-5
refused 1 2 '--out: named/run-5/owner would be replaced' train named/run-5/owner --out named --overwrite --epochs 0
refused 3 1 'named/run-5/owner: is not of a training' train g.h5 --out named --runs 2 --overwrite
refused 1 1 'named/run-5/owner: is not of a training' train g.h5 --out named --overwrite

# `complete` never stands beside an unfinished run, whatever was added to it; one that no run wrote is not removed
mv made/complete id
(cat id && seq 100) >made/complete
mkdir named/run-6
cp made/complete named/run-6
seq 1000 >named/complete
refused 1 1 'named/complete: was not written by a run' train g.h5 --out named --overwrite
echo mine >named/complete
refused 1 1 'named/complete: was not written by a run' train g.h5 --out named --overwrite
rm -r named/run-5 named/complete
# nor is a training of its own that lies below
refused 3 1 'named/run-6: holds a training of its own' train g.h5 --out named --overwrite
rm named/run-6/complete
"$halogat" train g.h5 --out named/run-6 --epochs 1 --quiet
refused 1 1 'named/run-6: holds a training of its own' train g.h5 --out named --overwrite --runs 8
rm named/run-6/record.json named/run-6/complete # files that no record lists stay
"$halogat" train g.h5 --out named --overwrite --epochs 1 --quiet
[ -e named/run-6/best.h5 ] && [ -e named/run-6/summary.json ] || wrong "files below that no record lists are gone"
rm -r named
under_way() { # under_way FOLDER: a training works in it, and has replaced the metrics of the run `id`
    [ -e "$1/owner" ] && [ -f "$1/metrics.jsonl" ] && ! grep -q "$(cat id)" "$1/metrics.jsonl"
}
for folder in made named; do
    "$halogat" train g.h5 --out $folder --overwrite --epochs 1000000 --quiet &
    pid=$!
    await under_way $folder
    [ ! -e $folder/complete ] || wrong "$folder/complete beside a run under way"
    end TERM
done

# a series holds the folders of its runs while it lasts, and is not complete when one of them is another's
"$halogat" train g.h5 --out series --runs 3 --epochs 2000 --quiet 2>"$notes/first" &
pid=$!
await test -e series/run-1/owner
kill -s STOP $pid
[ -e series/run-0/complete ] && [ ! -e series/run-0/owner ] || wrong "the first run has not ended"
busy=".*/series: a training is under way in it \(pid $pid on "
for ranks in 1 3; do
    refused "$ranks" 1 "$busy" train g.h5 --out series/run-0 --overwrite
    refused "$ranks" 1 "$busy" train g.h5 --out series/run-2/ --quiet
done
tr 0-9a-f 1-9a-f0 <id >series/run-0/complete
kill -s CONT $pid
result=0
wait $pid || result=$?
replaced="series/run-0: is not this training's any more: the series is not marked complete"
[ $result -eq 1 ] && [ "$(cat "$notes/first")" = "halogat train: $replaced" ] ||
    wrong "a run of a series was replaced: exit $result, $(cat "$notes/first")"
[ ! -e series/complete ] || wrong "a series is complete whose run was replaced"
"$halogat" train g.h5 --out series --runs 2 --epochs 0 --quiet --overwrite
refused 1 1 'series/run-1: is a run of the complete series in ' train g.h5 --out series/run-1 --overwrite
"$halogat" train g.h5 --out series --runs 3 --epochs 0 --quiet --overwrite || wrong "a series over a series"

# a full disk: one line, and nothing but what was finished before
mkdir disk
if mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null; then
    trap 'umount "$work/disk"; rm -rf "$work" "$notes"' EXIT
    head -c 60k /dev/zero >disk/full
    refused 3 1 'disk/a.h5: ' predict g.h5 --checkpoint c.h5 -o disk/a.h5 --text disk/a.txt
    refused 1 1 'disk/big.h5: ' generate grid -o disk/big.h5
    for full in 36 48 60; do # a temporary name is neither left nor told
        rm -rf disk/*
        head -c ${full}k /dev/zero >disk/full
        "$halogat" train g.h5 --out disk/run --epochs 3 --heads 1 --hidden 2 --quiet 2>"$notes/err" &&
            wrong "a training fits a full disk"
        grep -q '^halogat train: disk/run' "$notes/err" || wrong "a full disk is not told: $(cat "$notes/err")"
        ! grep -q partial "$notes/err" || wrong "a temporary name is told: $(cat "$notes/err")"
        [ -z "$(find disk -name '*.partial*')" ] || wrong "a full disk left $(find disk)"
    done
    umount disk
    trap 'rm -rf "$work" "$notes"' EXIT
fi

# two trainings in one folder: the second is refused while the first is alive; afterwards the folder can be had
"$halogat" train g.h5 --out busy --epochs 1000000 --quiet 2>"$notes/first" &
pid=$!
await test -s busy/metrics.jsonl
for ranks in 1 3; do
    result=0
    on $ranks train g.h5 --out busy --epochs 1 --quiet --overwrite 2>"$notes/err" || result=$?
    [ $result -eq 1 ] && grep -q "^halogat train: busy: a training is under way in it (pid $pid on " "$notes/err" ||
        wrong "a second training: exit $result, $(cat "$notes/err")"
done
# a limit on the size of files that is reached is a failure like others
prlimit --fsize=1000:1000 --pid $pid
result=0
wait $pid || result=$?
[ $result -eq 1 ] && [ "$(cat "$notes/first")" = "halogat train: busy: cannot write metrics.jsonl" ] ||
    wrong "a limit on the size of files: exit $result, $(cat "$notes/first")"
[ "$(echo busy/*)" = "busy/metrics.jsonl busy/record.json" ] || wrong "left in the folder: $(echo busy/*)"
"$halogat" train g.h5 --out busy --epochs 1000000 --quiet --overwrite &
pid=$!
started() { [ -s busy/metrics.jsonl ] && [ -e busy/owner ]; }
await started
end KILL
[ -e busy/owner ] || wrong "no owner of a dead training"
"$halogat" train g.h5 --out busy --epochs 1 --quiet --overwrite ||
    wrong "what a dead training left cannot be overwritten"
[ "$(cd busy && echo *)" = "best.h5 complete last.h5 metrics.jsonl record.json summary.json" ] ||
    wrong "after a dead training: $(echo busy/*)"

# begin COMMAND...: starts `halogat generate` by COMMAND, and returns when its temporary file is not empty
begin() {
    "$@" generate grid -o big.h5 --nodes 800000 --features 16 >"$notes/out" 2>&1 &
    pid=$! caught=no
    while [ $caught = no ] && kill -0 $pid 2>/dev/null; do
        for file in big.h5.partial-*; do [ ! -s "$file" ] || caught=yes; done
        pause 0.01
    done
    [ $caught = yes ] || wrong "no file was begun"
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
