#!/usr/bin/env bash
# sdp-kmeans gives the same bytes whatever happens to its workers and wherever its numbers lie: a
# worker killed in any pass, of the fit as of the rows that are labelled; blocks in a file; without
# acceleration; and --predict passes rows on while its input pauses.
. "$(dirname "$0")/common.bash"
synthetic 60000 table.csv
gzip -1 -k table.csv
head -n 3001 table.csv >small.csv
head -n 20001 table.csv >fewer.csv
printf 'x1,x2\n1,1\n1000000,0\n2000000,0\n' >far.csv # centres that no row is near

program=sdp-kmeans

check 'a worker killed in each pass: seeding, iterations, scores' every_pass -j 2 -k 4 --max-iterations 3 table.csv
check '… of standardized features' every_pass -j 3 -k 3 --standardize --max-iterations 2 -x x1:x6 table.csv.gz
check '… of restarts, and with the silhouette' every_pass -j 2 -k 3 --restarts 2 --init random --max-iterations 2 small.csv
check '… of refills' every_pass -j 2 -k 3 -x x1,x2 --init far.csv --max-iterations 3 table.csv
check '… of a range' every_pass -j 1 -k 2..3 --max-iterations 2 -x x1:x3 table.csv
check '… before rows are labelled' every_pass -j 2 -k 3 --max-iterations 2 --assign -x x1:x3 table.csv

fit=(-q -k 3 -x x1:x3 --max-iterations 3)
sdp-kmeans "${fit[@]}" table.csv >model.json
sdp-kmeans "${fit[@]}" --assign table.csv >want
for point in claim block; do
	for workers in 1 3; do
		check "--predict, killed at $point, -j $workers" struck kill:1:$point -j $workers --predict model.json table.csv
		check "--predict of a pipe, killed at $point, -j $workers" struck kill:1:$point -j $workers --predict model.json < <(cat table.csv)
	done
done
for workers in 1 3; do
	check "--assign of a file, -j $workers" same want sdp-kmeans -j $workers "${fit[@]}" --assign table.csv
	check "--assign of a pipe, -j $workers" same want sdp-kmeans -j $workers "${fit[@]}" --assign < <(cat table.csv)
	check "--assign of gzip, -j $workers" same want sdp-kmeans -j $workers "${fit[@]}" --assign table.csv.gz
	check "--assign of gzip in a pipe, -j $workers" same want sdp-kmeans -j $workers "${fit[@]}" --assign < <(cat table.csv.gz)
done

# Blocks in a file.
for workers in 1 3; do
	check "blocks in a file, 1M, -j $workers" spilled 1M -j $workers -k 5 --standardize --restarts 2 table.csv
	check "… with the silhouette, -j $workers" spilled 1M -j $workers -k 3 fewer.csv
	check "… and refills, -j $workers" spilled 1M -j $workers -k 3 -x x1,x2 --init far.csv table.csv
done
synthetic 300000 large.csv
check 'blocks in a file, 32M' spilled 32M -k 6 -x x1:x6 --max-iterations 5 large.csv
rm large.csv

# Without acceleration.
for how in '-k 8' '-k 5 --standardize' '-k 4 --init random --restarts 2' '-k 2..4 -x x1' '-k 3 -x x1,x2 --init far.csv'; do
	# shellcheck disable=SC2086 # words
	sdp-kmeans -q $how table.csv >want
	# shellcheck disable=SC2086
	check "--algorithm lloyd $how" same want sdp-kmeans -q --algorithm lloyd $how table.csv
done

sdp-kmeans "${fit[@]}" --assign table.csv >want
check '--predict prints rows while its input pauses' pauses 30000
finish
