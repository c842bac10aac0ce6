#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The set-up: what it installs and how, what it says when it may not; how packages are fetched from mirrors that lie.
# Nothing is installed and nothing is downloaded here: dpkg, apt, sudo and id are made of paper.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

bin=$scratch/bin
mkdir "$bin"

# paper NAME: a command NAME that runs the script on standard input and notes how it was called.
paper()
{
	{
		echo '#!/bin/sh'
		echo "echo \"$1 \$*\" >>'$scratch/calls'"
		cat
	} >"$bin/$1"
	chmod 755 "$bin/$1"
}

# lacks PACKAGE...: just these are missing, until $scratch/installed is there.
lacks()
{
	paper dpkg-query <<END
for package; do :; done
case " $* " in
*" \$package "*)
	[ -e '$scratch/installed' ] && echo installed || echo not-installed ;;
*)	echo installed ;;
esac
END
}

# setup [WHAT]: run it with those commands in front. Leaves $said and $status.
setup()
{
	: >"$scratch/calls"
	said=$(PATH="$bin:$PATH" sh tangle/setup "$@" 2>&1 </dev/null)
	status=$?
	calls=$(cat "$scratch/calls")
}

# system CODENAME NAME: the system that set-up is to see.
system()
{
	printf 'VERSION_CODENAME=%s\nPRETTY_NAME="%s"\n' "$1" "$2" >"$scratch/os-release"
}
export OS_RELEASE="$scratch/os-release"
system bookworm 'Debian GNU/Linux 12 (bookworm)'

# --- everything is there

paper dpkg <<'END'
echo amd64
END
paper dpkg-query <<'END'
echo installed
END
paper apt-get <<'END'
END
setup
is "$status:$said" '0:' 'with everything installed it says nothing'
unlike "$calls" '^apt-get' 'and installs nothing'

# --- something is missing

lacks noweb qemu-system-x86
paper id <<'END'
echo 0
END
paper apt-get <<END
case "\$*" in
*' update')
	exit 100 ;;
*' install '*)
	touch '$scratch/installed' ;;
esac
END
setup
is "$status" 0 'root: installs'
like "$said" 'installing as root: noweb qemu-system-x86$' 'root: says what'
like "$said" 'some package lists could not be had' 'a failed update is told, and does not stop it'
like "$calls" '^apt-get .*-y --no-install-recommends --no-remove .*install noweb qemu-system-x86$' 'root: just what is missing, no recommended packages, no question'

rm -f "$scratch/installed"
paper id <<'END'
echo 1000
END
paper sudo <<'END'
while [ "${1#-}" != "$1" ]; do shift; done
exec "$@"
END
setup
is "$status" 0 'sudo: installs'
like "$said" 'installing through sudo: noweb qemu-system-x86$' 'sudo: says so'
unlike "$(grep '^sudo' "$scratch/calls" | grep -v '^sudo -n')" . 'sudo: is never let ask'

rm -f "$scratch/installed"
paper sudo <<'END'
exit 1
END
setup
is "$status" 1 'neither: stops'
like "$said" '^apt-get install .*noweb qemu-system-x86$' 'neither: prints the one line to run'
unlike "$calls" '^apt-get' 'neither: installs nothing'

paper id <<'END'
echo 0
END
paper apt-get <<'END'
END
setup
is "$status" 1 'an installation that does not install: fails'
like "$said" 'could not install: noweb qemu-system-x86' 'and says what is missing still'

paper dpkg <<'END'
echo riscv64
END
setup
is "$status" 1 'another architecture: fails'
like "$said" '^setup: This is an riscv64 system' 'and says why'
like "$said" 'Debian 12 [(]bookworm[)], amd64 or i386' 'and says which would do'

# --- what only some need

paper dpkg <<'END'
echo amd64
END
paper id <<'END'
echo 1000
END
paper sudo <<'END'
exit 1
END
lacks weasyprint bubblewrap parallel chromium epubcheck gdb
setup
is "$status:$said" '0:' 'the lab needs no browser'
setup gdb
like "$said" '^apt-get install .* gdb$' 'a debugger is wanted by those who ask for it'
setup forms
like "$said" '^apt-get install .* weasyprint$' 'forms: what makes the PDF'
setup classes
like "$said" '^apt-get install .* bubblewrap parallel$' 'classes: what many trees take'
setup tests
like "$said" '^apt-get install .* weasyprint bubblewrap parallel chromium epubcheck gdb$' 'tests: and the browser, and the debugger'
paper id <<'END'
echo 0
END
lacks noweb qemu-system-x86

# --- who cannot have the lab is told at once

paper dpkg <<'END'
echo amd64
END
rm -f "$scratch/installed"
system trixie 'Debian GNU/Linux 13 (trixie)'
setup
is "$status" 1 'another release: fails'
like "$said" '^setup: This is Debian GNU/Linux 13 [(]trixie[)][.]' 'and says what this is'
like "$said" '^podman run .* debian:12 ' 'and what to do'
unlike "$calls" '^(apt-get|sudo)' 'before it installs anything'
OS_RELEASE=/nowhere setup
is "$status" 1 'a system without a name: fails, too'
like "$said" '^podman run .* debian:12 ' 'and is told the same'
system bookworm 'Debian GNU/Linux 12 (bookworm)'

# A kernel that knows no programs of 32 bits answers with ENOEXEC, and then a shell tries to read them.
paper env <<'END'
case $1 in
*/exit) exec sh "$1" ;;
*) exec /usr/bin/env "$@" ;;
esac
END
setup
is "$status" 1 'no programs of 32 bits: fails'
like "$said" 'cannot run programs of 32 bits' 'and says so'
unlike "$calls" '^apt-get' 'before it installs anything'
rm "$bin/env"

# --- reading wants little

paper pandoc </dev/null
paper notangle </dev/null
system trixie 'Debian GNU/Linux 13 (trixie)'
said=$(PATH="$bin:$PATH" sh tangle/setup reading 2>&1 </dev/null)
is "$?:$said" '0:' 'reading: who has the two programs has enough, whatever the system'
rm "$bin/pandoc" "$bin/notangle"
mkdir "$scratch/little"
for tool in sh dirname cat id grep touch sed; do
	ln -s "$(command -v $tool)" "$scratch/little/"
done
paper apt-get <<END
case "\$*" in
*' install '*) touch '$scratch/installed' ;;
esac
END
paper dpkg-query <<END
[ -e '$scratch/installed' ] && echo installed || echo not-installed
END
paper env <<'END'
while [ "${1%%=*}" != "$1" ]; do shift; done
exec "$@"
END
: >"$scratch/calls"
said=$(PATH="$bin:$scratch/little" sh tangle/setup reading 2>&1 </dev/null)
is "$?" 0 'reading: installs'
like "$(cat "$scratch/calls")" '^apt-get .* install noweb pandoc$' 'reading: those two alone'
for tool in dpkg-query apt-get; do
	rm "$bin/$tool"
done
said=$(PATH="$bin:$scratch/little" sh tangle/setup reading 2>&1 </dev/null)
is "$?:$said" '1:setup: to read the chapters here it takes two programs: noweb pandoc. Please install them' 'reading: without apt it says what it takes'
system bookworm 'Debian GNU/Linux 12 (bookworm)'

# --- fetching

rm -f "$bin"/*
sh tangle/tangle
ok $? 'the chapters tangle'

# Paper apt: two versions are listed, the headers of the newer one are not there.
paper apt-get <<'END'
for last; do :; done
case "$*" in
*'update --print-uris')
	echo "'http://mirror/security/dists/bookworm-security/InRelease' x 0"
	cat "$SOURCES" ;;
*update)
	echo 'Err:1 a suite whose list does not match'
	exit 100 ;;
*--print-uris*)
	name=${last%%[=:]*}
	echo "'uri' ${name}_${last##*=}.deb 1 SHA256:0" ;;
*download*)
	case $last in
	linux-headers-6.1.0-9-686=6.1.9) echo 'Err:1 not found'; exit 100 ;;
	esac
	name=${last%%[=:]*}
	mkdir -p root/usr/share/here
	echo "$last" >"root/usr/share/here/$name"
	mkdir -p root/DEBIAN
	printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n' "$name" >root/DEBIAN/control
	dpkg-deb -b root "${name}_${last##*=}.deb" >/dev/null
	rm -r root ;;
esac
END
paper apt-cache <<'END'
for last; do :; done
case "$*" in
*madison*)
	case $last in
	*nothing*) ;;
	*) for version in 6.12.1 $(cat "$NEWER" 2>/dev/null) 6.1.9 6.1.8 6.1.8; do echo "$last | $version | somewhere"; done ;;
	esac ;;
*show*)
	name=${last%=*} version=${last#*=}
	number=${version#6.1.}
	case $name in
	linux-image-686) echo "Depends: linux-image-6.1.0-$number-686 (= $version)" ;;
	linux-image-amd64) echo "Depends: linux-image-$version+deb12-amd64 (= $version)" ;;
	linux-headers-amd64) echo "Depends: linux-headers-$version+deb12-amd64 (= $version)" ;;
	linux-headers-6.12*) echo "Depends: linux-headers-$version+deb12-common (= $version), linux-kbuild-$version+deb12, gcc-12" ;;
	linux-headers-686) echo "Depends: linux-headers-6.1.0-$number-686 (= $version)" ;;
	linux-headers-6.1.0-*) echo "Depends: linux-headers-6.1.0-$number-common (= $version), linux-kbuild-6.1 (>= $version)" ;;
	esac ;;
esac
END

export NEWER="$scratch/newer" SOURCES="$scratch/sources"
# fetch SET [SCRIPT]: with paper apt and a cache of its own.
fetch()
{
	: >"$scratch/calls"
	tree=$(PATH="$bin:$PATH" XDG_CACHE_HOME="$scratch/cache" sh "build/src/lab/${2:-fetch}" "$1" 2>"$scratch/said")
	status=$?
	said=$(cat "$scratch/said")
}

fetch host-686
is "$status" 0 'fetch: a suite that fails does not fail it'
like "$said" '1 of the lists could not be had' 'fetch: but is told'
like "$said" 'version 6.1.9 of linux-image-686 could not be had as a whole' 'fetch: a version that is not complete is told too'
is "$(cat "$tree"/usr/share/here/linux-image-6.1.0-8-686 "$tree"/usr/share/here/linux-headers-6.1.0-8-common)" \
	'linux-image-6.1.0-8-686=6.1.8
linux-headers-6.1.0-8-common=6.1.8' 'fetch: takes the newest version that is'
[ ! -e "$tree/usr/share/here/linux-image-6.1.0-9-686" ]
ok $? 'fetch: and nothing of the other one'
fetch host-686
is "$status:$said:$(cat "$scratch/calls")" '0::' 'fetch: with the set in the cache it asks nobody'

rm "$tree/complete"
mkdir -p "$tree.part/rest"
fetch host-686
[ "$status" -eq 0 ] && [ -e "$tree/complete" ] && [ ! -e "$tree/rest" ]
ok $? 'fetch: an interrupted unpacking starts again'

# --- a kernel from the backports

echo "'http://mirror/debian/dists/bookworm/InRelease' x 0" >"$scratch/sources"
fetch host-amd64-6.12 fetch-backport
backport=$tree
is "$status" 0 'fetch-backport: gets a set' || diag "$said"
is "$(cat "$tree"/usr/share/here/*)" 'linux-headers-6.12.1+deb12-amd64=6.12.1
linux-headers-6.12.1+deb12-common=6.12.1
linux-image-6.12.1+deb12-amd64=6.12.1
linux-kbuild-6.12.1+deb12:'"$(dpkg --print-architecture)"'=6.12.1' 'fetch-backport: all of one version of its series'
is "$(cat "$scratch/cache/lguest-journey/apt-backports/sources.list")" 'deb http://mirror/debian bookworm-backports main' \
	'fetch-backport: from the mirror that has the release'
like "$(cat "$scratch/cache/lguest-journey/apt-backports/conf")" '^Dir::Etc::SourceParts "/dev/null";$' 'and from nowhere else'
unlike "$(cat "$scratch/cache/lguest-journey/apt/conf")" SourceParts 'of which the other world knows nothing'
fetch host-amd64-6.12 fetch-backport
is "$status:$said:$(cat "$scratch/calls")" '0::' 'fetch-backport: with the set in the cache it asks nobody'
fetch host-amd64-6.13 fetch-backport
is "$status" 1 'fetch-backport: a series that nobody offers'
like "$said" 'missing: linux-image-amd64 in version 6[.]13, .* the backports of bookworm at http://mirror/debian' 'fetch-backport: is named'
: >"$scratch/sources"
fetch host-amd64-6.13 fetch-backport
like "$said" 'missing: .* the backports of bookworm at no mirror' 'fetch-backport: so is a system without a mirror'

# --- newer ones

echo 6.1.10 >"$scratch/newer"
fetch host-686
is "$status:$(cat "$scratch/calls")" '0:' 'fetch: a newer version changes nothing by itself'
old=$tree
: >"$scratch/calls"
new=$(PATH="$bin:$PATH" XDG_CACHE_HOME="$scratch/cache" sh build/src/lab/fetch host-686 update 2>"$scratch/said")
is "$?" 0 'fetch update: gets the newest' || diag "$(cat "$scratch/said")"
is "$(cat "$new"/usr/share/here/linux-image-6.1.0-10-686)" 'linux-image-6.1.0-10-686=6.1.10' 'fetch update: as a set of its own'
[ -e "$old/complete" ] && [ "$old" != "$new" ]
ok $? 'fetch update: and leaves the old one alone'
fetch host-686
is "$tree" "$new" 'fetch: takes the newest that is there'
: >"$scratch/calls"
said=$(PATH="$bin:$PATH" XDG_CACHE_HOME="$scratch/cache" sh build/src/lab/fetch host-686 update 2>/dev/null)
is "$said" "$new" 'fetch update: with the newest one there'
like "$(cat "$scratch/calls")" '^apt-get .* update$' 'asks what there is'
unlike "$(cat "$scratch/calls")" download 'and downloads nothing'

# A checkout that uses the old version, and a cache with what nobody uses.
mkdir -p "$scratch/checkout/build/packages" "$scratch/checkout/build/guest/686" "$scratch/cache/lguest-journey/packages/user-0000000000000000-1"
echo "$old" >"$scratch/checkout/build/packages/host-686"
echo "$backport" >"$scratch/checkout/build/packages/host-amd64-6.12"
mkdir -p "$scratch/tar/usr/src" "$scratch/cache/lguest-journey/guest/linux-1"
lab=$PWD/build/src/lab
said=$(cd "$scratch/checkout" && PATH="$bin:$PATH" XDG_CACHE_HOME="$scratch/cache" sh "$lab/update" 2>"$scratch/errors")
is "$?" 0 'update: is done' || diag "$(cat "$scratch/errors")"
like "$said" '^update: host-686 is now 6[.]1[.]10$' 'update: says what is new'
is "$(cat "$scratch/checkout/build/packages/host-686")" "$new" 'update: this checkout uses it from now on'
is "$(cat "$scratch/checkout/build/packages/host-amd64-6.12")" "$backport" 'update: and the same backport, of which there is none newer'
is "$(cd "$scratch/cache/lguest-journey" && find packages guest debs -mindepth 1 -maxdepth 1 2>/dev/null | sort)" \
	"packages/${new##*/}
packages/${backport##*/}" \
	'update: what nobody uses has gone'
like "$said" '^update: the cache takes [0-9]+ MB' 'update: says how large the cache is'
rm "$scratch/newer"

fetch host-nothing
is "$status" 1 'fetch: a flavour that nobody offers'
like "$said" 'missing: linux-image-nothing for i386, which no list offers in version 6[.]1[.]' 'fetch: is named'
fetch nonsense
is "$status" 1 'fetch: no such set'
like "$said" 'no set of packages is called nonsense' 'fetch: is named as well'

said=$(XDG_CACHE_HOME=/proc/nowhere sh build/src/lab/fetch user 2>&1)
is "$?" 1 'a cache that cannot be written'
is "$said" 'lab: cannot write to the cache /proc/nowhere/lguest-journey (set XDG_CACHE_HOME to a folder that you may write)' \
	'is told in one line'

done_testing
