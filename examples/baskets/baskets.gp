height = 420
load '../style.gp'
set datafile separator tab # cells of rules hold commas
set output 'baskets.svg'
set multiplot title 'Who buys diapers buys beer: association rules of 100,000 baskets' font ',18'
set tmargin at screen 0.80
set bmargin at screen 0.17
set cbrange [0:6]
unset colorbox

set title 'all rules, coloured by lift' font ',15' offset 0,-0.5
set lmargin at screen 0.09
set rmargin at screen 0.44
set xlabel 'support (% of baskets)'
set ylabel 'confidence (%)'
set xrange [0:22]
set yrange [0:85]
plot 'rules.tsv' using (100*column('support')):(100*column('confidence')):'lift' \
	with points pointtype 7 pointsize 0.6 linecolor palette

# The table is sorted by lift, so the first rows are the strongest rules.
set title 'the ten rules of greatest lift'
set lmargin at screen 0.72
set rmargin at screen 0.97
set xlabel 'lift (1: independent)'
set xrange [0:6.5]
set yrange [9.6:-0.6]
unset ylabel
unset ytics
set border 1
unset grid
set grid xtics
set style fill solid noborder
rule(left, right) = sprintf('%s → %s', left, right)
plot 'rules.tsv' using (column('lift')/2):0:(column('lift')/2):(0.35):'lift' every ::0::9 with boxxyerror linecolor palette, \
	'' using (0):0:(rule(strcol('antecedent'), strcol('consequent'))) every ::0::9 with labels right offset -1,0
