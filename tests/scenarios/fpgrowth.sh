#!/usr/bin/env bash
# sdp-fpgrowth: workers killed at each point of each pass (reading, grouping, recoding, mining, rules),
# a memory limit that sends everything kept to the file, and baskets in pieces in any order change
# no byte.
. "$(dirname "$0")/common.bash"

sdp-sample baskets -r 60000 >lines.txt
# A row an item, and the same rows in another order.
awk 'BEGIN { print "basket,item" } { for (i = 1; i <= NF; i++) print "b" NR "," $i }' lines.txt >pieces.csv
{ head -n 1 pieces.csv; tail -n +2 pieces.csv | sort -t , -k 2 -k 1r; } >shuffled.csv
rules='-s 0.6% --rules -c 0.4 --max-consequent 2'
# shellcheck disable=SC2086 # the options are words
sdp-fpgrowth -j 1 $rules lines.txt >want

run() { # FORM WORKERS OPTION...
	local form=$1 workers=$2
	shift 2
	# shellcheck disable=SC2086
	case $form in
	lines) sdp-fpgrowth -j "$workers" $rules "$@" lines.txt ;;
	pipe) sdp-fpgrowth -j "$workers" $rules "$@" < <(cat lines.txt) ;;
	pieces) sdp-fpgrowth -j "$workers" $rules "$@" --basket basket --item item pieces.csv ;;
	shuffled) sdp-fpgrowth -j "$workers" $rules "$@" --basket basket --item item shuffled.csv ;;
	esac
}

same() { # FAULT FORM WORKERS OPTION...
	local fault=$1 rc
	shift
	SDP_FAULT=$fault run "$@" >got 2>err
	rc=$?
	cat err
	equal 'exit code' $rc 0 && equal 'messages' "$(cat err)" '' && cmp got want
}

# The hook strikes and is survived.
died() { # FAULT FORM
	SDP_FAULT=$1 run "$2" 2 -v 2>err >got
	grep -q 'of these died: 1,' err && cmp got want
}

for form in lines pipe pieces shuffled; do
	for workers in 1 2 7; do
		check "$form, -j $workers" same '' $form $workers
		check "$form, -j $workers, --max-memory 1M" same '' $form $workers --max-memory 1M
	done
done
for form in lines shuffled; do
	passes='1 2 3 4'
	[ $form = lines ] || passes='1 2 3 4 5'
	for pass in $passes; do
		for point in claim block; do
			check "$form, killed at $pass:$point" died kill:$pass:$point $form
		done
		check "$form, killed at $pass:done" same kill:$pass:done $form 3
	done
done

# The same number of sets with and without making them.
equal_counts() {
	local listed counted
	listed=$(sdp-fpgrowth -s 0.6% lines.txt | jq -c '[.frequent_itemsets, (.itemsets | length), .lengths]')
	counted=$(sdp-fpgrowth -s 0.6% --count-only lines.txt | jq -c '[.frequent_itemsets, .frequent_itemsets, .lengths]')
	equal counts "$counted" "$listed"
}
check 'counts of --count-only' equal_counts
finish
