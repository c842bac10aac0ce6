#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# bzimage.pl PAYLOAD [KEY=VALUE]...: print a bzImage around the file PAYLOAD, which is compressed already and as long as it
# should be when unpacked: its size is added as the build of a kernel does, unless size= is none. The keys put something
# wrong into it: version, flag, sectors, offset, length (of the payload), size (at its end), cut (bytes of the whole).
use strict;
use warnings;

my ($file, @changes) = @ARGV;
open my $in, '<:raw', $file or die "bzimage: $file: $!\n";
my $payload = do { local $/; <$in> };
my %is = (version => 0x20f, flag => 0xaa55, sectors => 1, offset => 64, size => 'none');
for (@changes) {
    my ($key, $value) = split /=/, $_, 2;
    $is{$key} = $value =~ /^0x/ ? hex $value : $value;
}
$payload .= pack 'V', $is{size} if $is{size} ne 'none';
$is{length} //= length $payload;
my $image = "\0" x (($is{sectors} || 4) * 512 + 512) . 'x' x 64 . $payload . 'x' x 100;
substr($image, 0x1f1, 1) = pack 'C', $is{sectors};
substr($image, 0x1fe, 2) = pack 'v', $is{flag};
substr($image, 0x202, 6) = 'HdrS' . pack 'v', $is{version};
substr($image, 0x248, 8) = pack 'VV', $is{offset}, $is{length};
binmode STDOUT;
print substr $image, 0, $is{cut} // length $image;
