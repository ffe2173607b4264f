height = 420
load '../style.gp'
set output 'penguins.svg'
set multiplot title 'Penguins by bill: the elbow and the silhouette agree on three clusters' font ',18'
set tmargin at screen 0.80
set bmargin at screen 0.17

set title 'k-means for each number of clusters' font ',15' offset 0,-0.5
set lmargin at screen 0.10
set rmargin at screen 0.40
set xlabel 'number of clusters k'
set ylabel 'inertia' offset 1 textcolor rgb blue
set y2label 'mean silhouette' offset -1 textcolor rgb vermilion
set border 11
set y2tics nomirror
set xrange [1.7:8.3]
set yrange [0:400]
set y2range [0.3:0.6]
set arrow from 3, graph 0 to 3, graph 1 nohead linecolor rgb grey dashtype 2
plot 'elbow.csv' using 'k':'inertia' with linespoints linetype 1 pointsize 0.7, \
	'' using 'k':'silhouette' axes x1y2 with linespoints linetype 2 pointsize 0.7

unset arrow
unset y2tics
unset y2label
set border 3
set title 'k = 3; colour: cluster, symbol: species'
set lmargin at screen 0.62
set rmargin at screen 0.98
set xlabel 'bill length (mm)'
set ylabel 'bill depth (mm)' offset 1 textcolor default
set xrange [31:61]
set yrange [11.2:22]
set xtics 5
set ytics 2
set key bottom left Left reverse samplen 0.5 spacing 0.9
symbol(species) = species eq 'Adelie' ? 7 : species eq 'Gentoo' ? 5 : 9
colour(cluster) = cluster == 0 ? blue : cluster == 1 ? vermilion : green
plot 'clusters.csv' using 'bill_length_mm':'bill_depth_mm':(symbol(strcol('species'))):(colour(column('cluster'))) \
		with points pointtype variable linecolor rgb variable pointsize 0.4, \
	keyentry with points pointtype 7 pointsize 0.6 linecolor rgb grey title 'Adelie', \
	keyentry with points pointtype 5 pointsize 0.6 linecolor rgb grey title 'Gentoo', \
	keyentry with points pointtype 9 pointsize 0.6 linecolor rgb grey title 'Chinstrap'
