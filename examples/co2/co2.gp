height = 560
load '../style.gp'
set output 'co2.svg'
set multiplot title 'Carbon dioxide at Mauna Loa has a rising trend and a yearly season' font ',18'
set xdata time
set timefmt '%Y-%m-%d'
set xrange ['1958-01-01':'2002-01-01']
set lmargin at screen 0.1
set rmargin at screen 0.97

set tmargin at screen 0.90
set bmargin at screen 0.53
set format x ''
set xtics '1960-01-01', 10*365.25*86400
set ylabel 'CO₂ (ppm)' offset 1
set key top left Left reverse
plot 'co2.csv' using 'start':'mean' with lines linecolor rgb sky title 'monthly mean', \
	'' using 'start':'trend' with lines linecolor rgb vermilion linewidth 1.5 title 'trend'

set tmargin at screen 0.49
set bmargin at screen 0.33
set ylabel 'season (ppm)' offset 0
set yrange [-4:4]
set ytics 2
plot 'co2.csv' using 'start':'seasonal' with lines linecolor rgb green

set tmargin at screen 0.29
set bmargin at screen 0.13
set format x '%Y'
set xlabel 'year'
set ylabel 'residual (ppm)'
set yrange [-2:2]
set ytics 1
plot 'co2.csv' using 'start':'residual' with lines linecolor rgb blue
