#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Disks, with Linux's own driver on them: what they are, what they keep when the Launcher is killed, what they give back,
# and what happens when one fails.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir -p "$scratch/guest" "$scratch/host/bin"
# shellcheck disable=SC2046 # options
gcc -m32 -static -O2 -Wall -Wextra -Ibuild/src/include -Wl,--wrap=ring_next -o "$scratch/host/bin/broken" \
	tests/broken-ring.c build/src/launcher/*.c $(cat build/launcher/libraries) >"$scratch/compiler" 2>&1
ok $? 'a Launcher that breaks a ring compiles' || diag "$(cat "$scratch/compiler")"
truncate -s 24M "$scratch/host/a-disk-with-a-long-name.img"
mkfs.ext4 -q -F "$scratch/host/a-disk-with-a-long-name.img"
cp --sparse=always "$scratch/host/a-disk-with-a-long-name.img" "$scratch/vda"
seq 100000 200000 | head -c 524288 >"$scratch/host/read,only"
random=$(head -c 3000000 /dev/urandom | base64 -w 0 | head -c 4000000 | tee "$scratch/host/random" | md5sum | tr -s ' ')

# What the Guests run. Each is an init, and prints lines that begin with a word that a check below looks for.
cat >"$scratch/guest/start" <<'END'
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
END
cat >"$scratch/guest/facts" <<'END'
#!/bin/sh
. /start
for disk in vda vdb; do
	cd /sys/block/$disk
	echo $disk $(cat size ro) $(cat serial) $(cat queue/logical_block_size queue/max_segments queue/write_cache)
done
echo discard $(cat /sys/block/vd?/queue/discard_max_bytes)
echo written $(echo x 2>/dev/null >/dev/vdb || echo refused) $(md5sum </dev/vdb)
mount -t ext4 -o discard /dev/vda /mnt
seq 600000 >/mnt/numbers
umount /mnt
mount -t ext4 -o discard /dev/vda /mnt
echo numbers $(md5sum </mnt/numbers)
poweroff -f
END
cat >"$scratch/guest/delete" <<'END'
#!/bin/sh
. /start
mount -t ext4 -o discard /dev/vda /mnt
rm /mnt/numbers
umount /mnt
poweroff -f
END
# Sixteen readers at once, and each must find what is there.
cat >"$scratch/guest/deep" <<'END'
#!/bin/sh
. /start
for i in $(seq 0 15); do
	dd if=/dev/vda bs=4k skip=$((i * 60)) count=60 iflag=direct of=/tmp/$i 2>/dev/null &
done
wait
for i in $(seq 0 15); do cat /tmp/$i; done >/tmp/all
echo deep $(head -c 3932160 /dev/vda | md5sum) $(md5sum </tmp/all)
poweroff -f
END
cat >"$scratch/guest/flush" <<'END'
#!/bin/sh
. /start
mount -t ext4 /dev/vda /mnt
cat /dev/vdb >/mnt/kept
sync
echo flushed
while :; do cat /dev/vdb >/mnt/lost; done
END
cat >"$scratch/guest/look" <<'END'
#!/bin/sh
. /start
mount -t ext4 /dev/vda /mnt
echo kept $(head -c 4000000 /mnt/kept | md5sum)
umount /mnt
poweroff -f
END
cat >"$scratch/guest/broken" <<'END'
#!/bin/sh
. /start
dd if=/dev/vda of=/dev/null bs=4k iflag=direct 2>/dev/null &
until dmesg | grep -q 'the device has failed'; do sleep 0.1; done
dd if=/dev/vda of=/dev/null bs=4k skip=2000 count=1 iflag=direct 2>&1 | grep -o 'Input/output error'
echo other $(head -c 512 /dev/vdb | md5sum)
poweroff -f
END
chmod +x "$scratch/guest"/*

# What the Host runs.
cat >"$scratch/host/common" <<'END'
guest() { ${lguest:-lguest} --initrd=/guest/initrd "$@" 32M /guest/vmlinux console=hvc0 loglevel=0 rdinit=/$init </dev/null; }
cp /random /disk
truncate -s 4194304 /disk
END
cat >"$scratch/host/checks" <<'END'
. /common
disk=/a-disk-with-a-long-name.img
init=facts guest --block=$disk --block=/read,only,ro 2>&1
before=$(du -k $disk | cut -f 1)
init=delete guest --block=$disk
echo freed $((before - $(du -k $disk | cut -f 1)))

init=deep guest --block=/disk

# Through the Host's cache, and past it.
for disk in /dev/vda $disk; do
	for round in 1 2 3; do
		init=flush guest --block=$disk --block=/disk,ro >/out 2>&1 &
		until grep -q flushed /out; do sleep 0.1; done
		usleep $((round * 50000))
		killall -9 lguest
		wait
		init=look guest --block=$disk
	done
done
echo ext4 $(dd if=$disk bs=1 skip=1080 count=2 2>/dev/null | od -An -tx1)

lguest=broken init=broken guest --block=$disk --block=/read,only,ro 2>&1
END

# The Host itself dies, with whatever was in its memory.
cat >"$scratch/host/cut" <<'END'
. /common
init=flush guest --block=/dev/vda --block=/disk,ro >/out 2>&1 &
until grep -q flushed /out; do sleep 0.1; done
echo the power fails
echo b >/proc/sysrq-trigger
sleep 60
END
cat >"$scratch/host/after" <<'END'
. /common
init=look guest --block=/dev/vda
END

said=$(make host CMD='sh /checks' DISK="$scratch/vda" HOSTEXTRA="$scratch/host" EXTRA="$scratch/guest" 2>"$scratch/err")
is "$?$(cat "$scratch/err")" 0 'the checks on the Host run'

# line WORD: the rest of the lines that begin with it
line()
{
	printf '%s\n' "$said" | tr -d '\r' | tr -s ' ' | sed -n "s/^$1 //p"
}

# sum: md5sum, as the lines above have it.
sum()
{
	md5sum | tr -s ' '
}

is "$(line vda)" '49152 0 a-disk-with-a-long-n 512 126 write back' 'a disk: size, writable, serial, block, segments, cache'
is "$(line vdb)" '1024 1 read,only 512 126 write back' 'a second one, read-only'
is "$(line discard)" '1073741824 0' 'the one can discard, the other not'
is "$(line written)" "refused $(sum <"$scratch/host/read,only")" 'a read-only disk is not written to'
is "$(line numbers)" "$(seq 600000 | sum)" 'ext4 keeps a file'
[ "$(line freed)" -ge 3900 ]
ok $? 'what is deleted in the Guest comes back to the Host' || diag "freed $(line freed) KB"
deep=$({ cat "$scratch/host/random"; head -c 200000 /dev/zero; } | head -c 3932160 | sum)
is "$(line deep)" "$deep $deep" 'sixteen readers at once find what is there'
is "$(line kept)" "$random
$random
$random
$random
$random
$random" 'what was flushed survives kill -9 of the Launcher, three times on each of two disks'
is "$(line ext4)" '53 ef' 'and the file system is one'
like "$said" "^lguest: device /a-disk-with-a-long-name.img failed: requests queue: somebody said so" 'a failed device is told in a line'
like "$said" '^Input/output error' 'what is asked of it afterwards fails at once'
is "$(line other)" "$(head -c 512 "$scratch/host/read,only" | sum)" 'while another disk goes on'

cp --sparse=always "$scratch/host/a-disk-with-a-long-name.img" "$scratch/vda"
said=$(make host CMD='sh /cut' DISK="$scratch/vda" HOSTEXTRA="$scratch/host" EXTRA="$scratch/guest" 2>/dev/null)
like "$said" 'the power fails' 'the power of the Host fails'
said=$(make host CMD='sh /after' DISK="$scratch/vda" HOSTEXTRA="$scratch/host" EXTRA="$scratch/guest" 2>"$scratch/err")
is "$?$(cat "$scratch/err") $(line kept)" "0 $random" 'what was flushed before is there when it comes back'

done_testing
