height = 420
load '../style.gp'
set output 'grid.svg'
set multiplot title 'k-means++ avoids most bad starts, and standardizing makes them cost less' font ',18'
set tmargin at screen 0.80
set bmargin at screen 0.17
set xlabel 'number of clusters k'
set xrange [1.5:10.5]
set xtics 2,1,10
set key top left Left reverse samplen 0.5
# The points of one scale and start; the starts are side by side.
only(scale, init) = strcol(1) eq scale && strcol(2) eq init ? column(6) : NaN

set title 'columns as measured' font ',15' offset 0,-0.5
set lmargin at screen 0.10
set rmargin at screen 0.49
set ylabel 'inertia above the least found (%)' offset 1
set yrange [-5:140]
plot 'grid.csv' using ($3 - 0.15):(only('measured', 'k-means++')) linetype 1 pointsize 0.5 title 'k-means++', \
	'' using ($3 + 0.15):(only('measured', 'random')) linetype 2 pointsize 0.5 title 'random rows'

set title 'standardized columns'
set lmargin at screen 0.59
set rmargin at screen 0.98
unset ylabel
set yrange [-1:28]
plot 'grid.csv' using ($3 - 0.15):(only('standardized', 'k-means++')) linetype 1 pointsize 0.5 title 'k-means++', \
	'' using ($3 + 0.15):(only('standardized', 'random')) linetype 2 pointsize 0.5 title 'random rows'
