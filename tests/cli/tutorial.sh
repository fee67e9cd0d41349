#!/bin/sh
# Runs every command of docs/tutorial.md as it is written there, and checks the results on its small graph.
set -eu
program=$1
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/build" "$work/bin"
ln -s "$program" "$work/build/halogat"
# mpirun -n P PROGRAM ..., as the tests start ranks
MPIEXEC=$(command -v "${MPIEXEC:-mpirun}")
export MPIEXEC
printf '#!/bin/sh\nshift\nexec "%s/mpirun.sh" "$@"\n' "$here" >"$work/bin/mpirun"
chmod +x "$work/bin/mpirun"
# shell blocks are commands; the YAML block is the file that its first line names
awk '/^```sh/ { command = 1; next }
     /^```yaml/ { file = 1; next }
     /^```/ { if (file) print "END"; command = file = 0; next }
     file && /^# mine/ { sub(/^# /, ""); sub(/:.*/, ""); print "cat >" $0 " <<END"; next }
     command || file' "$here/../docs/tutorial.md" >"$work/commands"
# what root needs and the three lists of nodes are on the page
grep -q OMPI_ALLOW_RUN_AS_ROOT=1 "$work/commands"
for list in train val test; do
    grep -q "^|.*\`$list\.txt\`" "$here/../docs/tutorial.md"
    grep -q "mine/$list\.txt" "$work/commands"
done
cd "$work"
PATH=$work/bin:$PATH sh -eu commands >log 2>&1 || {
    cat log
    exit 1
}
grep -q 'sound' log
for file in mine/run/complete mine/run-2/complete mine/pred.h5 mine/alpha.h5; do [ -e $file ]; done
[ "$(awk -F '\t' 'NF == 3 { printf "%s ", $1 }' mine/pred.tsv)" = "ada bob cy dan eve fay gus hal " ]
[ "$(awk -F '\t' '$1 == "dan" || $1 == "hal" { printf "%s ", $2 }' mine/pred.tsv)" = "theory practice " ]
grep -q '^test ' log # the split that the test mask makes
# what the page shows of partition has the form of what is printed; the numbers are those of one version of METIS
columns() { grep '^ *ranks edge_cut' "$1" | tail -n 1 | tr -s ' '; }
[ -n "$(columns log)" ]
[ "$(columns log)" = "$(columns "$here/../docs/tutorial.md")" ]
for ranks in 2 4 16; do
    grep -Eq "^ +$ranks +[0-9]+ +[0-9]+ +[0-9]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +(good|fair|poor)$" log
    grep -q "^On $ranks ranks each rank computes within " log
done
