#!/bin/sh
# Writes the manuals as HTML to a folder, with an index: man/html.sh FOLDER.  A reference to a
# manual of another project is no link.
set -e
export LC_ALL=C.UTF-8
[ $# = 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
manuals=$(cd "$(dirname "$0")" && pwd -P)
mkdir -p "$1"
cd "$1"
rm -f ./*.html

begin='<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1.0"/>'

# The name of a manual and what it is about, as the first line of its text has them.
about() {
	mandoc -T utf8 -O width=1000 "$1" | sed -e 's/.\x08//g' -n -e '/^NAME/{n;s/^ *[^ ]* – //;p;q}' |
		sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g'
}

{
	echo "$begin"
	echo '<title>sdp: manuals</title>'
	echo "<style>"
	cat "$manuals/html.css"
	echo '</style>'
	echo '</head>'
	echo '<body>'
	echo '<h1>The manuals of sdp</h1>'
	echo '<dl>'
	for page in "$manuals"/sdp.7 "$manuals"/sdp-*.1 "$manuals"/sdp-*.[2-8]; do
		file=$(basename "$page")
		echo "<dt><a href=\"$file.html\">${file%.*}(${file##*.})</a></dt><dd>$(about "$page")</dd>"
	done
	echo '</dl>'
	echo '</body>'
	echo '</html>'
} >index.html

for page in "$manuals"/*.[1-8]; do
	file=$(basename "$page")
	{
		echo "$begin"
		echo "<title>${file%.*}(${file##*.})</title>"
		echo "<style>"
		cat "$manuals/html.css"
		echo '</style>'
		echo '</head>'
		echo '<body>'
		mandoc -T html -I os=sdp -O fragment,man=%N.%S.html "$page" |
			sed -e 's|\(<td class="head-vol">\)[^<]*|\1<a href="index.html">all manuals</a>|' \
				-e '/href="sdp[a-z-]*\.[1-8]\.html"/!s|<a class="Xr" href="[^"#]*">\([^<]*\)</a>|\1|g'
		echo '</body>'
		echo '</html>'
	} >"$file.html"
done
