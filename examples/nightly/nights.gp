height = 420
load '../style.gp'
set output 'nights.svg'
set title 'A benchmark every night, of a table that grows by 1000 rows'
set xlabel 'night'
set ylabel 'median time with 2 workers (ms)'
set datafile missing NaN # a line goes on over the rows of the other tasks
set xtics 1
set xrange [0.8:*]
set logscale y
set yrange [5:5000]
set key top left Left reverse samplen 1 vertical maxrows 2
plot for [task in 'descriptive_stats kmeans linear_regression logistic_regression time_series fp_growth'] 'nights.csv' \
	using 'night':(stringcolumn('name') eq task && column('workers') == 2 ? 1000 * column('median') : NaN) with linespoints pointsize 0.7 title task
