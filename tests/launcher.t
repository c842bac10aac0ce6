#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The Launcher, as far as it runs without a Host: its command line, files that lie, its ring walk against a hostile
# driver, and its devices, threads and terminal on a Host made of paper.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/paper.sh
. tests/paper.sh

lguest=build/launcher/lguest
[ -x $lguest ]
ok $? 'the Launcher is built'

# run ARGUMENT...: run the Launcher; $said is what it printed on both outputs, $status its exit status.
run()
{
	said=$(within 20 $lguest "$@" 2>&1 </dev/null)
	status=$?
}

# says STATUS PATTERN NAME: the last run ended with STATUS and one line, which matches.
says()
{
	is "$status $(printf '%s\n' "$said" | wc -l)" "$1 1" "$3: status $1, one line" || diag "$said"
	like "$said" "^lguest: $2" "$3: says so"
}

# --- usage

run --help
is $status 0 '--help succeeds'
like "$said" '^Usage: lguest .*MEMORY KERNEL' '--help tells the usage'
run --version
is "$status $said" '0 lguest (the lguest Journey) 0.1' '--version'
run --version --nonsense
is $status 0 'the first option that ends the program does'

# refuses PATTERN NAME ARGUMENT...: a usage error.
refuses()
{
	pattern=$1
	name=$2
	shift 2
	run "$@"
	is $status 2 "$name: status 2"
	like "$said" "$pattern" "$name: says so"
	like "$said" "^Try 'lguest --help'" "$name: points to the help"
}

refuses 'MEMORY is missing' 'no argument'
refuses 'KERNEL is missing' 'no kernel' 64
refuses 'unrecognized option' 'an unknown option' --nonsense 64 vmlinux
refuses 'requires an argument' 'an option without its argument' --initrd
for memory in '' x -1 +5 64X 64MB 0x40 '64 ' 1.5G M; do
	refuses 'must be a number|is missing|invalid option' "MEMORY '$memory'" -- "$memory" vmlinux
done
for memory in 0 3 3M 4095K 1K; do
	refuses 'too little' "MEMORY $memory" $memory vmlinux
done
for memory in 3073 4G 4294967360K 17592186044416 99999999999999999999999; do
	refuses 'too much' "MEMORY $memory" $memory vmlinux
done
refuses 'whole number of pages' 'MEMORY 4097K' 4097K vmlinux
refuses 'longer than 2047' 'a long command line' 64 vmlinux "$(printf '%02000d' 0)" "$(printf '%047d' 0)"

# --- kernels

# kernel PATTERN NAME KEY=VALUE...: a file made by elf.pl is refused.
kernel()
{
	pattern=$1
	name=$2
	shift 2
	perl tests/elf.pl "$@" >"$elf"
	run 16 "$elf"
	says 3 "$elf: $pattern" "$name"
}

run 16 "$scratch/none"
says 3 "cannot open $scratch/none: No such file" 'no file'
run 16 "$scratch"
says 3 "$scratch: is a directory" 'a directory'
mkfifo "$scratch/pipe"
run 16 "$scratch/pipe"
says 3 "$scratch/pipe: is not a regular file" 'a pipe that nobody writes to'
: >"$elf"
run 16 "$elf"
says 3 "$elf: is empty" 'an empty file'
seq 1000 >"$elf"
run 16 "$elf"
says 3 "$elf: is neither an ELF file nor a bzImage" 'a text'
kernel 'is too short' 'less than an ELF header' cut=51
kernel 'is cut off: its program headers' 'cut within the program headers' cut=100
kernel 'is cut off: its notes' 'cut before the notes' cut=200 memsz=0 filesz=0 offset=0 offset2=0
kernel 'is cut off: the segment' 'cut within a segment' cut=4159
kernel 'is not a 32-bit kernel' 'a 64-bit kernel' class=2
kernel 'is for another processor' 'another machine' machine=62
kernel 'is for another processor' 'another byte order' data=2
kernel 'is not an executable' 'an object file' type=1
kernel 'has program headers of 56 bytes' 'program headers of another size' phentsize=56
kernel 'has 0 program headers' 'no program header' phnum=0
kernel 'has 65535 program headers' 'too many program headers' phnum=65535
kernel 'is cut off: its program headers' 'program headers beyond the file' phoff=0xffffffe0
kernel 'is cut off: the segment' 'a segment beyond the file' offset=0xfffffff0
kernel 'needs memory up to 0x1000001 \(17 MB\), the Guest has 16 MB' 'a segment a byte beyond memory' paddr=0xfff001
kernel "needs memory up to 0x1000fffff" "a segment whose end wraps around" paddr=0x100000 memsz=0xffffffff
kernel 'needs memory up to 0x1001000 ' 'a segment on the device pages' paddr=0x1000000
kernel 'has a segment with more bytes in the file' 'more file than memory' memsz=63
kernel 'has a segment at 0x1fff, where the boot' 'a segment on the boot parameters' paddr=0x1fff
kernel 'has segments 0 and 1 on top of each other' 'overlapping segments' paddr2=0x100fff memsz2=1
kernel 'is not an lguest kernel' 'no note of ours' name=linux
kernel 'is not an lguest kernel' 'a note of another type' notetype=2
kernel 'is not an lguest kernel' 'no room for a note' notesize=8
kernel 'has 65537 bytes of notes' 'too many notes' notesize=65537
kernel 'is cut off: its notes' 'notes beyond the file' noteoff=5000
kernel 'has a note longer' 'a name longer than the notes' namesz=0xfffffffd
kernel 'has a note longer' 'a description longer than the notes' descsz=0xffffffff
kernel 'has a note longer' 'lengths whose sum wraps around' namesz=0xfffffff0 descsz=0x10
kernel 'has its entry at 0x100040, where nothing' 'an entry behind the code' entry=0x100040
kernel 'has its entry at 0xfffff, where nothing' 'an entry before the code' entry=0xfffff

# uses MEMORY PATTERN NAME KEY=VALUE...: what is said about a kernel that can use so much and no more.
uses()
{
	memory=$1
	pattern=$2
	name=$3
	shift 3
	perl tests/elf.pl "$@" >"$elf"
	run "$memory" "$elf"
	is "$(printf '%s\n' "$said" | grep ' can use ')" "$pattern" "$name"
}
uses 875M '' 'as much memory as any kernel can use'
uses 1G "lguest: $elf: can use 875 MB of the Guest's 1024 MB" 'more memory than most can use earns a line'
uses 1G '' 'but not if the kernel says that it can' usable=0xfffff000
uses 1G "lguest: $elf: can use 512 MB of the Guest's 1024 MB" 'a kernel can say less, too' usable=0x20000000

perl tests/elf.pl >"$elf"

# --- kernels in boxes

box=$scratch/bzImage
elf_size=$(stat -c %s "$elf")
gzip -c "$elf" >"$scratch/gz"
xz -c --check=crc32 --x86 --lzma2=dict=32MiB "$elf" >"$scratch/xz"
zstd -q -c -22 --ultra "$elf" >"$scratch/zst"

# boxed PATTERN NAME COMPRESSION KEY=VALUE...: a file made by bzimage.pl is refused.
boxed()
{
	pattern=$1
	name=$2
	compressed=$3
	shift 3
	perl tests/bzimage.pl "$scratch/$compressed" "$@" >"$box"
	run 16 "$box"
	says 3 "$box: $pattern" "$name"
}

for kind in gz xz zst; do
	size=size=$elf_size
	[ $kind != gz ] || size=size=none
	perl tests/bzimage.pl "$scratch/$kind" "$size" >"$box"
	run --verbose 16 "$box"
	like "$said" "^lguest: $box: unpacked from [0-9]* bytes to $elf_size\$" "$kind: a kernel is unpacked"
	like "$said" "^lguest: $box: entry at 0x100000" "$kind: and loaded"
	boxed 'is cut off: its compressed kernel' "$kind: cut within the payload" $kind "$size" cut=1100
	head -c -30 "$scratch/$kind" >"$scratch/part"
	boxed 'cannot be unpacked: it(s .* data are damaged| does not have the size)' "$kind: half a payload" part size="$elf_size"
	perl -pe 'BEGIN { undef $/ } substr($_, length($_) / 2, 4) ^= "wxyz"' "$scratch/$kind" >"$scratch/part"
	boxed 'cannot be unpacked: its .* data are damaged' "$kind: four bytes of the payload changed" part "$size"
	boxed 'cannot be unpacked: it does not have' "$kind: less room than contents" $kind size=$((elf_size - 1))
	boxed 'cannot be unpacked: it does not have' "$kind: more room than contents" $kind size=$((elf_size + 1))
	boxed 'cannot be unpacked: it' "$kind: no room at all" $kind size=0
	boxed 'holds a kernel of 16777217 bytes, the Guest has 16777216' "$kind: more than memory" $kind size=0x1000001
	boxed 'holds a kernel of 4294967295 bytes' "$kind: four gigabytes" $kind size=0xffffffff
done
xz -c --check=crc32 --lzma2=dict=1GiB "$elf" >"$scratch/greedy"
boxed 'cannot be unpacked: its xz data need too much memory' 'xz: a dictionary of a gigabyte' greedy size="$elf_size"
lz4 -q -l -c "$elf" >"$scratch/lz4" 2>/dev/null || printf '\002!L\030 and more' >"$scratch/lz4"
boxed 'cannot be unpacked: it is not compressed by gzip, xz or zstd' 'lz4' lz4 size="$elf_size"
seq 1000 | gzip -c >"$scratch/text"
boxed 'holds no ELF file' 'a text in a box' text
boxed 'has boot protocol 2.07; from 2.08 on' 'an old box' gz version=0x207
boxed 'is neither an ELF file nor a bzImage' 'no boot sector' gz flag=0
boxed 'is cut off: its compressed' 'a payload beyond the file' gz offset=0x10000
boxed 'is cut off: its compressed' 'a payload whose offset wraps around' gz offset=0xffffffff
boxed 'is cut off: its compressed' 'a payload longer than the file' gz length=0xfffffff0
boxed 'has 4 bytes of compressed kernel' 'a payload of four bytes' gz length=4
boxed 'has 0 bytes of compressed kernel' 'no payload' gz length=0
boxed 'holds a kernel of [0-9]+ bytes, the Guest has' 'a payload of five bytes' xz length=5
boxed 'holds a kernel of [0-9]+ bytes, the Guest has' 'a payload elsewhere' gz sectors=0 offset=0
perl tests/bzimage.pl "$scratch/gz" sectors=0 >"$box"
run --verbose 16 "$box"
like "$said" "unpacked .* to $elf_size\$" 'no number of sectors means four'

if [ -e /dev/lguest ]; then
	skip 'no /dev/lguest' 'there is one'
else
	run 16 "$elf"
	says 3 'no /dev/lguest: is the module loaded\? try modprobe lg' 'no /dev/lguest'
fi

# --- initial RAM disks

run --initrd="$scratch" 16 "$elf"
says 3 "$scratch: is a directory" 'a directory as initrd'
perl -e 'print "\0" x 15724544' >"$scratch/initrd"
run --initrd="$scratch/initrd" 16 "$elf"
unlike "$said" ' bytes, between ' 'an initrd that just fits'
echo >>"$scratch/initrd"
run --initrd="$scratch/initrd" 16 "$elf"
says 3 "$scratch/initrd: has 15724545 bytes, between the kernel and 0x1000000 there are only 15724544" 'an initrd too large'

# --- the ring walk

stops ring tests/ring.c build/src/launcher/ring.c build/src/launcher/memory.c build/src/launcher/message.c \
	build/src/launcher/terminal.c build/src/launcher/unwritten.c
said=$("$scratch/ring" 2>&1)
ok $? 'every rule of the ring is kept' || diag "$said"
unlike "$said" '^not ok' 'no check of the ring fails'

races ring-threads tests/ring-threads.c build/src/launcher/ring.c build/src/launcher/memory.c build/src/launcher/message.c \
	build/src/launcher/terminal.c build/src/launcher/unwritten.c
said=$(within 300 "$scratch/ring-threads" 2>&1)
ok $? 'driver and device at the ends of a ring race for nothing, and wake each other' || diag "$said"
unlike "$said" '^not ok' 'nothing comes back wrong'

said=$(make fuzz-ring ROUNDS=30000 2>&1)
ok $? 'thirty thousand rings that a fuzzer invents' || diag "$said"

# --- devices, threads and terminal

paper_hosts

# play INPUT NAME [OPTION]: a Guest that plays NAME.
play()
{
	said=$(printf '%s' "$1" | within 20 "$scratch/paper" ${3+"$3"} 16 "$elf" "$2" 2>"$scratch/err")
	status=$?
	complaint=$(cat "$scratch/err")
}

play 'one two.' echo
is "$status $said$complaint" '0 hello
one two.' 'what is typed comes back'
play '' last
is "$status $said$complaint" '0 last words' 'nothing printed before power-off is lost'
play abcdef late
is "$status $said$complaint" '0 good' 'input waits for buffers, and fills a chain of them'
play abcdef ports
is "$status $said$complaint" '0 open' 'a driver that knows of ports gets input when it has opened one'
play abcdef chatter
is "$status $said $(echo "$complaint" | grep -c '^lguest: device console failed: control ')" '0 open 4' \
	'messages that are none fail the device; others that mean nothing do nothing' || diag "$complaint"
play '' turns --console=file:/dev/null
is "$status $said$complaint" '0 ' 'consoles open in their order'
play '' polling
is "$status ${#said} $complaint" '0 1000 ' 'a driver that wants no interrupts gets none'
play '' reset
is "$status ${#said} $complaint" '0 200 ' 'two hundred resets'
perl tests/bzimage.pl "$scratch/xz" size="$elf_size" >"$box"
said=$("$scratch/paper" 16 "$box" reboot 2>&1)
is "$? $said" '0 one
two
three' 'a kernel in a box, unpacked for each of three lives'
play '' text
is "$status $(echo "$said" | head -n 1) $(echo "$said" | tail -n 1 | tr -d '\n' | wc -c)$complaint" '0 early 4099' \
	'early text ends with a NUL, a page or memory'
play '' reboot
is "$status $said$complaint" '0 one
two
three' 'two reboots, each to fresh memory'
perl -e 'print "\0" x 4997, "disk"' >"$scratch/initrd"
said=$("$scratch/paper" --initrd="$scratch/initrd" 16 "$elf" boot two words 2>&1)
is "$? $said" '0 ' 'boot parameters, command line and initrd are as the kernel expects them'

play abcdef broken
is "$status $said" '0 output works
mended' 'a broken ring stops one queue, a reset mends it'
is "$complaint" 'lguest: device console failed: output queue: 1000 chains wait in a ring of 64, with 0 lent
lguest: device console failed: output queue: a buffer to print is to be written
lguest: device console failed: input queue: a buffer for input is to be read
lguest: device console failed: output queue: 1 bytes at 0x1000000 are outside memory' 'each broken ring is told in a line'
play '' features
is "$status $said" '0 agreed' 'features are negotiated'
is "$complaint" 'lguest: device console failed: it was started without agreed features
lguest: device console failed: it was started without agreed features
lguest: device console failed: the driver took back what it had said (0xf, then 0xb)
lguest: the Guest has given up its console' 'a driver that does not agree is told'
play '' interrupted --rng
is "$status $said$complaint" '0 ' 'dice whose fall a signal cuts short are thrown again'
play '' vandal
is "$status $said$complaint" '0 unmoved' 'spoiling the bus page spoils nothing of ours'
play '' die
is "$status $said$complaint" '1 lguest: the Guest died: it?had ?[31mred eyes' 'a death: status 1, one line, no control characters'
play '' nowhere
is "$status $said$complaint" '1 lguest: the Guest died: it notified 0x1000001, where nothing is' 'a notification of nothing'

play '' numbered
is "$status $(echo "$said" | tail -n 1)$complaint" '0 indirect' 'bells with numbers, and indirect tables'

# --- disks

# disk OPTION PLAY...: the same with a disk of 64 sectors, each filled with its number.
disk()
{
	perl -e 'print chr($_) x 512 for 0 .. 63' >"$scratch/image"
	option=$1
	shift
	said=$(echo abcdef | within 120 "$scratch/${paper:-paper}" --block="$scratch/image$option" 16 "$elf" "$@" 2>"$scratch/err")
	status=$?
	complaint=$(cat "$scratch/err")
}

sum() { md5sum <"$scratch/image"; }

# As many as the bus has lines for: 30, of which the console has two. The power button needs none.
many=
for i in $(seq 29); do
	truncate -s 512 "$scratch/image.$i"
	[ "$i" = 29 ] || many="$many --block=$scratch/image.$i"
done
# shellcheck disable=SC2086 # these are words
said=$(within 120 "$scratch/paper" --verbose $many 16 "$elf" vandal 2>&1 </dev/null)
is "$? $(echo "$said" | grep -c '^lguest: device .* at 0x')" '0 30' '28 disks, a console and the power button' || diag "$said"
# shellcheck disable=SC2086 # these are words
said=$("$scratch/paper" $many --block="$scratch/image.29" 16 "$elf" vandal 2>&1 </dev/null)
is "$? $(echo "$said" | grep -c 'too many devices: of 30 lines none is left')" '3 1' 'one more is one too many' || diag "$said"

# sectors FIRST NUMBER: the sum of the disk with so many sectors full of 0x44.
sectors()
{
	perl -e 'print chr($_ >= $ARGV[0] && $_ < $ARGV[0] + $ARGV[1] ? 0x44 : $_) x 512 for 0 .. 63' "$1" "$2" | md5sum
}

disk '' disk
is "$status $said$complaint" '0 ' 'read, write, flush, zero, discard, serial; and nothing beyond the end'
is "$(sum)" "$(perl -e 'print chr($_) x 512 for 0 .. 7; print "\0" x 8192; print chr($_) x 512 for 24 .. 61; print "\xaa" x 1024' | md5sum)" \
	'and the file holds just that'
disk '' pieces
is "$status $said$complaint" '0 ' 'a request in a hundred pieces, and a driver without flushes'
is "$(dd if="$scratch/image" bs=512 skip=1 count=1 2>/dev/null | md5sum)" "$(perl -e 'print "\xcc" x 512' | md5sum)" 'which wrote one sector'
before=$(perl -e 'print chr($_) x 512 for 0 .. 63' | md5sum)
disk ,ro only
is "$status $said$complaint $(sum)" "0  $before" 'a read-only disk is read'
disk '' depth
is "$status $said$complaint" '0 ' 'a hundred times 128 requests at once, half of them interrupted by a reset'
disk '' cut "$scratch/image"
is "$status $said" '0 ' 'a file that is cut off in the middle: errors, and the disk lives on'
is "$complaint" "lguest: disk $scratch/image: Input/output error" 'one line tells it'
owing='lguest: a disk has not yet written all that it has answered'
for paper in paper raced; do
	disk '' parting
	is "$status $said" "0 $(printf '.,%.0s' 1 2 3 4 5 6 7 8 9 10)" "$paper: a bad chain that is found during a reset is forgotten with it"
	is "$(echo "$complaint" | LC_ALL=C sort | uniq -c | tr -s ' ')" \
		" 11 lguest: device $scratch/image failed: requests queue: 1000 chains wait in a ring of 128, with 0 lent
 10 lguest: device console failed: output queue: 1000 chains wait in a ring of 64, with 0 lent" \
		"$paper: and told once, as it is when a bit is taken back"
	disk '' hostile
	is "$status $(echo "$said" | sort | uniq -c | tr -s ' ' | tr '\n' .)" '0  1 and all is well. 3 the console goes on.' \
		"$paper: each queue survives each nonsense, the others go on"
	is "$(echo "$complaint" | grep -c '^lguest: device .* failed: ')" "$(echo "$complaint" | wc -l)" "$paper: a line for each" ||
		diag "$complaint"
	is "$(echo "$complaint" | wc -l)" 40 "$paper: forty kinds of nonsense"
	is "$(sum)" "$before" "$paper: and not a byte of the disk is changed"
	disk '' depth
	is "$status $said$complaint" '0 ' "$paper: deep queues"
	disk '' ahead "$scratch/image"
	is "$status $said$complaint" '0 ' "$paper: what is read ahead is given out, until something is written"
	disk '' tracks "$scratch/image"
	is "$status $said$complaint" '0 ' "$paper: six thousand reads, writes, zeroes, flushes and resets: each read is right, each flush kept"
	disk '' refused "$scratch/image"
	is "$status $said$complaint" '0 ' "$paper: a file system that does not know RWF_NOWAIT is asked once"
	disk '' gone
	is "$status $(sum)" "0 $(sectors 7 2)" "$paper: what was answered is written before the Launcher ends"
	disk '' faulty "$scratch/image"
	is "$status $said" '0 ' "$paper: an error of the Host's disk is the Guest's to know"
	is "$complaint" "lguest: disk $scratch/image: Input/output error" "$paper: and one line tells it"
	CACHED=1 disk '' failing "$scratch/image"
	is "$status $said" '0 ' "$paper: so is one of the Host's cache, which is asked once"
	disk '' mixed "$scratch/image"
	is "$status $said$complaint" '0 ' "$paper: neighbours at odd and even addresses"
	disk '' killed "$scratch/image"
	is "$status $(sum)" "137 $(sectors 7 2)" "$paper: what was answered is soon written, whatever kills the Launcher then"
	disk '' flushed "$scratch/image"
	is "$status $(perl -0777 -ne '$all = $_; print join " ", map { ord substr $all, 512 * $_, 1 } 0 .. 3' "$scratch/image")" '137 68 1 2 68' "$paper: and what was flushed survives at once"
	disk '' full "$scratch/image"
	is "$status $said" '0 ' "$paper: what the Host has no room for is kept and read, until there is room"
	is "$complaint" "lguest: disk $scratch/image: File too large" "$paper: and one line tells why"
	disk '' swapping
	is "$status $said$complaint" "0 lguest: disk $scratch/image: File too large" \
		"$paper: swapping while the Host is full: an error, or what was written last"
	disk '' lost "$scratch/image"
	is "$status $said" '4 ' "$paper: what cannot be written at the end is lost: status 4"
	is "$complaint" "lguest: disk $scratch/image: File too large
lguest: disk $scratch/image: writes that were answered are lost: File too large" "$paper: in a line of its own"
	start owing --block="$scratch/image"
	kill $guest
	wait_for 'is asked' err
	kill $guest
	wait $guest 2>/dev/null
	is "$? $(tail -n 1 "$scratch/err")" "143 $owing" "$paper: and so it is when a second SIGTERM ends the Launcher"
	start owing --block="$scratch/image"
	kill -ALRM $guest	# which nobody ignores, not even under nohup
	wait $guest 2>/dev/null
	is "$? $(tail -n 1 "$scratch/err")" "142 $owing" "$paper: or another signal"
	disk '' unsynced
	is "$status $said" '4 ' "$paper: so is what the Host cannot keep"
	is "$complaint" "lguest: disk $scratch/image: writes that were answered are lost: Input/output error
lguest: disk $scratch/image: Input/output error" "$paper: and that is told, too"
done
paper=paper
terminal owing
in_terminal "$scratch/paper" --block="$scratch/image" 16 "$elf" owing <<-'END'
	wait up
	type \003\003\003
	wait answered
END
like "$said" "^$owing\$" 'or three ^C'
CACHED=1 disk '' swapping
is "$status $said$complaint" "0 lguest: disk $scratch/image: File too large" 'and so it is through the cache'
CACHED=1 disk '' disk
is "$status $said$complaint" '0 ' 'a disk that goes through the cache does all of it, too'
perl -e 'print chr($_) x 512 for 0 .. 63' >"$scratch/image"
said=$(CACHED=1 "$scratch/paper" --verbose --block="$scratch/image" 16 "$elf" disk 2>&1)
like "$said" "disk $scratch/image: goes through the Host's cache" 'and is told with --verbose'
NO_QUEUES=1 disk '' tracks "$scratch/image"
is "$status $said" '0 ' 'so does one for which the Host has no queues'
is "$complaint" "$(yes "lguest: disk $scratch/image: the Host has no queues for it, so it is slow: Resource temporarily unavailable (see fs.aio-max-nr)" | head -n "$(echo "$complaint" | wc -l)")" \
	'and a line tells that'
disk '' restless
is "$status $said" '0 ' 'descriptors that change all the time are taken or refused'
is "$(echo "$complaint" | grep -vc '^lguest: device .* failed: requests queue: ')" 0 'and nothing else happens' || diag "$complaint"
is "$(sum)" "$before" 'and not a byte of the disk is changed'

# bad-disk OPTION PATTERN NAME: this disk is refused.
bad_disk()
{
	run --block="$1" 16 "$elf"
	says 3 "$2" "$3"
}

bad_disk "$scratch/none" "cannot open the disk $scratch/none: No such file" 'no disk'
bad_disk "$scratch" 'cannot open the disk .*: Is a directory' 'a directory to write to'
bad_disk "$scratch,ro" "$scratch: is neither a file nor a block device" 'a directory to read'
bad_disk /dev/null '/dev/null: is neither a file nor a block device' 'a character device'
bad_disk "$scratch/pipe,ro" "$scratch/pipe: is neither" 'a pipe'
: >"$scratch/empty"
bad_disk "$scratch/empty" "$scratch/empty: is empty" 'an empty file as a disk'
for bytes in 1 511 513 1000; do
	truncate -s 0 "$scratch/empty"
	truncate -s $bytes "$scratch/empty"
	bad_disk "$scratch/empty" "$scratch/empty: has $bytes bytes, which is not a multiple of 512" "$bytes bytes"
done

# strange FORMAT OFFSET MARK: an image that has MARK (for printf) at OFFSET, of its end if that is below zero.
strange()
{
	perl -e 'print "\0" x 65536' >"$scratch/strange"
	perl -e 'open my $f, "+<", shift; seek $f, $ARGV[0], $ARGV[0] < 0 ? 2 : 0; print $f eval "qq\0$ARGV[1]\0"' "$scratch/strange" "$2" "$3"
	for option in '' ,ro; do
		bad_disk "$scratch/strange$option" "$scratch/strange: looks like $1; make it raw .* or say ,raw" "an image of $1$option"
	done
	for option in ,raw ,raw,ro ,ro,raw; do
		run --verbose --block="$scratch/strange$option" 16 "$elf"
		like "$said" "disk $scratch/strange: 128 sectors" "an image that looks like $1, with $option"
	done
}

strange qcow2 0 'QFI\xfb'
strange QED 0 QED
strange VMDK 0 KDMV
strange VMDK 0 COWD
strange VMDK 0 '# Disk DescriptorFile'
strange VDI 64 '\x7f\x10\xda\xbe'
strange VHDX 0 vhdxfile
strange VHD 0 conectix
strange VHD -512 conectix
run --help
like "$said" 'block=FILE\[,ro\]\[,raw\]' '--help tells of ,raw'
run --block="$scratch/image" --block="$scratch/image" 16 "$elf"
says 3 "$scratch/image: is in use as a disk already" 'one disk twice'
said=$(NO_LOCKS=1 within 20 "$scratch/paper" --block="$scratch/image" 16 "$elf" disk 2>&1 </dev/null)
status=$?
says 3 "$scratch/image: cannot be locked: No locks available" 'a disk in a place where nothing can be locked'
cp "$scratch/image" "$scratch/comma,ro"
chmod a-w "$scratch/comma,ro"
run --block="$scratch/comma,ro,ro" --block="$scratch/comma,ro,ro" --verbose 16 "$elf"
like "$said" "disk $scratch/comma,ro: 64 sectors, read-only" 'a name that ends with ,ro, to be read twice'
set --
while [ $# -lt 32 ]; do set -- "$@" --block="$scratch/image,ro"; done
refuses 'too many disks' '32 disks' "$@" 16 "$elf"

# Whatever others do with the computer: keys that belong together are typed at once, and between others there is time enough.
in_terminal "$scratch/paper" 16 "$elf" hang <<'END'
wait up
type \003
type \003\003
wait lguest: stopped by ^C
END
is "$(echo "$said" | tail -n 2 | tr '\n' .)" 'status 1.mended.' 'three ^C at once stop the Guest, with status 1, and the terminal is mended' ||
	diag "$said"
in_terminal "$scratch/paper" 16 "$elf" hang <<'END'
wait up
type \003
type \003x\003
rest 200 10000
type \003
rest 2000 10000
type \003
rest 500 10000
signal 15
wait is asked
signal 15
END
is "$(echo "$said" | tail -n 2 | tr '\n' .)" 'signal 15.mended.' 'slower ones, or with other keys between, do not; and SIGTERM mends the terminal too' ||
	diag "$said"

# --- signals and commands

asked='lguest: the Guest is asked to power off; one more SIGTERM ends it'
start hang
kill $guest
wait_for 'is asked' err
kill -0 $guest
ok $? 'a Guest that has hung does not hear SIGTERM'
kill $guest
wait $guest 2>/dev/null
is "$? $(cat "$scratch/err")" "143 $asked" 'a second SIGTERM ends the Launcher'
echo typed >"$scratch/typed"
for host in paper raced; do
	"$scratch/$host" 16 "$elf" roomless <"$scratch/typed" >"$scratch/out" 2>"$scratch/err" &
	guest=$!
	wait_for 'no room' err
	kill $guest
	wait_for 'is asked' err
	grep -q 'is asked' "$scratch/err" || kill -9 $guest
	kill $guest
	wait $guest 2>/dev/null
	is "$? $(cat "$scratch/err")" "143 lguest: device console failed: input queue: a buffer for input has no room for any
$asked" "$host: no Guest holds it up by buffers for input that have no room for any"
done
# A terminal that nobody reads, for standard error: its other end is open, and that is all.
rm "$scratch/out"
perl -e '$^F = 100; open my $end, "+<", "/dev/ptmx"; ioctl $end, 0x40045431, my $zero = pack "i", 0;
	ioctl $end, 0x80045430, my $n = pack "i", 0; open STDERR, "+<", "/dev/pts/" . unpack "i", $n; exec @ARGV' \
	"$scratch/paper" 16 "$elf" grumble </dev/null >"$scratch/out" &
guest=$!
wait_for up out
is "$(cat "$scratch/out")" up 'a terminal that nobody reads holds up no Guest'
for signal in TERM TERM KILL; do
	kill -$signal $guest
	sleep 2
done 2>/dev/null
wait $guest 2>/dev/null
is $? 143 'and keeps no SIGTERM from us'
start power
kill $guest
wait $guest
is "$? $(cat "$scratch/out" "$scratch/err")" "0 up
pressed
$asked" 'SIGTERM presses the power button'

start hang --control="$scratch/socket"
is "$(stat -c '%a %F' "$scratch/socket")" '600 socket' 'a control socket is for its owner'
run --tell="$scratch/socket" status
is "$status $said" '0 memory 16384 KB
exits 4711
console input: 0 requests, 0 bytes out, 0 in, 0 interrupts
console output: 1 requests, 3 bytes out, 0 in, 1 interrupts
console control input: 0 requests, 0 bytes out, 0 in, 0 interrupts
console control output: 0 requests, 0 bytes out, 0 in, 0 interrupts' 'status'
kill -USR1 $guest
wait_for output err
is "$(cat "$scratch/err")" "$(echo "$said" | sed 's/^/lguest: /')" 'SIGUSR1 tells the same on standard error'
: >"$scratch/err"
run --tell="$scratch/socket" help
is $status 0 'help'
like "$said" '^status  ' 'help lists the commands'
for words in nonsense '' 'statu' 'statuss' "$(printf '%0250d' 0)"; do
	run --tell="$scratch/socket" "$words"
	is "$status $said" "1 error: there is no such command; 'help' lists them" "no such command: $(echo "$words" | cut -c 1-20)"
done
run --tell="$scratch/socket" "$(printf '%0999d' 0)"
says 1 "no answer from the lguest at $scratch/socket" 'a line that is too long gets no answer, and that is told'
# typed_to LINE: the answer to a LINE (for printf) that comes from a client which ends lines in its own way.
typed_to()
{
	# shellcheck disable=SC2016 # that is Perl
	perl -MIO::Socket::UNIX -e 'my $at = IO::Socket::UNIX->new($ARGV[0]); print $at eval "qq\0$ARGV[1]\0"; print <$at>' \
		"$scratch/socket" "$1"
}

is "$(typed_to 'status\r\n')" "$(typed_to 'status\n')" 'a command may end with a carriage return'
like "$(typed_to 'status\r\n')" '^exits 4711$' 'and is obeyed'
is "$(typed_to '\r\n'; typed_to '\n'; typed_to 'status\r\r\n')" "$(yes "error: there is no such command; 'help' lists them" | head -n 3)" \
	'one, at its end, and not instead of a command'
talk=$(perl -MIO::Socket::UNIX -e '
	my ($path) = @ARGV;
	my @silent = map { IO::Socket::UNIX->new($path) } 1 .. 3;
	my $gone = IO::Socket::UNIX->new($path);
	print $gone "status\n";
	close $gone;
	my $binary = IO::Socket::UNIX->new($path);
	print $binary join "", map { chr } 0 .. 255;
	print "talked\n"' "$scratch/socket")
is "$talk" talked 'silent, deaf and babbling visitors come'
run --tell="$scratch/socket" power
is "$status $said" '0 the Guest is asked to power off' 'and the next one is heard'
run --tell="$scratch/socket" link net0 down
is "$status $said" '1 error: this machine was started without --net' 'no network, no cable'
run --control="$scratch/socket" 16 "$elf" hang
says 3 "$scratch/socket: somebody serves this socket already" 'a socket in use'
kill -9 $guest
wait $guest 2>/dev/null
is "$(cat "$scratch/err")" '' 'nothing was complained about'
start hang --control="$scratch/socket"
ok $? 'a socket that a dead Launcher has left is made anew'
kill -9 $guest
wait $guest 2>/dev/null

for paper in paper raced; do
	start pulled --control="$scratch/socket" --net=fd:40
	ok $? "$paper: a card"
	for words in link 'link ' 'link net0' 'link down' 'link net0 sideways' 'link net0 down now' 'link net0  down' 'link net1 down' \
			'link net00 down' 'link net-0 down' 'link net4294967296 down' 'link fd:40 down' "link net0 $(printf '%0200d' 0)"; do
		run --tell="$scratch/socket" "$words"
		is "$status $said" "1 error: it is 'link NAME up' or 'down', and the last NAME is net0" "$paper: no: $(echo "$words" | cut -c 1-30)"
	done
	run --tell="$scratch/socket" status
	like "$said" '^net0: fd:40, link up$' "$paper: none of them has moved the cable"
	is "$(typed_to 'link net0 up\r\n')" 'the cable of net0 is in its place' "$paper: an argument may end with a carriage return"
	is "$(typed_to 'link net0 \rup\n')" \
		"error: it is 'link NAME up' or 'down', and the last NAME is net0" "$paper: but not have one in it"
	run --tell="$scratch/socket" link net0 down
	is "$status $said" '0 the cable of net0 is pulled out' "$paper: this one does"
	wait_for out out
	run --tell="$scratch/socket" link net0 up
	is "$status $said" '0 the cable of net0 is in its place' "$paper: and this one"
	wait_for in out
	run --tell="$scratch/socket" link net0 down
	wait $guest
	is "$? $(cat "$scratch/err" "$scratch/out" | tr '\n' .)" '0 up.out.in.still out.' \
		"$paper: no frame passes without it, and it stays out over a reboot"
done

run --control="$elf" 16 "$elf"
says 3 "$elf: is there and is not a socket" 'a file in the place of a socket'
[ -s "$elf" ]
ok $? 'and it is still there'
run --control="$scratch/none/socket" 16 "$elf"
says 3 "cannot make the socket $scratch/none/socket: No such file" 'no folder for a socket'
run --control="/$(printf '%0120d' 0)" 16 "$elf"
says 3 '/0*: is too long for the name of a socket' 'a socket with a long name'
run --tell="$scratch/nothing" status
says 3 "no lguest listens at $scratch/nothing: No such file" 'nobody to tell'
refuses 'COMMAND is missing' 'nothing to tell' --tell="$scratch/socket"

done_testing
