#!/usr/bin/env bash
# make dist writes the files of the project, the same bytes each time, and from its own archive, too.
. "$(dirname "$0")/common.bash"
root=$scenarios/../..
dist() { # FOLDER FILE
	env -u MAKEFLAGS -u MAKELEVEL make -C "$1" --no-print-directory dist DIST="$2"
}
version=$(sed -n 's/.*SDP_VERSION "\(.*\)"/\1/p' "$root/lib/sdp/program.h")

check 'make dist' dist "$root" "$work/first.tar.gz"
check 'it can be unpacked' tar -x -z -f first.tar.gz
check 'into a folder with the version' equal 'folder' "$(echo sdp-*)" "sdp-$version"
cd "sdp-$version" || exit 3
check 'there is a Makefile' test -s Makefile
check 'nothing that was built' test ! -e build
check 'scripts can be run' test -x tests/run.sh
if [ -e "$root/.git" ]; then
	check 'all that git tracks, and nothing else' equal 'difference' \
		"$(diff <(git -c safe.directory='*' -C "$root" ls-files | sort) <(find . -type f -printf '%P\n' | sort))" ''
fi
mkdir -p build/release && touch build/release/sdp-stats
cd "$work" || exit 3
check 'owners and times are fixed' equal 'owners and times' \
	"$(tar -t -v -z --numeric-owner --full-time -f first.tar.gz | awk '{ print $2, $4, $5 }' | sort -u | wc -l)" 1
check 'dist of the archive' dist "sdp-$version" "$work/second.tar.gz"
check 'the same bytes' cmp first.tar.gz second.tar.gz
SOURCE_DATE_EPOCH=1000000000 check 'dist with SOURCE_DATE_EPOCH' dist "sdp-$version" "$work/third.tar.gz"
check 'has that time' equal 'time' "$(tar -t -v -z --full-time -f third.tar.gz | awk '{ print $4 }' | sort -u)" 2001-09-09
finish
