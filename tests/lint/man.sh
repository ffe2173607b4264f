#!/usr/bin/env bash
# Every program has a manual, mandoc has nothing to say about any of them, references between them
# lead somewhere, and the options a manual lists are those that --options prints, both ways.
: "${SDP_BIN:?run by make lint or tests/run.sh}"
cd "$(dirname "$0")/../.." || exit 3
fault=0
say() {
	echo "$*"
	fault=1
}

for page in man/*.[1-8]; do
	[ -e "$page" ] || continue
	# The pages need not be installed for their references to be good: that is looked at below.
	found=$(mandoc -T lint -W all "$page" | grep -v -e 'STYLE: referenced manual not found' -e 'outdated mandoc.db lacks')
	[ -z "$found" ] || say "$found"
	# An example is to be copied from a terminal of 80 columns, of which mandoc fills 78: it breaks a longer .Dl.
	found=$({ mandoc -T ascii -O width=78 "$page" && mandoc -T ascii -O width=1000 "$page" | grep '^ *\$ '; } |
		sed 's/.\x08//g' | awk -v page="$page" 'length > 78 { print page ": wider than a terminal: " $0 }')
	[ -z "$found" ] || say "$found"
	while read -r name section; do
		[ -e "man/$name.$section" ] || say "$page: refers to $name($section), which is not in man/"
	done < <(sed -n -E 's/^\.(It )?Xr (sdp[a-z-]*) ([1-8]).*/\2 \3/p' "$page")
done

# The option names, a line each, that a manual explains: those of its .It Fl lines.
manual_options() {
	awk '$1 == ".It" && $2 == "Fl" {
		for (i = 2; i < NF; i++) {
			if ($i != "Fl") continue
			name = $(i + 1)
			if (name == "Fl") { i++; name = "-" $(i + 1) }
			print "-" name
		}
	}' "$1" | sort -u
}

program_options() {
	"$SDP_BIN/$1" --options | awk -F '\t' '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["short"] != "" { print "-" $at["short"] }
		$at["long"] != "" { print "--" $at["long"] }' | sort -u
}

for source in cmd/*/main.c; do
	[ -e "$source" ] || continue
	program=sdp-$(basename "$(dirname "$source")")
	if [ ! -e "man/$program.1" ]; then
		say "$program: has no manual"
		continue
	fi
	options=$(program_options "$program")
	[ -n "$options" ] || say "$program --options: no table with the columns short and long"
	difference=$(diff <(manual_options "man/$program.1") <(echo "$options") |
		sed -n "s/^< /$program: only in the manual: /p; s/^> /$program: only in --options: /p")
	[ -z "$difference" ] || say "$difference"
	"$SDP_BIN/$program" --help >/dev/null || say "$program --help: fails"
done
exit $fault
