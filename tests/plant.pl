#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# plant.pl LIST <switcher_32.S >planted.S: make a Switcher in which one instruction follows an NMI of its own, or a machine check.
#
# Before every instruction goes a macro that assembles to nothing, unless --defsym PLANT gives its number: then it is
# `int $2`, or that of --defsym VECTOR. The macro may use no register, no flag and no stack, for each of them is in use somewhere; so it jumps through
# a word of the state page, which is mapped on both sides, to the int or past it. Each pass through the Switcher
# begins by setting that word, and counts the passes on which the int is armed: every one, but every second one
# on the way in, where an NMI means to turn round and try again.
#
# The instructions of the stubs of both are left out: the processor holds further NMIs back until its iret. The stubs
# for every vector have no room; vectors 14 and 31 get copies of theirs that have. And the function that is called on a
# short trip (S:330) is C; but to the NMI's stub one place in there is like any other, so there is one on the way there.
#
# LIST gets a line for each number: NUMBER CLASS LINE. CLASS says how often a pass comes along there: always, some
# (some passes take another way, and some faults that the Guest has to itself), fault (one that kills it), or never
# (not for these Guests).
use strict;
use warnings;

my $state = 0xff964000;    # of CPU 0; see hostile.t
my %at = (slot => 0xff0, count => 0xff4, turn => 0xff8);    # in it, behind all that the Host keeps there
my ($n, $class, $before, $planting, $walked, $rare, $was, $narrow, @out, @window) = (0, 'always', '', 0, 0, 0, 0, 0);
open my $list, '>', $ARGV[0] or die "$ARGV[0]: $!\n";

# Put out the instruction with a place for a plant before it, but behind its label.
sub plant {
    my ($line) = @_;
    $n++;
    $line =~ s/^\s*(\d+:)?\s*//;
    push @out, ($1 // '') . "\tlg_plant $n\n", "\t$line";
    print $list "$n $class $line";
}

# Labels stand alone or before an instruction, directives begin with a dot.
for (<STDIN>) {
    $window[0] = $n + 1 if /^\s*lg_entry_window:/;
    $window[1] = $n if /^\s*lg_entry_window_end:/;
    # What is done only for a Guest with breakpoints is jumped over for one without, and so is what only an NMI in the
    # middle of a short trip makes necessary. What is done for a stack of 16 bits is jumped over mostly.
    ($class, $narrow) = ($before, 0) if ($class eq 'never' || $narrow) && /^\s*1:/;
    $class = 'some' if /^lg_trap_without_errcode:/;
    $class = 'always' if /^lg_trap:/;
    $class = 'some' if /^lg_page_fault:/;
    $class = 'never' if /^lg_late_breakpoint:/;
    $walked = 1 if /^lg_trap_in_switcher:/;
    $planting = 0 if /^\s*\.macro\s+lg_unmaskable/;
    if (/^\s*\.if\s+vector == X86_TRAP_NMI/) {
        push @out, "\t.if PLANT > LAST && vector == 14\n\tjmp lg_stub_14\n",
            "\t.elseif PLANT > LAST && vector == 31\n\tjmp lg_stub_31\n";
        s/\.if/.elseif/;
    }
    if (/^\s*\.org/) {
        $at{last} = $n;
        $class = 'some';
        for my $vector (14, 31) {
            push @out, "lg_stub_$vector:\n";
            plant("pushl \$($vector - 128)\n");
            plant($vector == 14 ? "jmp lg_page_fault\n" : "jmp lg_trap_without_errcode\n");
        }
        push @out, "lg_on_a_trip:\n";
        plant("jmp *LG_PRIVATE_SHORT_FILL(%ebx)\n");
    }
    s/\*LG_PRIVATE_SHORT_FILL\(%ebx\)/lg_on_a_trip/ if /^\s*call/;
    if ($planting && /^\s*(\d+:)?\s*[a-z]\w*(\s+[^:=\s]|$)/) {
        plant($_);
    } else {
        push @out, $_;
    }
    $narrow = 1 if /NARROW_SELECTOR/;
    $rare = /GUEST_DR7|NARROW_SELECTOR|\$LG_DS, %ax/ || $rare && !/^\s*j/;
    ($before, $class) = ($class, $narrow ? 'some' : 'never') if $was && /^\s*j/;
    $class = 'fault' if $walked && /^\s*jb\s+lg_walk_failed/;
    $was = $rare;
    if (/^lg_switcher_entry:/) {
        push @out, "\tlg_plant_begin\n";
        $planting = 1;
    }
}

printf <<'END', $at{last}, $state + $at{slot}, @window, $at{turn}, $at{count}, $at{slot};
	.set	LAST, %d
	.ifndef	VECTOR
	.set	VECTOR, 2
	.endif
	.macro	lg_plant n
	.if	\n == PLANT
	jmp	*%%cs:%#x
lg_plant_int:
	int	$VECTOR
	.endif
	.endm
	.macro	lg_plant_begin
	.if	PLANT
	call	99f
99:	popl	%%edx
	addl	$(lg_plant_int - 99b), %%edx
	.if	PLANT >= %d && PLANT <= %d
	xorl	$1, %#x(%%eax)
	jnz	98f
	addl	$2, %%edx
	jmp	97f
98:
	.endif
	incl	%#x(%%eax)
97:	movl	%%edx, %#x(%%eax)
	.endif
	.endm
END
print @out;
