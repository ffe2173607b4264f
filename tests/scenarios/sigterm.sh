#!/usr/bin/env bash
# One SIGTERM ends every phase of every program: whatever it is doing, at a random moment, it is gone
# soon, of that signal, and so are its workers. The bound is generous, for slow machines; a program
# that does not look at signals in some phase would take far longer.
. "$(dirname "$0")/common.bash"
synthetic 400000 table.csv
sdp-sample baskets -r 300000 >baskets.txt
python3 - <<'END'
import json, random
random.seed(1)
with open("wide.csv", "w") as f:
    f.write(",".join(f"c{i}" for i in range(400)) + "\n")
    for _ in range(3000):
        f.write(",".join("%.3f" % random.gauss(0, 1) for _ in range(400)) + "\n")
with open("keys.ndjson", "w") as f:
    for i in range(30000):
        f.write(json.dumps({"id": i, f"k{i}": i}) + "\n")
with open("columns.csv", "w") as f:
    f.write(",".join(f"c{i}" for i in range(100000)) + "\n")
    for _ in range(6):
        f.write(",".join(str(random.randrange(10)) for _ in range(100000)) + "\n")
with open("repeats.csv", "w") as f:
    f.write("a" * 3000 + ",b\n1,2\n")
END
mkfifo never blocked
exec 8<>blocked
seen=0

# terminated SECONDS COMMAND...: SIGTERM after that time
terminated() {
	local pause=$1 workers
	shift
	start "$@" || return 1
	sleep "$pause"
	workers=$(workers_of "$pid")
	kill "$pid" 2>/dev/null
	wait_for 5 test -e status || { kill -9 "$pid"; echo "still running: $*"; return 1; }
	# It may have ended by itself on a fast machine.
	[ "$(cat status)" = 0 ] && return 0
	seen=$((seen + 1))
	# shellcheck disable=SC2086 # workers are words
	equal status "$(cat status)" -15 && wait_for 3 gone $workers
}

random() { # a time up to 1.6 s
	printf '%d.%03d' $((RANDOM % 2)) $((RANDOM % 600))
}

while IFS= read -r command; do
	# shellcheck disable=SC2086 # the command is words
	check "SIGTERM: $command" terminated "$(random)" $command
done <<'END'
sdp-stats table.csv
sdp-stats -j 1 table.csv --max-memory 1M
sdp-stats keys.ndjson
sdp-stats never
sdp-cat never
sdp-cat -f ndjson table.csv table.csv table.csv table.csv -o /dev/null
sdp-cat keys.ndjson -o blocked
sdp-cat -x /(.*)*(a|b)*(.+)+$/ wide.csv
sdp-stats -x /(a+)\1+$/ repeats.csv
sdp-stats columns.csv
sdp-kmeans -k 3 columns.csv
sdp-kmeans -k 40 --restarts 20 table.csv
sdp-kmeans -k 40 --assign table.csv
sdp-linreg -y c0 wide.csv
sdp-linreg -y y -x x1,x2,x3,category table.csv
sdp-logreg -y label -x x1,x2,x3,x4 table.csv
sdp-fpgrowth -s 0.0005 baskets.txt
sdp-fpgrowth -s 0.002 --rules -c 0 baskets.txt
sdp-timeseries --every 1h --acf 500 table.csv
sdp-sample synthetic -r 100000000 -o /dev/null
END
check 'most programs were still at work' test "$seen" -ge 6
finish
