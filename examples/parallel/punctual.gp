height = 460
load '../style.gp'
set output 'punctual.svg'
set title 'A flight that leaves on time usually arrives early'
set xlabel 'arrival delay after a departure on time (minutes; with its 95 % confidence interval)'
set xrange [-18:6]
set yrange [-0.7:15.7]
set border 1
set arrow from 0, graph 0 to 0, graph 1 nohead back linecolor rgb grey
set errorbars 0
plot 'punctual.csv' using 'estimate':0:'low':'high':yticlabels(stringcolumn('airline')) \
	with xerrorbars linetype 1 pointsize 0.6 linewidth 1.5
