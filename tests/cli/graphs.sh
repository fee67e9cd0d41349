#!/bin/sh
# generate, info and partition from end to end: the same results on every number of ranks.
set -eu
# shellcheck source=tests/cli/common.inc
. "$(dirname "$0")/common.inc"

# has FILE PATTERN...: each pattern matches a line
has() {
    file=$1
    shift
    for pattern in "$@"; do
        grep -Eq -- "$pattern" "$file" || wrong "no line like '$pattern' in $file: $(cat "$file")"
    done
}

on 2 generate sbm -o sbm.h5 --nodes 2000 --edges 16000 --features 8 --classes 5 --seed 3 >line
has line '^sbm\.h5: 2000 nodes, [0-9]+ edges \(symmetric\), 8 dense features, 5 classes \(single-label\)$'
on 1 generate sbm -o sbm.h5 --nodes 2000 --edges 16000 --features 8 --classes 5 --seed 3 --quiet >line
[ ! -s line ] || wrong "--quiet writes $(cat line)"

for ranks in 1 2 3; do
    on "$ranks" info sbm.h5 --check >text-"$ranks"
    on "$ranks" info sbm.h5 --check --json >json-"$ranks"
    cmp -s text-1 text-"$ranks" || wrong "info on $ranks ranks is another"
    cmp -s json-1 json-"$ranks" || wrong "info --json on $ranks ranks is another"
done
has text-1 '^num_nodes +2000$' '^symmetric +yes$' '^splits +train 200, val 200, test 1600$' '^order +imported$' \
    '^check +sound$' '^ +4 +400$'
has json-1 '"num_features": 8' '"check": "sound"'

on 2 partition sbm.h5 -o cells-2.h5 --cells 16 --ranks 2,3 >table
has table '^cells +16$' '^ +ranks +edge_cut +halo_rows' '^ +2 +[0-9]+ ' '^ +3 +[0-9]+ '
for ranks in 1 3; do
    on "$ranks" partition sbm.h5 -o "cells-$ranks.h5" --cells 16 --quiet
    h5diff cells-2.h5 "cells-$ranks.h5" || wrong "cells made on $ranks ranks are others"
done
on 3 info cells-2.h5 --check >text
has text '^num_nodes +2000$' '^order +cells$' '^cells +count 16, '

on 2 partition cells-2.h5 -o again.h5 2>err && wrong "cells are partitioned again"
has err '^halogat partition: cells-2\.h5: is in cell order already'
on 2 generate grid -o nowhere/grid.h5 2>err && wrong "a file in no folder"
has err '^halogat generate: nowhere/grid\.h5: No such file or directory$'
[ "$(grep -c '^halogat' err)" -eq 1 ] || wrong "more than one line"

# a reader that goes away is no failure, a full disk is
"$halogat" info sbm.h5 2>err | head -n 1 >line
[ ! -s err ] || wrong "info | head complains: $(cat err)"
if [ -w /dev/full ]; then
    "$halogat" info sbm.h5 >/dev/full 2>err && wrong "a full disk goes unnoticed"
    has err '^halogat info: standard output: No space left on device$'
    "$halogat" train sbm.h5 --out full --epochs 2 >/dev/full 2>err && wrong "progress on a full disk goes unnoticed"
    has err '^halogat train: standard output: No space left on device$'
    [ -e full/complete ] || wrong "a training ends because its lines cannot be written"
    "$halogat" train --help >/dev/full 2>err && wrong "help on a full disk goes unnoticed"
    has err '^halogat train: standard output: No space left on device$'
fi
for round in 1 2 3; do
    { "$halogat" train --help || echo "exit $?" >&2; } 2>err | true
    [ ! -s err ] || wrong "round $round: help to a reader that goes away: $(cat err)"
done
# closed descriptors, whose numbers files of MPI could get
"$halogat" info sbm.h5 >&- 2>err && wrong "a closed standard output goes unnoticed"
has err '^halogat info: standard output: Bad file descriptor$'
"$halogat" info sbm.h5 <&- >&- 2>err && wrong "closed standard input and output go unnoticed"
has err '^halogat info: standard output: Bad file descriptor$'
"$halogat" info sbm.h5 <&- 2>&- >line || wrong "closed standard input and error matter"

finish
