#!/usr/bin/env bash
# Every program has a manual; mandoc and groff have nothing to say about any of them, and show the
# same text; references between them lead somewhere; and each option of --options is described
# once: the program's own ones in its manual, shared ones in sdp-csv(5) and sdp(7).
: "${SDP_BIN:?run by make lint or tests/run.sh}"
cd "$(dirname "$0")/../.." || exit 3
fault=0
say() {
	echo "$*"
	fault=1
}

# The text that a manual becomes, without markup, blanks and the lines around it, where the dash
# after the name differs; in lines so long that no word is divided.
by_mandoc() { mandoc -T utf8 -O width=1000 "$1" | letters; }
by_groff() { groff -t -mdoc -T utf8 -P -c -P -b -P -u -r LL=1000n -r HY=0 "$1" 2>/dev/null | letters; }
letters() { LC_ALL=C.UTF-8 sed -e '1d;$d' -e 's/.\x08//g' -e 's/[–—]/-/g' -e 's/\xc2\xa0//g' | tr -d ' \t\n'; }

# EXAMPLES precede DESCRIPTION here, and sections have names of their own.  The pages need not be
# installed for their references to be good: that is looked at below.
expected='sections out of conventional order|possible typo in section name|STYLE: referenced manual not found|outdated mandoc.db lacks'
for page in man/*.[1-8]; do
	found=$(mandoc -T lint -W all "$page" 2>&1 | grep -v -E "$expected")
	[ -z "$found" ] || say "$found"
	found=$(groff -t -mdoc -T utf8 -ww -P -c -P -b -P -u -r LL=80n "$page" 2>&1 >/dev/null)
	[ -z "$found" ] || say "$page: groff: $found"
	cmp -s <(by_mandoc "$page") <(by_groff "$page") ||
		say "$page: mandoc and groff show different texts (\\& before a word that is a macro?)"
	# An example is to be copied from a terminal of 80 columns, of which mandoc fills 78: it breaks a longer .Dl.
	found=$({ mandoc -T ascii -O width=78 "$page" && mandoc -T ascii -O width=1000 "$page" | grep '^ *\$ '; } |
		sed 's/.\x08//g' | awk -v page="$page" 'length > 78 && !/^ *-*$/ { print page ": wider than a terminal: " $0 }')
	[ -z "$found" ] || say "$found"
	while read -r name section; do
		[ -e "man/$name.$section" ] || say "$page: refers to $name($section), which is not in man/"
	done < <(sed -n -E 's/^\.(It )?Xr (sdp[a-z-]*) ([1-8]).*/\2 \3/p' "$page")
done

python3 -B tests/lint/man_options.py || fault=1
exit $fault
