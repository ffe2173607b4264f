#!/usr/bin/env bash
# An analysis program links no network and no cryptography, sdp-pdf alone links the PDF library,
# whose licence is the AGPL, no program exports more than main and its description, and --version -v
# names the libraries that a program links.
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
	sdp-upload | sdp-databricks) mine=$network ;;
	sdp-pdf) mine=$mupdf ;;
	*) mine='none' ;;
	esac
	foreign=$(readelf -d "$SDP_BIN/$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
		grep -E -v "^($mine)" |
		grep -E -v '^(libc|libm|libcjson|libpcre2-8|libmpfr|libgmp|libz|libzstd|liblzma|libbz2|libcsv|libgsl|libgslcblas|libasan|libubsan|libclang_rt.*|libgcc_s|ld-linux.*|linux-vdso)\.so')
	if [ -n "$foreign" ]; then
		echo "$program: links $foreign"
		fault=1
	fi
	# mupdf is a static library: its functions are in the program.
	static=$(nm "$SDP_BIN/$program" | grep -c -E ' (fz|pdf|js|gumbo|jbig2|opj|FT|hb)_')
	if [ "$program" != sdp-pdf ] && [ "$static" != 0 ]; then
		echo "$program: has $static functions and data of mupdf"
		fault=1
	elif [ "$program" = sdp-pdf ] && [ "$static" = 0 ]; then
		echo "$program: has no functions of mupdf, or not the names that are looked for"
		fault=1
	fi
	# The names of --version -v, without those of static libraries; those that mupdf needs are not named.
	differ=$(diff <("$SDP_BIN/$program" --version -v | sed '1d; s/ .*//; /^mupdf$/d' | sort) \
		<(readelf -d "$SDP_BIN/$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*\]/\1/p' |
			sed -n '
				s/^libbz2$/bzip2/p; s/^libcjson$/cjson/p; s/^libc$/glibc/p; s/^libcurl$/curl/p
				s/^libcrypto$/openssl/p; s/^libpcre2-8$/pcre2/p; s/^libz$/zlib/p
				s/^libzstd$/zstd/p; s/^lib\(gmp\|gsl\|mpfr\)$/\1/p; /^lib\(csv\|lzma\)$/p' | sort))
	if [ -n "$differ" ]; then
		echo "$program --version -v (<) does not name what is linked (>): ${differ//$'\n'/ }"
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
