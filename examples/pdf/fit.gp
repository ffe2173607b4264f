load '../style.gp'
set output 'fit.svg'
set title 'From a table in a PDF to a regression: weight and fuel of 392 cars'
set xlabel 'weight (pounds)'
set ylabel 'miles per gallon'
set xrange [1500:5200]
set yrange [0:50]
set key top right Left reverse samplen 2
set style fill solid 0.25 noborder
plot 'fit.csv' using 'weight':'lower':'upper' with filledcurves linecolor rgb vermilion title '95 % prediction interval', \
	'cars.csv' using 'weight':'mpg' with points pointtype 7 pointsize 0.35 linecolor rgb blue title 'a car', \
	'fit.csv' using 'weight':'prediction' with lines linecolor rgb vermilion linewidth 2 title sprintf('fit, R² = %.2f', r2)
