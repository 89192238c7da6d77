# picture.gp - draws what two servers held over time, as SVG.
#
#   gnuplot -c picture.gp SAMPLES OUTPUT
set datafile separator ","
set terminal svg size 1200,700 noenhanced background "white"
set output ARG2
set multiplot layout 2,1
set border 3
set tics nomirror
set grid ytics linecolor rgb "#dddddd"
set key outside right top
set yrange [0:*]
set autoscale xfix
set ylabel "MiB"
mib(bytes) = bytes / 1048576.0

do for [server in "redis-server nginx"] {
  first = server eq "nginx" ? 6 : 2
  set title server font ",16"
  if (server eq "nginx") { set xlabel "minutes" }
  plot for [i = 1:3] ARG1 using ($1 / 60):(mib(column(first + i - 1))) skip 1 with lines \
    linecolor rgb word("#b2182b #2171b5 #238b45", i) title word("resident footprint live", i)
}
