#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Networks: the card against a hostile driver and a hostile world, and then Linux's own driver on it, at a tap, in a
# bridge with another Guest, and at the user-mode network; with a cable that is pulled out and put back.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

megabytes=${MEGABYTES:-100}

# --- what --net refuses

# shellcheck source=tests/paper.sh
. tests/paper.sh

# refuses STATUS PATTERN OPTION NAME: the Launcher refuses --net=OPTION, and a line says why.
refuses()
{
	said=$(within 20 build/launcher/lguest --net="$3" 16 "$elf" 2>&1 </dev/null)
	is "$? $(printf '%s\n' "$said" | wc -l)" "$1 1" "$4: status $1, one line" || diag "$said"
	like "$said" "^lguest: $2" "$4: says so"
}

refuses 2 "--net: 'token' is no tap:, " token 'a word'
refuses 2 "--net: '' is no tap:, " '' 'nothing'
refuses 2 "--net: '10.0.0' is no " 10.0.0 'half an address'
refuses 2 "--net: '10.0.0.1' is no " 10.0.0.1/33 'a network of 33 bits'
refuses 2 "--net: '10.0.0.1' is no " 10.0.0.1/0 'a network of no bits'
refuses 2 "--net: '10.0.0.1' is no " 10.0.0.1/8x 'a network of 8x bits'
refuses 2 "--net: '' is no name of an interface" tap: 'a tap without a name'
refuses 2 "--net: 'sixteen-is-a-lot' is no name" tap:sixteen-is-a-lot 'a long name'
refuses 2 "--net: '' is no name of an interface" bridge: 'a bridge without a name'
refuses 2 "--net: '99' is no open file" fd:99 'a file that is not open'
refuses 2 "--net: '0x1' is no open file" fd:0x1 'a file that is no number'
refuses 3 'the file 0 is neither|network fd:0: is no tap' fd:0 'a file that is no cable'
for mac in 52:54:00:12:34 52:54:00:12:34:5g 53:54:00:12:34:56 52:54:00:12:34:567 ''; do
	refuses 2 "--net: $mac is no MAC address of a card" "user,mac=$mac" "MAC address '$mac'"
done

# --- on a Host of paper

paper_hosts

# play PROGRAM NAME [SECONDS]: a Guest with a card plays NAME.
play()
{
	said=$(within "${3:-120}" "$scratch/$1" --net=fd:40,mac=52:54:00:12:34:56 16 "$elf" "$2" 2>"$scratch/err" </dev/null)
	status=$?
	complaint=$(cat "$scratch/err")
}

for program in paper raced; do
	play $program net
	is "$status $said$complaint" '0 lguest: network fd:40: the other end has gone' \
		"$program: frames out and in, merged, waiting, lost; and a world that ends"
	play $program netfoe
	is "$status $said" '0 and all is well' "$program: each queue survives each nonsense"
	is "$(echo "$complaint" | grep -c '^lguest: device fd:40 failed: ') $(echo "$complaint" | wc -l)" '45 45' \
		"$program: a line for each" || diag "$complaint"
done
play paper netstall 9
is "$status $said$complaint" '0 no wait' 'a world that does not read holds up no reset'
play paper offstall 9
is "$status $said$complaint" '0 ' 'nor does it hold up the end'
play paper netrestless
is "$status $said" '0 ' 'buffers that change all the time are filled or refused'
is "$(echo "$complaint" | grep -vc '^lguest: device fd:40 failed: input queue: ')" 0 'and nothing else happens'

# --- in the lab

make build/usernet/complete >"$scratch/compiler" 2>&1
ok $? 'the user-mode network is built' || diag "$(tail "$scratch/compiler")"
root=build/usernet/root
is "$(perl tests/usernet.pl $root/lib/ld-linux.so.2 --library-path $root/lib $root/bin/lguest-usernet 2>&1)" 0806 \
	'it answers ARP, and no question of IPv6'
mkdir -p "$scratch/guest" "$scratch/host/bin" "$scratch/host/served"
cp -r build/usernet/root/. "$scratch/host/"
# shellcheck disable=SC2086 # these are words
compile nasty -m32 -static $on_paper $unpack
gcc -m32 -static -O2 -Wall -Wextra -o "$scratch/host/bin/stream" tests/stream.c
ok $? 'stream compiles'
cp "$scratch/host/bin/stream" "$scratch/guest/"
mv "$scratch/nasty" "$scratch/host/bin/"
mv "$elf" "$scratch/host/bin/elf"
head -c 3000000 /dev/urandom >"$scratch/host/served/file"

cat >"$scratch/guest/start" <<END
export PATH=/bin
megabytes=$megabytes
END
cp "$scratch/guest/start" "$scratch/host/settings"
cat >>"$scratch/guest/start" <<'END'
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
END
cat >"$scratch/guest/one" <<'END'
#!/bin/sh
. /start
ip addr add 10.7.0.2/24 dev eth0
ip link set eth0 up
ip addr add 10.8.0.1/24 dev eth1
ip link set eth1 up
ip link set eth2 up
echo card $(cat /sys/class/net/eth0/address /sys/class/net/eth0/mtu /sys/class/net/eth0/carrier)
echo ping $(for i in 1 2 3; do ping -c 1 -W 10 10.7.0.1; done | grep -c 'bytes from 10.7.0.1')

echo sent $(/stream send $megabytes 5001 10.7.0.1)
echo got $(/stream take 0 5002 10.7.0.1)
echo listening
echo bridged $(/stream take 0 5003)

udhcpc -i eth2 -f -q -n -t 20 -T 1 2>/dev/null
echo lease $(ip addr show dev eth2 | grep -o 'inet [0-9./]*') $(ip route | grep default) $(cat /etc/resolv.conf)
echo file $(wget -q -O - http://10.0.2.2:8080/file | md5sum)
echo offered $(/stream send 1 5004 10.0.2.2)
echo up

carrier=1
for change in 1 2; do
	while [ $(cat /sys/class/net/eth0/carrier) = $carrier ]; do usleep 20000; done
	carrier=$(cat /sys/class/net/eth0/carrier)
	echo carrier $carrier
done
cd /sys/class/net/eth0
while [ $(cat carrier) = 1 ]; do usleep 20000; done
before=$(cat statistics/rx_packets)
echo out
while now=$(cat statistics/rx_packets); [ $(cat carrier) = 0 ]; do
	after=$now
	usleep 20000
done
echo in, $((after - before)) packets between
echo ping $(ping -c 1 -W 10 10.7.0.1 | grep -c 'bytes from 10.7.0.1')
poweroff -f
END
cat >"$scratch/guest/two" <<'END'
#!/bin/sh
. /start
ip addr add 10.8.0.2/24 dev eth0
ip link set eth0 up
echo other $(/stream send 20 5003 10.8.0.1)
poweroff -f
END
chmod +x "$scratch/guest"/one "$scratch/guest"/two

cat >"$scratch/host/checks" <<'END'
. /settings
guest() { init=$1; shift; lguest "$@" --initrd=/guest/initrd 32M /guest/vmlinux console=hvc0 loglevel=0 rdinit=/$init </dev/null; }
await() { until grep -q "$1" /one 2>/dev/null; do [ -e /proc/$one ] || break; usleep 50000; done; }
for module in tun bridge; do modprobe -q $module; done
ip link set lo up
tunctl -t tap0 >/dev/null
ip addr add 10.7.0.1/24 dev tap0
ip link set tap0 up
brctl addbr br0
ip link set br0 up
httpd -p 127.0.0.1:8080 -h /served
stream take 0 5001 >/received &
stream send $megabytes 5002 >/given &
stream take 0 5004 >/uploaded &

guest one --control=/control --net=tap:tap0,mac=52:54:00:12:34:56 --net=bridge:br0 --net=user >/one 2>&1 &
one=$!
await ^listening
guest two --net=bridge:br0 2>&1
await ^up
ip link set tap0 down
await '^carrier 0'
ip link set tap0 up
await '^carrier 1'
lguest --tell=/control link net0 down
await ^out
echo lost $(ping -c 2 -W 1 10.7.0.2 | grep -c 'bytes from')
lguest --tell=/control status | grep ^net
lguest --tell=/control link net0 up
wait $one
cat /one
echo received $(cat /received)
echo given $(cat /given)
echo uploaded $(cat /uploaded)
for i in $(seq 100); do
	pidof lguest-usernet >/dev/null || break
	usleep 50000
done
echo helpers $(pidof lguest-usernet | wc -w)
echo ports $(ls /sys/class/net/br0/brif | wc -l)

nasty --net=tap:tap1 16 /bin/elf tap </dev/null 2>&1
echo nasty $?
lguest --net=bridge:br9 16 /bin/elf 2>&1
mv /bin/lguest-usernet /bin/gone
lguest --net=user 16 /bin/elf 2>&1
END

said=$(make host CMD='sh /checks' HOSTEXTRA="$scratch/host" EXTRA="$scratch/guest" MEM=768M 2>"$scratch/err" | tr -d '\r')
is "$?$(cat "$scratch/err")" 0 'the checks on the Host run'
note "$said"

# line WORD: the rest of the lines that begin with it
line()
{
	printf '%s\n' "$said" | tr -s ' ' | sed -n "s/^$1 //p"
}

is "$(line card)" '52:54:00:12:34:56 1500 1' 'a card: its address, 1500 bytes, a carrier'
is "$(line ping)" '3
1' 'ping, and once more when the cable is back'
is "$(line sent)" "$(line received)" "$megabytes MB of TCP to the Host"
is "$(line got)" "$(line given)" "$megabytes MB of TCP from the Host"
like "$(line sent)" "^$((megabytes * 1048576)) bytes, sum [0-9a-f]{8}\$" 'and it was as many'
is "$(line got)" "$(line sent)" 'in both directions'
is "$(line bridged)" "$(line other)" 'two Guests talk to each other through a bridge'
like "$(line bridged)" '^20971520 bytes' 'twenty megabytes'
is "$(line lease)" 'inet 10.0.2.15/24 default via 10.0.2.2 dev eth2 nameserver 10.0.2.3' 'the user-mode network gives an address'
is "$(line file)" "$(md5sum <"$scratch/host/served/file" | tr -s ' ')" 'a file from the Host through it'
is "$(line uploaded)" "$(line offered)" 'and a megabyte to the Host'
is "$(line carrier)" '0
1' 'a cable is pulled out and put back'
like "$said" '^the cable of net0 is pulled out$' 'it is pulled out at the other end, by a command'
is "$(line lost)" 0 'then nobody reaches the Guest'
is "$(line net0:)" 'tap0, link down: the cable is pulled out' 'its status tells why'
is "$(line net1:)$(line net2:)" 'lguest0, link upuser, link up' 'and that the others are well'
is "$(line in,)" '0 packets between' 'nothing arrives until it is in its place'
is "$(line helpers) $(line ports)" '0 0' 'when the Guest has ended, no helper runs and no port is left in the bridge'
like "$said" '^the tap survives' 'the Host refuses headers that lie, and the card goes on'
is "$(line nasty)" 0 'and ends well'
is "$(printf '%s\n' "$said" | grep -c 'the Host refuses a frame')" 1 'with one line about it'
like "$said" '^lguest: cannot join the bridge br9: No such device' 'a bridge that is not there'
like "$said" '^lguest: cannot start lguest-usernet: No such file' 'a helper that is not there'

done_testing
