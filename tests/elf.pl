# SPDX-License-Identifier: GPL-2.0-only
#
# perl elf.pl [KEY=NUMBER]... [name=TEXT] >FILE: a kernel for the Launcher, right unless a KEY says otherwise.
# One segment of 64 bytes at 1 MB, a second one, empty unless told, and the note that names the entry; with usable=, also
# the note that says how much memory it can use.
use strict;
use warnings;

my %v = (
	class => 1, data => 1, type => 2, machine => 3, phoff => 52, phentsize => 32, phnum => 3,
	paddr => 0x100000, offset => 4096, filesz => 64, memsz => 4096,
	paddr2 => 0x101000, offset2 => 4096, filesz2 => 0, memsz2 => 0,
	name => 'lguest', notetype => 1, namesz => 7, descsz => 4, entry => 0x100000,
	noteoff => 256, notesize => 24, cut => 0, usable => 0,
);
for (@ARGV) {
	my ($key, $value) = /^(\w+)=(.*)$/ or die "elf.pl: $_ is no KEY=VALUE\n";
	die "elf.pl: no key $key\n" unless exists $v{$key};
	$v{$key} = $key eq 'name' ? $value : $value =~ /^0x/ ? hex $value : 0 + $value;
}
$v{notesize} = 48 if $v{usable};
my $file = pack('a4C12v2V5v6', "\x7fELF", $v{class}, $v{data}, 1, (0) x 9, $v{type}, $v{machine}, 1, 0x100000,
	$v{phoff}, 0, 0, 52, $v{phentsize}, $v{phnum}, 0, 0, 0);
for my $n ('', 2) {
	$file .= pack('V8', 1, $v{"offset$n"}, 0xc0000000 + $v{"paddr$n"} % 0x40000000, $v{"paddr$n"}, $v{"filesz$n"}, $v{"memsz$n"}, 5, 4096);
}
$file .= pack('V8', 4, $v{noteoff}, 0, 0, $v{notesize}, $v{notesize}, 4, 4);
$file .= "\0" x (256 - length $file) . pack('V3a8V', $v{namesz}, $v{descsz}, $v{notetype}, $v{name}, $v{entry});
$file .= pack('V3a8V', 7, 4, 2, 'lguest', $v{usable}) if $v{usable};
$file .= "\0" x (4096 - length $file) . 'KERN' . 'x' x 60;
$file = substr $file, 0, $v{cut} if $v{cut};
binmode STDOUT;
print $file;
