#!/usr/bin/env bash
# An analysis program links no network, no cryptography and no PDF library, and no program exports
# more than main and its description.
: "${SDP_BIN:?run by make lint or tests/run.sh}"
cd "$(dirname "$0")/../.." || exit 3
fault=0
network='libcurl|libcrypto|libssl'
mupdf='lib(mupdf|mujs|gumbo|openjp2|jbig2dec|jpeg|freetype|harfbuzz)' # static, and what it needs
for source in cmd/*/main.c; do
	[ -e "$source" ] || continue
	program=sdp-$(basename "$(dirname "$source")")
	# Who may link what beyond the common libraries.
	case $program in
	sdp-upload) mine="$network|$mupdf" ;;
	sdp-databricks) mine=$network ;;
	sdp-cat) mine=$mupdf ;;
	*) mine='none' ;;
	esac
	foreign=$(readelf -d "$SDP_BIN/$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
		grep -E -v "^($mine)" |
		grep -E -v '^(libc|libm|libcjson|libpcre2-8|libmpfr|libgmp|libz|libzstd|liblzma|libbz2|libcsv|libgsl|libgslcblas|libasan|libubsan|libclang_rt.*|libgcc_s|ld-linux.*|linux-vdso)\.so')
	if [ -n "$foreign" ]; then
		echo "$program: links $foreign"
		fault=1
	fi
	extra=$(nm -g --defined-only "$SDP_BIN/${source%.c}.o" | awk '{ print $NF }' |
		grep -v -x -e sdp_program -e '__odr_asan.*' -e '__asan.*')
	if [ -n "$extra" ]; then
		echo "$source: not static: ${extra//$'\n'/ }"
		fault=1
	fi
done
exit $fault
