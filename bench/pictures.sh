#!/bin/bash
# bench/pictures.sh: draws the tables of docs/performance.md as docs/pictures/*.svg. Needs gnuplot (Debian:
# gnuplot-nox).
set -euo pipefail
cd "$(dirname "$0")/.."
tables=docs/performance.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# rows SECTION: the rows of the tables below the line SECTION, up to the next section or "N heads x N:"; tabs between
# cells
rows() {
    awk -v section="$1" '
        $0 == section { inside = 1; next }
        inside && (/^## / || /^[0-9]+ heads x [0-9]+:$/) { exit }
        inside && /^\| / {
            gsub(/^\| *| *\|$/, ""); gsub(/ *\| */, "\t"); gsub(/,/, "")
            print
        }' "$tables"
}

# a line per graph: its name, then seconds and MiB of halogat, PyTorch Geometric and DGL
rows "## Beside PyTorch Geometric and DGL" | awk -F '\t' '
    $2 == "halogat" { if (line != "") print line; line = "\"" $1 "\"" }
    $3 + 0 > 0 { line = line " " $3 " " $4 }
    END { print line }' >"$work/peers"

# a line per phase: what it is, its time, and what its work and its streaming need
for heads in "8 heads x 8:" "8 heads x 32:"; do
    rows "$heads" | awk -F '\t' '
        $1 != "layer" && $1 != "all" {
            sub(/ \/.*/, "", $2)
            print "\"" $2 " " $1 "\"", $3, $4, $5
        }' >"$work/$(echo "$heads" | tr -dc '0-9x')"
done

# a line per graph and link: what it is, the epoch, the bare exchange and what of it is exposed
rows "## Exchange between hosts" | awk -F '\t' '
    $7 + 0 > 0 { print "\"" $1 ", " ($2 == "none" ? "no limit" : $2) "\"", $6, $7, $8 }' >"$work/overlap"

# a line per epoch: loss, and test nodes whose class is wrong
rows "### A graph of the size of ogbn-products" | awk -F '\t' 'NF == 5 && $1 + 0 > 0 { print $1, $2, 100 - $5 }' \
    >"$work/large"

gnuplot <<PLOT
set style data histograms
set style fill solid 0.9 border -1
set boxwidth 0.9
set grid ytics
set xtics scale 0
set key outside top center horizontal

set terminal svg size 1080,420 font "sans,12"
set output "docs/pictures/peers.svg"
set xtics rotate by -20
set bmargin 5
set rmargin 9
set multiplot layout 1,2
set logscale y
set style histogram clustered gap 1
set ylabel "seconds per training epoch"
set yrange [0.0005:60]
plot "$work/peers" using 2:xtic(1) title "halogat" lc rgb "#1b6ca8", \
     "" using 4 title "PyTorch Geometric" lc rgb "#d1803b", "" using 6 title "DGL" lc rgb "#7a9a57"
set ylabel "peak memory, MiB"
set yrange [20:40000]
plot "$work/peers" using 3:xtic(1) title "halogat" lc rgb "#1b6ca8", \
     "" using 5 title "PyTorch Geometric" lc rgb "#d1803b", "" using 7 title "DGL" lc rgb "#7a9a57"
unset multiplot

set terminal svg size 1080,520 font "sans,12"
set output "docs/pictures/phases.svg"
set multiplot layout 1,2
unset logscale
set yrange [0:*]
set xtics rotate by -35
set bmargin 9
set rmargin 12
set ylabel "ms"
do for [case in "8x8 8x32"] {
    set title case." (the number is the layer)"
    set style histogram rowstacked
    plot newhistogram, "$work/".case using (\$0 * 3):2:(1):xtic(1) with boxes title "measured" lc rgb "#1b6ca8", \
         "" using (\$0 * 3 + 1):(\$3 + \$4):(1) with boxes title "least: streaming" lc rgb "#bbbbbb", \
         "" using (\$0 * 3 + 1):3:(1) with boxes title "least: gather or product" lc rgb "#d1803b"
}
unset multiplot

set terminal svg size 720,420 font "sans,12"
set output "docs/pictures/overlap.svg"
set style histogram clustered gap 1
set xtics rotate by -25
set bmargin 6
set ylabel "ms per epoch"
plot "$work/overlap" using 3:xtic(1) title "bare exchange" lc rgb "#bbbbbb", \
     "" using 4 title "exposed in the epoch" lc rgb "#d1803b", "" using 2 title "epoch" lc rgb "#1b6ca8"

reset
set terminal svg size 720,400 font "sans,12"
set output "docs/pictures/large.svg"
set key outside top center horizontal
set grid ytics
set logscale y
set xlabel "epoch"
set ylabel "loss; wrong test nodes, %"
set format y "%g"
set yrange [0.0005:20]
plot "$work/large" using 1:2 with linespoints pt 7 lc rgb "#1b6ca8" title "loss", \
     "" using 1:(\$3 > 0 ? \$3 : NaN) with linespoints pt 5 lc rgb "#d1803b" title "wrong test nodes, %"
PLOT
echo "drew peers.svg, phases.svg, overlap.svg and large.svg in docs/pictures"
