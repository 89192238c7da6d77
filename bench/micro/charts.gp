# charts.gp - draws a bar chart from what micro_report wrote, as SVG and PNG.
#
#   gnuplot -c charts.gp DATA OUTPUT-WITHOUT-ENDING TITLE Y-LABEL LEAST-Y
data = ARG1
output = ARG2

set title ARG3 font ",16"
set ylabel ARG4
set datafile missing "?"
set style data histograms
set style histogram clustered gap 2
set style fill solid 0.9 noborder
set logscale y
set yrange [ARG5:*]
# Room for labels of three lines.
set bmargin 5
set ytics nomirror
set grid ytics linecolor rgb "#dddddd"
set key outside right top
set xtics nomirror scale 0
set border 3
# The fastest peer, where ratios are drawn.
if (ARG5 < 1) { set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead linecolor rgb "#888888" }

# Ours stand out; the peers' colours are those of a pale palette.
colours = "#b2182b #ef8a62 #fdbb84 #08306b #2171b5 #6baed6 #9ecae1 #00441b #238b45 #54278f #807dba #bcbddc #999999"

columns = 13
do for [kind in "svg png"] {
  if (kind eq "svg") { set terminal svg size 1600,620 noenhanced background "white" }
  if (kind eq "png") { set terminal pngcairo size 1600,620 noenhanced background "white" }
  set output output.".".kind
  plot for [i = 2:columns + 1] data using i:xtic(1) title columnheader(i) linecolor rgb word(colours, i - 1)
}
