#!/usr/bin/env bash
# Installs the packages in the bare system that this runs in, runs programs, and purges them again.
# It is run by bare-debian.sh in the source tree; prints TAP.  Without packages in build/deb it makes
# them first, and then installs them in a copy of the system as it was before.
set -u
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
system=/ failed=0
apt=(apt-get -q -y -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io --no-install-recommends)

check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >/tmp/said 2>&1 </dev/null; then echo "ok - $name"; else
		echo "not ok - $name"
		tail -n 40 /tmp/said | sed 's/^/# /'
		failed=1
	fi
}
within() { chroot "$system" "$@"; }
equal() { [ "$1" = "$2" ] || { echo "got '$1', wanted '$2'"; false; }; }

# A copy of the system, without what is mounted, with mounts of its own.
copy_system() {
	mkdir /bare && tar -C / --one-file-system --exclude=./bare --exclude=./root -c . | tar -C /bare -x &&
		mount -t proc proc /bare/proc && mount --rbind /dev /bare/dev && mkdir /bare/root
}
leave() {
	if [ -d /bare/root ]; then umount -R /bare/proc /bare/dev; fi
}
trap leave EXIT

if ! ls build/deb/*.deb >/dev/null 2>&1; then
	check 'a copy of the bare system' copy_system
	check 'the packages are made' make deb LINTIAN=
	[ $failed = 0 ] || exit 1
	system=/bare
fi
mkdir -p "$system/tmp/deb"
cp build/deb/*.deb tests/data/pdf/ruled/headers.pdf cmd/README.md "$system/tmp/deb" || exit 3
check 'three packages' equal "$(cd "$system/tmp/deb" && printf '%s\n' *.deb | sed 's/_.*//' | sort | paste -s -d ' ')" 'libsdp-dev sdp sdp-pdf'

# Every file of the system, without what apt, dpkg and their triggers write for themselves.
list_files() {
	within find / -xdev \( -path /proc -o -path /dev -o -path /tmp -o -path /var/lib/apt -o -path /var/lib/dpkg \
		-o -path /var/cache -o -path /var/log \) -prune -o -print | grep -v -x -e /etc/ld.so.cache | sort
}
[ "$system" = / ] || "${apt[@]}" update >/dev/null
within "${apt[@]}" update >/dev/null 2>&1
list_files >/tmp/before
check 'sdp is installed' within sh -c "${apt[*]} install /tmp/deb/sdp_*.deb"

programs=$(cd "$system/usr/bin" && echo sdp-*)
check 'programs are there' test "$(echo "$programs" | wc -w)" -ge 13
for program in $programs; do
	check "$program runs" within "$program" --version -v
	check "$program has its manual" within test -s "/usr/share/man/man1/$program.1.gz"
	check "bash completes $program" within test -s "/usr/share/bash-completion/completions/$program"
done
check 'zsh completes' within test -s /usr/share/zsh/vendor-completions/_sdp
check 'fish completes' within test -s /usr/share/fish/vendor_completions.d/sdp-stats.fish
check 'changelog and copyright' within sh -c 'zcat /usr/share/doc/sdp/changelog.gz | grep "^sdp (0" && grep CC-BY /usr/share/doc/sdp/copyright'
in_shell() { within sh -c "cd /tmp && $1"; }
check 'a pipe' in_shell 'sdp-sample iris | gzip | sdp-stats -f csv -x petal_width | grep "^petal_width,real,150,0,"'
check 'a regression' in_shell 'sdp-sample iris | sdp-linreg -y petal_width -x petal_length -f table | grep petal_length'
check 'clusters' in_shell 'sdp-sample penguins | sdp-kmeans -k 3 -j 2 | grep -q "\"task\":\"kmeans\""'
check 'an upload and back' in_shell 'sdp-sample iris >iris.csv && export SDP_HOME=/tmp/home && id=$(sdp-upload iris.csv | sed "s/.*\"file_id\":\"\([^\"]*\).*/\1/") && sdp-upload --get "$id" | cmp - iris.csv'
check 'a benchmark' in_shell 'sdp-bench -w 1 --runs 1 --warmup 0 -- sdp-stats -j {} iris.csv | grep "\"task\":\"benchmark\""'
check 'without sdp-pdf, a PDF is refused' in_shell '! sdp-cat /tmp/deb/headers.pdf 2>refusal && grep "install the Debian package sdp-pdf" refusal'

check 'sdp-pdf is installed' within sh -c "${apt[*]} install /tmp/deb/sdp-pdf_*.deb"
check 'sdp-pdf runs' within sdp-pdf --version -v
check 'sdp-pdf has its manual' within test -s /usr/share/man/man1/sdp-pdf.1.gz
check 'a table of a PDF' in_shell 'sdp-pdf --tables /tmp/deb/headers.pdf | grep ,'
check 'and by another program' in_shell 'sdp-stats -f csv /tmp/deb/headers.pdf | grep "^name,"'

check 'libsdp-dev is installed' within sh -c "${apt[*]} install gcc libc6-dev pkg-config /tmp/deb/libsdp-dev_*.deb"
compiled() {
	awk '/^```c$/ { on = 1; next } /^```/ { on = 0 } on' cmd/README.md >"$system/tmp/complete.c"
	in_shell 'gcc -std=c11 -D_POSIX_C_SOURCE=200809L -o complete complete.c $(pkg-config --cflags --libs --static sdp)' &&
		equal "$(printf 'a,b\n1,x\n,y\n' | within /tmp/complete)" '{"task":"complete_rows","rows":2,"complete":1}'
}
check 'an analysis is compiled with it' compiled

check 'all are purged' within sh -c "${apt[*]} --purge autoremove sdp sdp-pdf libsdp-dev gcc libc6-dev pkg-config"
list_files >/tmp/after
check 'nothing of them is left' equal "$(comm -13 /tmp/before /tmp/after | grep -i sdp)" ''
check 'nor of what they needed, but what packages of others keep' equal "$(comm -13 /tmp/before /tmp/after | grep -c -v -e '^/var/lib' -e '^/etc')" 0
exit $failed
