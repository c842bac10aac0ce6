#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Bad Launchers and worse Guests on the Host (fuzz/fuzz.c), which must not even complain. Always the same rounds here; `make
# fuzz` goes on for minutes. Environment: SEED, ROUNDS and DURATION (at most so many, so many seconds), FLAVOUR, SMP.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

seed=${SEED:-1}
duration=${DURATION:-300}
flavour=${FLAVOUR:-686}
note "SEED=$seed DURATION=$duration FLAVOUR=$flavour"
mkdir "$scratch/extra"
names=$(sed -n 's/^#define LHCALL_\([A-Z_]*\)[[:space:]].*/CALL(\1)/p' build/src/include/lguest.h | grep -v RING_SIZE | tr -d '\n')
gcc -m32 -static -O2 -Wall -Wextra -pthread "-DCALL_NAMES=$names" -Ibuild/src/include -o "$scratch/extra/fuzz" tests/fuzz/fuzz.c || exit 1
cat >"$scratch/extra/run-fuzz" <<'END'
# Free memory in KB, with what each processor keeps, when the caches are empty.
free_kb()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	cat /proc/sys/vm/stat_refresh
	awk '/nr_free_pages/ { n += $2 } $1 == "count:" { n += $2 } END { print 4 * n }' /proc/zoneinfo
}
/fuzz "$1" 20 10 >/dev/null	# what the first Guests make the kernel load or cache is no leak
before=$(free_kb)
dmesg -c >/dev/null
/fuzz "$1" "$2" "$3"
echo "status $?"
echo "leak $((before - $(free_kb)))"
dmesg | grep -v drop_caches | sed 's/^/log /'
rmmod lg && echo 'gone'
END
HOSTEXTRA=$scratch/extra CMD="sh /run-fuzz $seed ${ROUNDS:-250} $duration" FLAVOUR=$flavour SMP=${SMP:-2} \
	HOSTARGS=panic_on_warn=1 TIMEOUT=$((duration * 2 + 300)) \
	make host >"$scratch/said" 2>"$scratch/errors"
is $? 0 "the Host survives (SEED=$seed FLAVOUR=$flavour)" || diag "$(cat "$scratch/errors")"
said=$(cat "$scratch/said")
like "$said" '^status 0$' "each Guest dies with a message, and nobody writes beyond its memory (SEED=$seed)" ||
	diag "$(grep '^fuzz: ' "$scratch/said")"
is "$(host_log <"$scratch/said")" '' "the Host's log is clean (SEED=$seed)"
leak=$(sed -n 's/^leak //p' "$scratch/said")
[ "${leak:-9999}" -lt 2048 ]
ok $? "the memory is back ($leak KB less are free)"
like "$said" '^gone$' 'nobody holds the module any more'
while read -r what; do
	unlike "$what" ': 0(,|$)' "$what"
done <<END
$(grep '^hit ' "$scratch/said")
END
like "$said" '^hit hypercall' 'what was reached is told'
note "$(grep '^rounds' "$scratch/said")"
done_testing
