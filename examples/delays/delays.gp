load '../style.gp'
set output 'delays.svg'
set title 'Flights from New York City, 2013: delays build up through the day'
set xlabel 'scheduled hour of departure (New York time)'
set ylabel 'month'
set cblabel 'mean departure delay (minutes)'
set xrange [4.5:23.5]
set yrange [12.5:0.5]
set cbrange [0:50]
set xtics 5,1,23
set ytics ('Jan' 1, 'Feb' 2, 'Mar' 3, 'Apr' 4, 'May' 5, 'Jun' 6, 'Jul' 7, 'Aug' 8, 'Sep' 9, 'Oct' 10, 'Nov' 11, 'Dec' 12)
set tics scale 0
unset border
unset grid
set colorbox noborder
set style fill solid noborder
plot 'delays.csv' using 'hour':'month':(0.475):(0.465):'mean' with boxxyerror linecolor palette
