#!/usr/bin/env bash
# Typesets cars.pdf, a report whose table goes on over eight pages.  It is here already; this needs groff.
set -euo pipefail
cd "$(dirname "$0")"

{
	cat <<'END'
.TL
Cars of 1970 to 1982
.LP
Fuel consumption of 392 models of cars sold in the United States, with their weight in pounds, power in horsepower,
seconds from 0 to 60 miles an hour, and miles per gallon.
.TS H
center;
lb rb rb rb rb rb
l r r r n n.
model	year	weight	power	seconds	mpg
_
.TH
END
	sdp-sample auto_mpg | sdp-cat -f tsv -x name,yr,weight,hp,accel,mpg | tail -n +2
	echo .TE
} | groff -t -ms -T pdf >cars.pdf
