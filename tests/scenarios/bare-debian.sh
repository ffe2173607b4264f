#!/usr/bin/env bash
# The promise of README.md on a bare machine: make demo and make check, one after the other, in a
# fresh system that holds only make, git and ca-certificates.  Not part of make check: it needs
# root, debootstrap and some minutes.  The system is of this machine's own release, from the package
# sources and with the settings of this machine's apt; or of another one, from one mirror:
#
#   tests/scenarios/bare-debian.sh [COMMAND]     (default: make demo && make check)
#   BARE_SUITE=noble BARE_MIRROR=URL tests/scenarios/bare-debian.sh
#
# BARE_COPY names files and folders of the tree that git does not track, which COMMAND needs.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
command=${1:-make demo && make check}
system=$(mktemp -d "${BARE_TMPDIR:-/var/tmp}/sdp-bare.XXXXXX")

# All mounts are in a namespace of this script's own, so the folder can simply be removed.
if [ "${IN_NAMESPACE-}" != 1 ]; then
	rmdir "$system"
	IN_NAMESPACE=1 exec unshare --mount --propagation private -- bash "$0" "$@"
fi
clean_up() {
	umount -R "$system/proc" "$system/dev" 2>/dev/null || :
	mountpoint -q "$system/dev" || rm -rf --one-file-system "$system"
}
trap clean_up EXIT

. /etc/os-release
suite=${BARE_SUITE:-$VERSION_CODENAME}
mirror=${BARE_MIRROR:-$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' "Created-By: Packages" |
	awk -v suite="$suite" '$2 == suite { print $1; exit }')}
echo "== a bare $suite in $system"
script=/usr/share/debootstrap/scripts/$suite
[ -e "$script" ] || script=/usr/share/debootstrap/scripts/gutsy # a release of Ubuntu younger than debootstrap
debootstrap --variant=minbase --include=make,git,ca-certificates "$suite" "$system" "$mirror" "$script" |
	grep -v -e '^I: \(Retrieving\|Validating\|Extracting\|Unpacking\|Configuring\)' || :

# What this machine's apt knows of sources, keys, proxies and certificates.
cp -rL /etc/apt/apt.conf* "$system/etc/apt/" 2>/dev/null || :
if [ "${BARE_SUITE-}" ]; then
	echo "deb $mirror $suite main universe" >"$system/etc/apt/sources.list"
else
	cp -rL /etc/apt/sources.list* /etc/apt/trusted.gpg.d /etc/apt/keyrings /etc/apt/auth.conf* "$system/etc/apt/" 2>/dev/null || :
	cp -r /usr/share/keyrings/. "$system/usr/share/keyrings/" 2>/dev/null || :
fi
cp -rL /usr/local/share/ca-certificates "$system/usr/local/share/" 2>/dev/null || :
cp -L /etc/resolv.conf /etc/hosts "$system/etc/" 2>/dev/null || :
mount -t proc proc "$system/proc"
mount --rbind /dev "$system/dev"
chroot "$system" update-ca-certificates >/dev/null 2>&1 || :
for absent in cc gcc clang python3 pkg-config jq; do
	if chroot "$system" sh -c "command -v $absent" >/dev/null; then echo "bare? there is $absent"; exit 1; fi
done

git -c safe.directory='*' clone -q "$root" "$system/root/sdp"
for path in ${BARE_COPY-}; do
	mkdir -p "$system/root/sdp/${path%/*}"
	cp -r "$root/$path" "$system/root/sdp/$path"
done
echo "== $command"
rc=0
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
	${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
	chroot "$system" sh -c "cd /root/sdp && $command" || rc=$?
echo "== ended with $rc after $SECONDS s"
exit "$rc"
