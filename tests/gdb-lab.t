#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The lab under gdb (W:450): names of all five programs, stops in each world, lg-guest, lg-walk; how it ends.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
unset CMD GDB EXTRA HOSTEXTRA GUESTARGS HOSTARGS MEM GUESTMEM SMP CPU TIMEOUT FLAVOUR GUEST LAB_QEMU MAKEFLAGS
export TMPDIR="$scratch/tmp"
mkdir "$TMPDIR"

# debug ARGUMENT...: run make gdb so, with the commands on standard input. Leaves $said, $told and $status.
debug()
{
	cat >"$scratch/commands"
	said=$(make gdb GDB="$scratch/commands" "$@" 2>"$scratch/told" </dev/null)
	status=$?
	told=$(cat "$scratch/told")
}

# between FROM TO: print what was said from the one line on, before the other.
between()
{
	printf '%s\n' "$said" | awk -v from="$1" -v to="$2" '$0 == to { on = 0 } on; $0 == from { on = 1 }'
}

# The first program in either world is busybox, which is where its file says.
busybox=$(cat build/packages/user)/bin/busybox
entry=0x$(od -An -tx4 -j24 -N4 "$busybox" | tr -d ' ')
line=$(grep -n '^void lg_handle_trap' journey/H-Host/050-traps.nw | head -n 1 | cut -d : -f 1)
banner=$(awk '$3 == "linux_banner" { print "0x" $1 }' build/guest/686/System.map)

debug <<END
echo at the start\n
output \$lg_world()
echo \n
tbreak *$entry if \$_streq(\$lg_world(), "program")
continue
tbreak main if \$_streq(\$lg_world(), "launcher")
continue
echo a Guest without page tables\n
break 050-traps.nw:$line
continue
lg-walk 0x1002c8
delete
tbreak lg_switcher_entry
continue
echo going in\n
lg-guest
tbreak *$entry if \$_streq(\$lg_world(), "guest-program")
continue
echo a program\n
lg-guest
lg-walk \$esp
tbreak lg_trap_in_guest
continue
echo coming out\n
lg-guest
tbreak lg_handle_trap
continue
echo in the module\n
backtrace
lg-guest
printf "the Guest was at %#x\n", cpu->regs.eip
tbreak default_idle if \$_streq(\$lg_world(), "guest")
continue
echo in the Guest\n
lg-guest
lg-walk $banner
python print(physical(machine_address(this_guest(), $banner - LOWMEM), 13))
x/s $banner
lg-walk 0x12345678
python gdb.execute('lg-walk %d' % lg.switcher)
lg-walk
END
is "$status" 1 'a file of commands ends with its first mistake' || diag "$told"
like "$told" 'lg-walk wants an address' 'which is told'
like "$said" '^"boot"$' 'the machine waits before lg.ko has run'
like "$said" '^\[CPU 0 is in a program of the Host\]$' "it stops in a program of the Host's"
like "$said" ', main \(argc=7, .*journey/L-Launcher/100-the-launcher.nw:' 'in the Launcher, at a line of a chapter'
like "$said" '^\[CPU 0 is in the Launcher\]$' 'and says so'
like "$said" ", lg_handle_trap .* at journey/H-Host/050-traps.nw:$((line + 1))$" 'in lg.ko, at a line of a chapter'
like "$(between 'a Guest without page tables' 'going in')" '^the Guest has no page tables yet' 'a Guest begins without tables'
like "$said" 'lg_switcher_start \(\) at journey/S-Switcher/010-switcher.nw:' 'in the Switcher, at a line of a chapter'
like "$(between 'going in' 'a program')" "^The page tables are the Host's$" 'lg-guest on the way in'
there=$(between 'a program' 'coming out')
like "$there" "^CPU 0 is in a program of the Guest, at $entry\$" "lg-guest in a program of the Guest's"
like "$there" '^The Host waits in 0x[0-9a-f]+ lg_cross\+.*journey/H-Host/040-crossing.nw:' 'and where the Host is'
like "$there" '^  lower .* present, writable, user, accessed, dirty' 'lg-walk has its stack in words'
there=$(between 'coming out' 'in the module')
like "$there" "^The page tables are the Guest's$" 'lg-guest on the way out'
like "$there" '^The Guest of lguest \(pid [0-9]+\): last out by ' 'has the Guest, too'
there=$(between 'in the module' 'in the Guest')
like "$there" 'in vfs_read \(\)' "a backtrace has the functions of Debian's kernel"
eip=$(printf '%s\n' "$there" | sed -n 's/^the Guest was at 0x//p')
like "$there" "^  eip    0x0*$eip  " "lg-guest in the Host has the Guest's registers"
there=$(between 'in the Guest' '')
like "$there" "^CPU 0 is in the Guest's kernel, at 0x[0-9a-f]* default_idle at " "in the Guest's kernel"
like "$there" "^  the Guest's physical $(printf '0x%08x' $((banner - 0xc0000000))), the machine's 0x" "lg-walk finds the Guest's physical address"
is "$(printf '%s\n' "$there" | grep -c '^they agree$')" 1 "and the shadow's is the same"
like "$there" "^b'Linux version'\$" "the machine's memory has there what the Guest's kernel has"
like "$there" "^$banner.*:[[:blank:]]\"Linux version 6" 'and so has the processor'
like "$there" '^neither has it$' 'an address that is not mapped'
like "$there" '^only the shadow has it$' "the Switcher's page"
like "$(cat build/log/gdb-console.log)" '^This is the guest, Linux ' 'the console is in its log'
unlike "$(tr -d '\000' <build/log/gdb-console.log)" 'lab:' 'without marks'

# --- ends

debug FLAVOUR=686-pae CMD='lguest --initrd=/guest/initrd 48M /guest/vmlinux console=hvc0' SMP=2 <<END
tbreak lguest_safe_halt
continue
lg-guest
lg-walk \$esp
quit 3
END
is "$status" 3 'quit with a status, in the middle of a run' || diag "$told"
like "$said" '^The Host waits in 0x[0-9a-f]+ lg_cross\+' 'PAE, and two processors: the other world'
like "$said" '^  top    0x[0-9a-f]{8}: 0x[0-9a-f]{16} present$' 'three levels'
like "$said" ', no execute$' 'and their upper bits'
like "$said" '^they agree$' 'both page tables lead to one byte'

debug CMD='rmmod lg; insmod /lib/lg.ko hole=0; lguest --initrd=/guest/initrd 40M /guest/vmlinux' <<END
tbreak lg_trap_in_guest
continue
lg-guest
tbreak lguest_safe_halt
continue
lg-guest
END
is "$status" 0 'a module that was loaded again' || diag "$told"
like "$said" '^lg_trap_in_guest |, lg_trap_in_guest ' 'whose Switcher lies elsewhere'
like "$said" "^CPU 0 is in the Guest's kernel, at " 'and the world is told as before'

debug GDB="$scratch/nothing" </dev/null
is "$status" 2 'no such file of commands'
like "$told" "^lab: GDB=$scratch/nothing: no such file" 'and why'

cat >"$scratch/talk" <<'END'
set timeout -1
proc fail {what} { puts "failed: $what"; exit 1 }
proc answer {pattern} {
	global expect_out
	expect -re $pattern {} eof { fail "ended before $pattern" }
}
spawn make gdb
set gdb $spawn_id
answer {another terminal: perl (\S+/console) (\S+)\r}
set console $expect_out(1,string)
set folder $expect_out(2,string)
answer {\(gdb\) }
spawn perl $console $folder
set console $spawn_id
set spawn_id $gdb
send "continue\r"
answer {Continuing}
set spawn_id $console
answer {guest:/# }
send "expr 6 \\* 7\r"
answer {\n42\r}
answer {guest:/# }
set spawn_id $gdb
send "\003"
answer {\[CPU 0 is in the \w+'s kernel\]}
answer {\(gdb\) }
send "lg-guest\r"
answer {The (Guest of lguest|Host waits)}
answer {\(gdb\) }
send "continue\r"
answer {Continuing}
set spawn_id $console
send "\035"
expect eof
wait
set spawn_id $gdb
send "\003"
answer {\(gdb\) }
send "quit\r"
expect eof
set status [lindex [wait] 3]
if {[file exists $folder]} { fail "$folder is left" }
exit $status
END
said=$(within 200 expect "$scratch/talk")
ok $? 'a conversation: Ctrl-C stops the machine and ends nothing, its console is in another terminal, quit ends all' || diag "$said"
is "$(ls "$TMPDIR")" '' 'nothing is left lying about'

done_testing
