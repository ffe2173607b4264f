height = 420
load '../style.gp'
set output 'speedup.svg'
set multiplot title sprintf('Every task of sdp on %d rows, with 1 worker and with %d', rows, cores) font ',18'
set tmargin at screen 0.80
set bmargin at screen 0.17
set yrange [5.5:-0.5]
set border 1
# The rows of the table: for each task those of 1 worker, then those of all cores.
with_workers(n, x) = column('workers') == n ? x : NaN
task = 'int($0 / 2)'

set title 'median time and its 95 % interval' font ',15' offset 0,-0.5
set lmargin at screen 0.22
set rmargin at screen 0.58
set xlabel 'time (seconds)'
set xrange [0:*]
set errorbars 0
set key bottom right samplen 1
plot 'bench.csv' using (with_workers(1, column('median'))):(@task):'ci_low':'ci_high':yticlabels(stringcolumn('name')) with xerrorbars linetype 2 pointsize 0.7 title '1 worker', \
	'' using (with_workers(cores, column('median'))):(@task):'ci_low':'ci_high' with xerrorbars linetype 1 pointsize 0.7 title sprintf('%d workers', cores)

# The dashed line: as fast as workers there are.
set title 'speedup'
set lmargin at screen 0.66
set rmargin at screen 0.97
set xlabel sprintf('times as fast with %d workers', cores)
set xrange [0:1.1 * cores]
set arrow from cores, graph 0 to cores, graph 1 nohead back linecolor rgb grey dashtype 2
set ytics format ''
plot 'bench.csv' using (with_workers(cores, column('speedup'))):(@task):'speedup_ci_low':'speedup_ci_high' with xerrorbars linetype 1 pointsize 0.7
