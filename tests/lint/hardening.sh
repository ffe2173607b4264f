#!/usr/bin/env bash
# What makes faults harder to exploit is in every program: it is position independent, its stack is
# not executable, nothing that it links is bound or looked up late, and it has the checks that the
# compiler knows (build/MODE/.hardening).  sdp-pdf contains mupdf, which the system's packages do not
# build for control-flow protection, so the mark of that is missing there.
: "${SDP_BIN:?run by make lint or tests/run.sh}"
fault=0
report() { echo "$program: $*"; fault=1; }
knows() { grep -q -e "$1" "$SDP_BIN/.hardening"; }
if [ ! -s "$SDP_BIN/.hardening" ]; then
	echo "1..1"
	echo "ok 1 - hardening # SKIP MODE=${MODE-} or HARDENING= builds without it"
	exit 0
fi
# The start files of the C library decide, too, whether a program has the mark.
marked=no
if knows -fcf-protection && probe=$(mktemp); then
	echo 'int main(void) { return 0; }' | ${CC:-cc} -fcf-protection -fPIE -pie -x c - -o "$probe" &&
		readelf -nW "$probe" | grep -q 'IBT.*SHSTK' && marked=yes
	rm -f "$probe"
fi
for path in "$SDP_BIN"/sdp-*; do
	[ -f "$path" ] || continue
	program=${path##*/}
	segments=$(readelf -lW "$path") dynamic=$(readelf -dW "$path") symbols=$(nm -D --undefined-only "$path")
	grep -q 'FLAGS_1.*PIE' <<<"$dynamic" || report 'is not position independent'
	grep -q 'FLAGS_1.*NOW' <<<"$dynamic" || report 'looks functions up late'
	grep -q GNU_RELRO <<<"$segments" || report 'the table of functions stays writable'
	grep -q 'GNU_STACK .* RW  *0x' <<<"$segments" || report 'the stack is executable'
	grep -q -E ' (LOAD|GNU_STACK) .* RWE ' <<<"$segments" && report 'a segment is writable and executable'
	grep -q -E 'R(UN)?PATH|TEXTREL' <<<"$dynamic" && report 'has a path of libraries, or text that is relocated'
	grep -q ' __stack_chk_fail' <<<"$symbols" || report 'the stack is not protected'
	! knows FORTIFY_SOURCE || grep -q -E ' __(mem|str|[a-z]*printf|read|pread)[a-z0-9_]*_chk' <<<"$symbols" ||
		report 'calls no function that checks sizes'
	[ $marked = no ] || [ "$program" = sdp-pdf ] || readelf -nW "$path" | grep -q 'IBT.*SHSTK' ||
		report 'is not marked as protected by -fcf-protection'
done
exit $fault
