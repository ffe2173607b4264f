#!/usr/bin/env bash
# sdp-logreg prints the same bytes for any number of workers, from a file, a pipe and gzip, with
# blocks in memory and in a file, and after a worker was killed in any of its passes; and it ends with
# the same message where labels are separated.
. "$(dirname "$0")/common.bash"
synthetic 60000 table.csv
gzip -1 -k table.csv
model() { sdp-logreg -q -y label -x 'x1,x2,x3,x4,x1*x2,category' --test-fraction 0.2 "$@"; }
many() { sdp-logreg -q -y category -x x1,x2,x5,qty "$@"; }
apart() { awk -F, 'NR == 1 { print $0 ",apart" } NR > 1 && $6 != "" && $7 != "" { print $0 "," ($6 + $7 > 5 ? "yes" : "no") }' table.csv; }
apart >apart.csv
passes=$(sdp-logreg -v -y label -x 'x1,x2,x3,x4,x1*x2,category' --test-fraction 0.2 table.csv 2>&1 >/dev/null | sed -n 's/.*passes: \([0-9]*\).*/\1/p')
model table.csv >want_model
many table.csv >want_many
sdp-logreg -y apart -x x1,x2,x3 apart.csv 2>want-message

same() { # WANT COMMAND...
	"${@:2}" >got 2>err || { cat err; return 1; }
	cmp got "$1"
}
from_pipe() { # COMMAND ARGUMENTS...
	"$@" < <(cat table.csv)
}
same_message() { # ARGUMENTS...
	sdp-logreg -y apart -x x1,x2,x3 "$@" apart.csv >got 2>err
	equal 'exit code' $? 1 && equal 'standard output' "$(cat got)" '' && cmp err want-message
}

check 'labels that are separated are found' grep -q 'complete separation: x1, x2, x3 together separate' want-message
for workers in 1 2 5; do
	for kind in model many; do
		check "$kind, file, -j $workers" same want_$kind $kind -j $workers table.csv
		check "$kind, pipe, -j $workers" same want_$kind from_pipe $kind -j $workers
		check "$kind, gzip, -j $workers" same want_$kind $kind -j $workers table.csv.gz
		check "$kind, little memory, -j $workers" same want_$kind $kind -j $workers --max-memory 1M table.csv
	done
	check "separated, -j $workers" same_message -j $workers
done
check 'passes are counted' [ "${passes:-0}" -gt 5 ]
for ((pass = 1; pass <= passes; pass++)); do
	for point in claim block 'done'; do
		check "killed $pass:$point" env SDP_FAULT=kill:$pass:$point bash -c \
			'sdp-logreg -q -j 2 -y label -x "x1,x2,x3,x4,x1*x2,category" --test-fraction 0.2 --max-memory 1M table.csv >got && cmp got want_model'
	done
done

# Enough blocks for a rough fit on a part of them to begin with.
synthetic 300000 big.csv
large() { sdp-logreg -q -y label -x x1,x2,x3,x4 "$@"; }
large -j 1 big.csv >want_large
for workers in 2 5; do
	check "large, -j $workers" same want_large large -j $workers big.csv
	check "large, little memory, -j $workers" same want_large large -j $workers --max-memory 4M big.csv
done
for pass in 3 5; do
	check "large, killed $pass:block" env SDP_FAULT=kill:$pass:block bash -c \
		'sdp-logreg -q -j 2 -y label -x x1,x2,x3,x4 big.csv >got && cmp got want_large'
done
finish
