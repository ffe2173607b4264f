#!/usr/bin/env bash
# sdp-bench measures what is known beforehand: sleeps with a serial fraction, memory held by several
# processes, processor time of processes below the command.
. "$(dirname "$0")/common.bash"

# within GOT LOW HIGH
within() {
	jq -n -e --argjson got "$1" --argjson low "$2" --argjson high "$3" '$got >= $low and $got <= $high' >/dev/null ||
		{ echo "$1 is not between $2 and $3"; false; }
}

# 1.6 s of which a quarter is serial: 1.6 (0.25 + 0.75 / w).
# shellcheck disable=SC2016 # $1 is for sh
sleeps() {
	sdp-bench -w 1,2,4,8 --runs 3 --warmup 0 -- sh -c \
		'case $1 in 1) t=1.6 ;; 2) t=1.0 ;; 4) t=0.7 ;; 8) t=0.55 ;; esac; exec sleep $t' sh {} >sleeps.json
}

# However long the sleeps took, the fit is the line of least squares through the medians over 1/w.
amdahl() {
	jq -c '.fits, [.results[].median]' sleeps.json
	jq -e '[.results[] | {x: (1 / .workers), y: .median}] as $p | ($p | length) as $n |
		($p | map(.x) | add / $n) as $x | ($p | map(.y) | add / $n) as $y |
		(($p | map((.x - $x) * (.y - $y)) | add) / ($p | map((.x - $x) * (.x - $x)) | add)) as $slope |
		($y - $slope * $x) as $serial | .fits[0].amdahl |
		((.serial_fraction - $serial / ($serial + $slope)) | fabs) < 1e-9 and
		((.time - $serial - $slope) | fabs) < 1e-9' sleeps.json >/dev/null
}

# Without overhead contention is the serial fraction, and nothing has to be agreed on.
gunther() {
	jq -c .fits sleeps.json
	within "$(jq '.fits[0].usl.alpha' sleeps.json)" 0.2 0.3 && within "$(jq '.fits[0].usl.beta' sleeps.json)" 0 0.01
}

rows() {
	jq -c '.results[]' sleeps.json
	for row in 0 1 2 3; do
		within "$(jq ".results[$row].median * (1, 2, 4, 8) / 1.6" sleeps.json | sed -n "$((row + 1))p")" \
			"$(jq -n "[1, 1.25, 1.75, 2.75][$row] * 0.99")" "$(jq -n "[1, 1.25, 1.75, 2.75][$row] * 1.1")" || return
	done
}

# A page that two processes share counts once, one that each holds twice.
memory() { # LOW HIGH SCRIPT
	local peak
	peak=$(sdp-bench -w 1 --runs 1 --warmup 0 -- python3 -c "$3" | jq '.results[0].peak_rss / 1048576')
	within "$peak" "$1" "$2"
}
apart='
import os, time
ready, done = os.pipe()
child = os.fork()
held = bytearray(80 << 20)
if child == 0:
    os.write(done, b"x")
    time.sleep(30)
os.read(ready, 1)
time.sleep(3) # sdp-bench looks at most 1/50 of the time: a slow look delays the next one
os.kill(child, 9)
os.wait()'
together='
import os, time
held = bytearray(80 << 20)
if os.fork() == 0:
    time.sleep(0.4)
    os._exit(0)
os.wait()'
shared='
import mmap, os, time
held = mmap.mmap(-1, 80 << 20)
for i in range(0, 80 << 20, 4096): held[i] = 1
for i in range(2):
    if os.fork() == 0:
        for i in range(0, 80 << 20, 4096): held[i]
        time.sleep(0.4)
        os._exit(0)
os.wait(); os.wait()'
# Gone before anyone can look: only the largest process is known.
brief='held = bytearray(80 << 20)'

# 0.3 s of processor time in each of two grandchildren, of which one is not waited for by the command.
processor() {
	local busy='
import os, time
def busy():
    while time.process_time() < 0.3: pass
done, held = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        busy()
        os._exit(0)
    busy()
    os._exit(0)
os.close(held)
os.read(done, 1)'  # ends when both have ended
	sdp-bench -w 1 --runs 1 --warmup 0 -- python3 -c "$busy" >busy.json
	jq -c '.results[]' busy.json
	within "$(jq '.results[0] | .user + .sys' busy.json)" 0.58 1
}

# A background job of a shell survives, although exec makes it a child of sdp-bench.
others() {
	sh -c 'sleep 30 & echo $! >job; exec sdp-bench -w 1 --runs 1 --warmup 0 -- sh -c "setsid sleep 30 & echo \$! >left; sleep 0.1"' >others.json || return
	started+=("$(cat job)" "$(cat left)")
	gone "$(cat left)" && kill -0 "$(cat job)"
}

check 'sleeps run' sleeps
check 'Amdahl: the serial fraction of sleeps' amdahl
check 'the universal law on them' gunther
check 'their times' rows
check 'memory of two processes' memory 160 185 "$apart"
check 'memory that two processes share after fork' memory 80 105 "$together"
check 'memory that processes share' memory 80 110 "$shared"
check 'memory of a short run' memory 80 105 "$brief"
check 'processor time of all processes' processor
check 'children of before are left alone' others
finish
