# SPDX-License-Identifier: GPL-2.0-only
#
# usernet.pl PROGRAM [ARGUMENT...]: be a Guest on the other end of lguest-usernet, which speaks IPv4 only: look for an IPv6
# router and neighbour, ping it, and then ask by ARP for 10.0.2.2. Prints the type of each frame that comes until that is answered.
use strict;
use warnings;
use Socket qw(:DEFAULT inet_pton);

my $header = "\0" x 12;		# virtio's, before each frame
my $me = pack 'H*', '525400123456';

# A frame of IPv6: an ICMP message, whose checksum is at byte 2, from $from to $to.
sub icmp6
{
	my ($from, $to, $message) = @_;
	my $sum = 0;

	$_ = inet_pton(AF_INET6, $_) for $from, $to;
	$sum += $_ for unpack 'n*', $from . $to . pack('NN', length $message, 58) . $message;
	$sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
	substr($message, 2, 2) = pack 'n', ~$sum & 0xffff;
	return pack('H*', '3333') . substr($to, 12) . $me . pack('nNnCC', 0x86dd, 6 << 28, length $message, 58, 255) .
		$from . $to . $message;
}

socketpair(my $guest, my $cable, AF_UNIX, SOCK_SEQPACKET, 0) or die;
if (!fork) {
	open STDIN, '<&', $cable or die;
	exec @ARGV or die;
}
close $cable;
alarm 20;
sysread $guest, my $ready, 100;
die 'it is not ready' if $ready ne "\0" x 4;

my $address = 'fec0::5054:ff:fe12:3456';
my $gateway = inet_pton(AF_INET6, 'fec0::2');
syswrite $guest, $header . $_ for
	icmp6($address, 'ff02::2', pack('CCnNCCa6', 133, 0, 0, 0, 1, 1, $me)),
	icmp6($address, 'ff02::1:ff00:2', pack('CCnNa16CCa6', 135, 0, 0, 0, $gateway, 1, 1, $me)),
	icmp6($address, 'fec0::2', pack('CCnnna8', 128, 0, 0, 1, 1, 'anybody?')),
	"\xff" x 6 . $me . pack('nnnCCn', 0x806, 1, 0x800, 6, 4, 1) . $me . inet_aton('10.0.2.15') . "\0" x 6 . inet_aton('10.0.2.2');
while (sysread $guest, my $frame, 70000) {
	my $type = unpack 'n', substr $frame, 12 + 12, 2;

	printf "%04x\n", $type;
	last if $type == 0x806;
}
