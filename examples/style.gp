# The style of all pictures in examples/: load it first.  A script that needs another size sets width or
# height (in pixels) before.  The colours are those of Okabe and Ito, which colour-blind readers can tell apart.
if (!exists('width')) width = 800
if (!exists('height')) height = 400
set terminal svg size width,height fixed noenhanced font 'sans-serif,14' linewidth 1.5 background rgb 'white'

black = 0x000000; orange = 0xE69F00; sky = 0x56B4E9; green = 0x009E73
yellow = 0xF0E442; blue = 0x0072B2; vermilion = 0xD55E00; purple = 0xCC79A7
grey = 0x595959
set linetype 1 linecolor rgb blue      pointtype 7
set linetype 2 linecolor rgb vermilion pointtype 5
set linetype 3 linecolor rgb green     pointtype 9
set linetype 4 linecolor rgb orange    pointtype 13
set linetype 5 linecolor rgb purple    pointtype 11
set linetype 6 linecolor rgb sky       pointtype 15
set linetype 7 linecolor rgb black     pointtype 2
set linetype cycle 7

# From little to much: light to dark, through orange and vermilion.
set palette defined (0 '#FDF2D6', 0.35 '#E69F00', 0.7 '#D55E00', 1 '#5C1F00')

# The tables are CSV with a header; an empty cell is missing.
set datafile separator comma
set datafile columnheaders

set title font ',18'
set border 3 linewidth 0.7 linecolor rgb grey
set grid linecolor rgb '#D9D9D9' linewidth 0.5
set tics nomirror scale 0.5
set key noautotitle
