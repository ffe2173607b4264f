#!/usr/bin/env bash
# Stands for `sdp-upload --get -` and `sdp-databricks get -`: reads one address from standard input
# and prints the file in $SERVED that has the last part of its path as its name.  The part before it
# says what goes wrong.  The file $SERVED/asked gets a line for each call.
name=${0##*/}
IFS= read -r address
echo "$name $* $address$(head -c 1)" >>"$SERVED/asked"
plain=${address%%\?*}
file=$SERVED/${plain##*/}
fault=${plain%/*}
part() { head -c $(($(stat -c %s "$file") / 2)) "$file"; }
case ${fault##*/} in
absent) echo "$name: $plain: there is no such object" >&2; exit 1 ;;
cut*)
	part
	echo "$name: warning: trying again" >&2
	echo "$name: the connection was lost" >&2
	exit "${fault##*cut}" ;;
mute) part; exit 3 ;;
killed) part; kill -9 $$ ;;
late) cat "$file"; echo "$name: $plain: not the bytes that were stored" >&2; exit 1 ;;
warns) cat "$file"; echo "$name: warning: $plain: took long" >&2 ;;
hangs) part; echo $$ >"$SERVED/pid"; exec sleep 100 ;;
closed) cat "$file"; exec >&-; echo $$ >"$SERVED/pid"; exec sleep 100 ;;
flood) cat "$file"; echo $$ >"$SERVED/pid"; exec yes "$(tail -n 1 "$file")" ;;
loud) yes "$name: warning: loud" | head -n 20000 >&2; cat "$file" ;;
*) exec cat "$file" ;;
esac
