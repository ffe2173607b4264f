#!/usr/bin/env bash
# A file that changes while it is read: exit 1, a message that names it, no result.  A held FIFO
# among the inputs stops the program while the file is changed: before it in the order, the file
# is open but unread; after it, the file is read but the run is not over.
# What changes only the ctime of a file may be a rewrite, so it is refused as well.
. "$(dirname "$0")/common.bash"
synthetic 50000 whole.csv

shrink() { truncate -s 1000000 table.csv; }
grow() { tail -n 1 whole.csv >>table.csv; }
overwrite() { dd if=/dev/zero of=table.csv bs=1 seek=2000000 count=10 conv=notrunc; }
touch_it() { touch -d '2001-02-03' table.csv; }

rewrite() { # in place, and the time of modification is set back
	touch -r table.csv reference
	overwrite
	touch -r reference table.csv
}
replace_it() { cp -p table.csv other && mv other table.csv; }
permit() { chmod 600 table.csv; }

# FORM is how the file is stored: as it is, or in another encoding, so that it is read as a stream.
noticed() { # FORM CHANGE WORKERS INPUT...
	local form=$1 change=$2 workers=$3
	shift 3
	rm -f held
	$form <whole.csv >table.csv
	chmod 644 table.csv
	hold held && start sdp-stats -j "$workers" "$@" && feed whole.csv || return 1
	wait_for 10 has_open "$pid" table.csv || return 1
	sleep 0.3
	[ ! -e status ] || { echo 'ended by itself'; cat err; return 1; }
	$change
	tail -c +3000001 whole.csv >&9
	exec 9>&-
	wait_for 20 test -e status || return 1
	cat err
	equal status "$(cat status)" 1 && equal 'standard output' "$(cat out)" '' &&
		equal 'lines of message' "$(wc -l <err)" 1 && grep -q '^sdp-stats: table\.csv: .*changed' err
}

utf16() { printf '\xff\xfe' && iconv -f UTF-8 -t UTF-16LE; }

for workers in 1 3; do
	for change in shrink grow touch_it rewrite; do
		check "$change, read before, -j $workers" noticed cat $change $workers table.csv held
		check "$change, yet to be read, -j $workers" noticed cat $change $workers held table.csv
	done
done
check 'replaced by another of its name' noticed cat replace_it 2 table.csv held
for change in grow permit; do
	check "$change, a stream" noticed utf16 $change 2 held table.csv
done
finish
