#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's gdb in the Guest (design 2.8, debug registers): breakpoints of both kinds, watchpoints, and steps, as its user sees them.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

packages=$(sh build/src/lab/fetch gdb 2>"$scratch/errors")
ok $? 'Debian has a gdb for i386' || { diag "$(cat "$scratch/errors")"; done_testing; }
mkdir -p "$scratch/extra/lib" "$scratch/extra/usr/bin"
cp "$packages/usr/bin/gdb" "$scratch/extra/usr/bin/"

# The one library that gdb has no use for without a network, and that would need twenty others.
names='debuginfod_begin debuginfod_end debuginfod_find_debuginfo debuginfod_find_executable debuginfod_find_source
debuginfod_set_progressfn debuginfod_set_user_data debuginfod_get_user_data'
for name in $names; do
	echo "long $name(void); long $name(void) { return 0; }"
done >"$scratch/stub.c"
echo 'ELFUTILS_0.178 { *; }; ELFUTILS_0.179 { debuginfod_set_user_data; debuginfod_get_user_data; };' >"$scratch/stub.map"
gcc -m32 -shared -nostdlib -Wl,-soname,libdebuginfod.so.1 -Wl,--version-script="$scratch/stub.map" \
	-o "$scratch/extra/lib/libdebuginfod.so.1" "$scratch/stub.c" || exit 1
cp -L "$packages"/lib/i386-linux-gnu/*.so.* "$packages"/usr/lib/i386-linux-gnu/*.so.* \
	"$scratch/extra/lib/" || exit 1

gcc -m32 -static -g -O0 -fno-pie -no-pie -o "$scratch/extra/debugged" tests/debugged.c || exit 1
cat >"$scratch/extra/script" <<'END'
set width 0
break twice
run
backtrace
delete
hbreak add
continue
print n
watch total
continue
continue
delete
rwatch limit
continue
delete
hbreak twice
continue
stepi
stepi
print $_siginfo.si_code
finish
delete
watch total if total > 25
continue
info breakpoints
print total
delete
continue
END
EXTRA=$scratch/extra CMD='/usr/bin/gdb -nx -batch -x /script /debugged 2>&1' make boot GUESTMEM=160M >"$scratch/said" 2>"$scratch/errors"
is $? 0 'gdb runs its script' || diag "$(cat "$scratch/errors" "$scratch/said")"
said=$(cat "$scratch/said")
like "$said" '^Breakpoint 1, twice \(n=1\) at' 'break'
like "$said" '^#1 .* in main \(\) at' 'backtrace'
like "$said" '^Breakpoint 2, add \(n=2\) at' 'hbreak'
like "$said" '^Hardware watchpoint 3: total$' 'watch uses a debug register'
like "$said" '^New value = 2$' 'and stops at the first change'
like "$said" '^Breakpoint 2, add \(n=4\) at' 'the breakpoint in hardware is hit again'
like "$said" '^Hardware read watchpoint 4: limit$' 'rwatch'
like "$said" '^Value = 5$' 'and stops at a read'
like "$said" '^Breakpoint 5, twice \(n=[34]\) at' 'a breakpoint takes a freed register'
like "$said" '^Value returned is \$[0-9]+ = [68]$' 'stepi and finish'
like "$said" '^New value = 30$' 'watch with a condition: only the last change'
like "$said" 'already hit [0-9]+ time' 'which gdb has counted'
like "$said" '^\[Inferior 1 \(process [0-9]+\) exited with code 036\]' 'and the program ends as it would have without'
# (That it has no tables of other character sets it may say.)
unlike "$(printf '%s\n' "$said" | grep -v 'from the host encoding')" '[Ww]arning|[Ee]rror|not supported|Software' 'without a warning'

done_testing
