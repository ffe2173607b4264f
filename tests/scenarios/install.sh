#!/usr/bin/env bash
# make install puts programs, manuals, library and headers where it should, all of them work from
# there, and make uninstall leaves nothing.
. "$(dirname "$0")/common.bash"
if [ -z "${MAKELEVEL-}" ]; then
	echo 'ok - install # SKIP only make check knows the flags of this build'
	exit
fi
root=$scenarios/../..
not() { ! "$@"; }
run_make() { make -C "$root" --no-print-directory B="$SDP_BIN" "$@"; }

# make alone ends by saying what to do next, which works; other goals, -s and a make within a make do not.
ends_with_advice() {
	MAKELEVEL=0 run_make >said && equal 'first line' "$(tail -n 2 said | head -n 1)" 'sdp is built. Try:' &&
		env PATH=/usr/bin:/bin sh -c "$(tail -n 1 said)" >table && grep -q '^petal_width ' table &&
		MAKELEVEL=0 run_make all | tail -n 1 | cmp - <(tail -n 1 said) &&
		equal 'with -s' "$(MAKELEVEL=0 run_make -s)" '' && equal 'within make' "$(run_make | grep -c Try)" 0 &&
		equal 'make sdp.pc' "$(MAKELEVEL=0 run_make "$SDP_BIN/sdp.pc" | grep -c Try)" 0
}
check 'make says what to do next' ends_with_advice
check 'install' run_make install PREFIX="$work/prefix"
for program in "$root"/cmd/*/main.c; do
	program=sdp-$(basename "$(dirname "$program")")
	check "$program runs where it was installed" env PATH=/usr/bin:/bin "prefix/bin/$program" --version
	check "$program has its manual there" test -s "prefix/share/man/man1/$program.1"
done

# What is installed has no symbols, unless STRIP= or a build for debugging keeps them.
has_symbols() { readelf -S --wide "$@" | grep -q -e ' \.symtab ' -e ' \.debug_info '; }
has_debug() { readelf -S --wide "$@" | grep -q ' \.debug_info '; }
few_bytes() {
	local bytes
	bytes=$(find prefix/bin -name 'sdp-*' ! -name sdp-pdf -printf '%s\n' | awk '{ n += $1 } END { print n }')
	echo "$bytes bytes"
	[ "$bytes" -gt 0 ] && [ "$bytes" -lt 15000000 ]
}
if [ "$MODE" = release ]; then
	check 'programs are installed without symbols' not has_symbols prefix/bin/sdp-*
	check 'the library is installed without debug information' not has_debug prefix/lib/libsdp.a
	check 'the programs without sdp-pdf have less than 15 MB' few_bytes
	check 'install with STRIP=' run_make install PREFIX="$work/whole" STRIP=
	check 'programs keep their symbols' has_symbols whole/bin/sdp-stats
	check 'the library keeps its debug information' has_debug whole/lib/libsdp.a
	rm -rf whole
else
	check 'programs that are no release keep their symbols' has_symbols prefix/bin/sdp-stats
fi

# An analysis outside the tree: the example of cmd/README.md, built from what is installed alone.
awk '/^```c$/ { on = 1; next } /^```/ { on = 0 } on' "$root/cmd/README.md" >complete.c
table='a,b\n1,x\n,y\n3,\n4,z\n' answer='{"task":"complete_rows","rows":4,"complete":2}'
out_of_tree() {
	export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
	# shellcheck disable=SC2046 # flags are words
	${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -o complete complete.c \
		$(pkg-config --cflags --libs --static sdp)
}
# The sdp.pc of a DESTDIR names PREFIX; --define-variable says where that is meanwhile.
staged() {
	local flags
	run_make install DESTDIR="$work/staged" PREFIX=/usr/local >/dev/null || return
	flags=$(PKG_CONFIG_PATH=$work/staged/usr/local/lib/pkgconfig \
		pkg-config --define-variable=prefix="$work/staged/usr/local" --cflags --libs --static sdp)
	# shellcheck disable=SC2086 # flags are words
	${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -o staged_complete complete.c $flags || return
	equal 'output' "$(printf '%b' "$table" | ./staged_complete)" "$answer"
}
if [ "$MODE" = asan ]; then
	echo 'ok - an analysis outside the tree # SKIP needs the sanitizers'
else
	check 'an analysis outside the tree is built from what is installed' out_of_tree
	check 'and runs' equal 'output' "$(printf '%b' "$table" | ./complete -j 2)" "$answer"
	check 'the same from a DESTDIR' staged
	rm -rf staged
fi

check 'uninstall' run_make uninstall PREFIX="$work/prefix"
check 'uninstall leaves nothing' equal 'files left' "$(find prefix -type f)" ''

check 'install with LIBDIR' run_make install DESTDIR="$work/multi" PREFIX=/usr LIBDIR=/usr/lib/any ZSH_COMPLETIONS=/usr/share/zsh/vendor
check 'the library is there' test -s multi/usr/lib/any/libsdp.a
check 'sdp.pc names it' grep -q '^libdir=${prefix}/lib/any$' multi/usr/lib/any/pkgconfig/sdp.pc
check 'and the completion of zsh' test -s multi/usr/share/zsh/vendor/_sdp
check 'uninstall with LIBDIR' run_make uninstall DESTDIR="$work/multi" PREFIX=/usr LIBDIR=/usr/lib/any ZSH_COMPLETIONS=/usr/share/zsh/vendor
check 'which leaves nothing' equal 'files left' "$(find multi -type f)" ''

check 'install with DESTDIR' run_make install DESTDIR="$work/stage" PREFIX=/opt/sdp
check 'all of it below DESTDIR and PREFIX' equal 'folders' "$(cd stage && echo * opt/*)" 'opt opt/sdp'
check 'sdp.pc names PREFIX only' grep -q '^prefix=/opt/sdp$' stage/opt/sdp/lib/pkgconfig/sdp.pc
check 'uninstall with DESTDIR' run_make uninstall DESTDIR="$work/stage" PREFIX=/opt/sdp
check 'and nothing is left' equal 'files left' "$(find stage -type f)" ''
finish
