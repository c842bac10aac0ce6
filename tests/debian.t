#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A root on a disk: an image of ours, and a whole Debian that boots to its login.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
PATH=$PATH:/sbin

mkdir -p "$scratch/root/bin" "$scratch/odd, name"
cp "$(cat build/packages/user)/bin/busybox" "$scratch/root/bin/sh"
image="$scratch/odd, name/image"
truncate -s 32M "$image"
mkfs.ext4 -q -d "$scratch/root" "$image"
for verb in boot native; do
	said=$(make $verb DISK="$image" CMD="echo $verb >>/note; busybox mount | head -n 1; exit 5" 2>&1)
	is "$?$said" '5/dev/vda on / type ext4 (rw,relatime)' "$verb: the disk is the root, and the status comes out"
done
said=$(debugfs -R 'cat /note' "$image" 2>/dev/null)
is "$said" 'boot
native' 'what was written is in the image'
e2fsck -fn "$image" >"$scratch/fsck" 2>&1
ok $? 'which is clean' || diag "$(cat "$scratch/fsck")"
head -c 1048576 /dev/zero >"$scratch/zeros"
said=$(make boot DISK="$scratch/zeros" CMD=: 2>&1)
is "$?" 125 'an image without a file system'
like "$said" '^lab: DISK holds no ext4 file system' 'is told'
said=$(make boot DISK="$scratch/none" CMD=: 2>&1)
is "$?" 2 'no image'
like "$said" '^lab: DISK=.*/none: no such file' 'is told, too'

# debian LIMIT INIT [COMMAND]: boot that Debian to its login, log in, ask it who it is, run COMMAND, and power off; $status, $said.
debian()
{
	cp --sparse=always "build/lab/debian-$2.img" "$scratch/debian.img"
	export WHICH="$2" COMMAND="${3:-:}" IMAGE="$scratch/debian.img"
	# shellcheck disable=SC2016 # expect expands these
	within "$1" expect -c '
		set timeout -1
		proc fail {what} { puts "\nno $what"; exit 99 }
		spawn make boot-debian INIT=$env(WHICH) DISK=$env(IMAGE)
		expect "guest login: " {} eof { fail login }
		send "root\r"
		expect "root@guest:~# " {} eof { fail shell }
		send "cat /etc/debian_version; dpkg --print-architecture; cat /proc/1/comm; df / | tail -n 1; uname -r\r"
		expect -re "\[0-9]-lguest" {} eof { fail answer }
		expect "root@guest:~# " {} eof { fail prompt }
		send "$env(COMMAND)\r"
		expect "root@guest:~# " {} eof { fail prompt }
		send "poweroff\r"
		expect eof
		exit [lindex [wait] 3]' >"$scratch/said" 2>&1
	status=$?
	said=$(sed 's/\r//g; s/\x1b\[?2004[hl]//g' "$scratch/said")
}

make build/lab/debian-sysvinit.img build/lab/debian-systemd.img >"$scratch/made" 2>&1
ok $? 'two Debians are made' || diag "$(cat "$scratch/made")"
limit=$((240 + $(cat build/lab/calibration)))
debian "$limit" sysvinit
is "$status" 0 'it boots to its login, lets root in, and powers off' || diag "$(tail -n 40 "$scratch/said")"
# shellcheck source=/dev/null
like "$said" "^$(. /etc/os-release && echo "$VERSION_ID")\." 'it is the release of this machine'
like "$said" '^i386$' 'for i386'
like "$said" '^init$' 'with an init of its own'
like "$said" '^/dev/(vda|root) ' 'on a disk'
e2fsck -fn "$scratch/debian.img" >"$scratch/fsck" 2>&1
ok $? 'and leaves it clean' || diag "$(cat "$scratch/fsck")"
said=$(make boot-debian DISK="$scratch/debian.img" CMD='grep ^ID= /etc/os-release; dpkg -l | grep -c ^ii; exit 3' 2>&1)
like "$?:$said" '^3:ID=debian' 'a command runs in it'
[ "$(printf '%s\n' "$said" | tail -n 1)" -gt 80 ]
ok $? 'which has its packages' || diag "$said"

debian $((limit * 2)) systemd 'systemctl is-system-running --wait; systemctl --failed --no-legend'
is "$status" 0 'systemd: it boots to its login, lets root in, and powers off' || diag "$(tail -n 60 "$scratch/said")"
like "$said" '^systemd$' 'systemd: is the init'
like "$said" '^running$' 'systemd: and nothing has failed' || diag "$(tail -n 40 "$scratch/said")"
e2fsck -fn "$scratch/debian.img" >"$scratch/fsck" 2>&1
ok $? 'systemd: the disk is clean' || diag "$(cat "$scratch/fsck")"
said=$(make boot-debian INIT=upstart 2>&1)
like "$said" 'INIT=upstart: it can be sysvinit systemd' 'another init is refused'

done_testing
