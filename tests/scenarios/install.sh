#!/usr/bin/env bash
# make install puts programs, manuals, library and headers where it should, all of them work from
# there, and make uninstall leaves nothing.
. "$(dirname "$0")/common.bash"
if [ -z "${MAKELEVEL-}" ]; then
	echo 'ok - install # SKIP only make check knows the flags of this build'
	exit
fi
root=$scenarios/../..
run_make() { make -C "$root" --no-print-directory B="$SDP_BIN" "$@"; }

check 'install' run_make install PREFIX="$work/prefix"
for program in "$root"/cmd/*/main.c; do
	program=sdp-$(basename "$(dirname "$program")")
	check "$program runs where it was installed" env PATH=/usr/bin:/bin "prefix/bin/$program" --version
	check "$program has its manual there" test -s "prefix/share/man/man1/$program.1"
done

cat >client.c <<'END'
#include <sdp/program.h>
#include <sdp/err.h>
#include <string.h>
int main(void)
{
	struct sdp_err err;
	return sdp_fail(&err, SDP_DATA, "%s", "no") == -1 && strcmp(err.text, "no") == 0 ? 0 : 1;
}
END
client() {
	export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
	# shellcheck disable=SC2046 # flags are words
	${CC:-cc} -std=c11 -o client client.c $(pkg-config --cflags --libs --static sdp) && ./client
}
if [ "$MODE" = asan ]; then echo 'ok - a client program # SKIP needs the sanitizers'; else check 'a client program' client; fi

check 'uninstall' run_make uninstall PREFIX="$work/prefix"
check 'uninstall leaves nothing' equal 'files left' "$(find prefix -type f)" ''

check 'install with DESTDIR' run_make install DESTDIR="$work/stage" PREFIX=/opt/sdp
check 'all of it below DESTDIR and PREFIX' equal 'folders' "$(cd stage && echo * opt/*)" 'opt opt/sdp'
check 'sdp.pc names PREFIX only' grep -q '^prefix=/opt/sdp$' stage/opt/sdp/lib/pkgconfig/sdp.pc
check 'uninstall with DESTDIR' run_make uninstall DESTDIR="$work/stage" PREFIX=/opt/sdp
check 'and nothing is left' equal 'files left' "$(find stage -type f)" ''
finish
