#!/usr/bin/env bash
# The files of infrastructure/debian agree with the Makefile and the program: the version, the
# packages that building needs, and a licence for each of the data sets in sdp-sample.
cd "$(dirname "$0")/../.." || exit 3
debian=infrastructure/debian
fault=0
say() {
	echo "$*"
	fault=1
}

version=$(sed -n 's/.*SDP_VERSION "\(.*\)"/\1/p' lib/sdp/program.h)
[ "$(sed -n '1s/^sdp (\(.*\)) .*/\1/p' $debian/changelog)" = "$version" ] ||
	say "$debian/changelog: its first entry is not about version $version"

# Every Debian system that builds packages has gcc and libc6-dev.
make_deps=$(awk '/^BUILD_DEPS := / { on = 1 } on { print } on && !/\\$/ { exit }' Makefile |
	sed 's/^BUILD_DEPS :=//; s/\\$//' | tr -s ' \t' '\n' | grep -v -x -e '' -e gcc -e libc6-dev | sort)
build_depends=$(sed -n '/^Build-Depends: /,/^[A-Z]/p' $debian/control | grep -v '^Standards' |
	sed 's/^Build-Depends: //' | tr -d ' ,' | grep -v '^debhelper-compat(=13)$' | sort)
difference=$(diff <(echo "$make_deps") <(echo "$build_depends"))
[ -z "$difference" ] || say "BUILD_DEPS of the Makefile (<) and Build-Depends in $debian/control (>) differ:" "$difference"

for file in examples/data/*; do
	case $file in
	*/README.md) ;;
	*) grep -q -E "^(Files:)? $file\$" $debian/copyright || say "$debian/copyright: nothing about $file" ;;
	esac
done
used=$(sed -n 's/^License: //p' $debian/copyright | sort -u)
for name in $used; do
	grep -A 1 -x "License: $name" $debian/copyright | grep -q '^ ' || say "$debian/copyright: no text of the licence $name"
done
exit $fault
