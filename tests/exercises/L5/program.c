// SPDX-License-Identifier: GPL-2.0-only
/*
 * L5: an input thread whose neighbour sends what it likes. The learner's net.c is a part of this file, so that
 * next_frame() can be called; behind the card is so much room that all that a header can lead to is in it.
 */
#include "net.c"
#include "native.h"

#define BEHIND	0x20000u		/* bytes */
#define FILLED	0xa5			/* what is in all memory before a frame comes */
#define LARGEST	((unsigned int)FRAME_MOST)

/* What a frame did. */
enum fate { LOST, DELIVERED, WRITTEN };

static struct {
	struct net net;
	unsigned char behind[BEHIND];
} *place, *before;
static struct device device;
static int neighbour;
static unsigned char message[HEADER + FRAME_MOST], right[HEADER + FRAME_MOST];

/* Where a sum is wanted that has no place: there is a line for each, if the frame wasn't lost. */
enum where { EDGE, NEAR, FAR, BEYOND, WHERES };	/* half in the frame; behind it; by 17 bits; behind the buffer */
static char seen[WHERES][200];
static bool changed;			/* something that should not have */

void __wrap_die(enum status status, const char *format, ...)
{
	(void)format;
	tell("gone: the Launcher ends, with status %d, after a frame came", status);
}

/*
 * Send a frame of @bytes with a header that says @flags, @start and @offset, to a driver that makes sums @itself, and
 * have it read. What should come out is in @right, if it is to be delivered.
 */
static enum fate arrive(unsigned int bytes, unsigned int flags, unsigned int start, unsigned int offset, bool itself)
{
	struct virtio_net_hdr_v1 header = { .flags = flags, .csum_start = start, .csum_offset = offset };
	const bool asked = flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && !itself;
	struct net *net = &place->net;
	uint32_t sum = 0;

	for (unsigned int i = 0; i < bytes; i++)
		message[HEADER + i] = random();
	memcpy(message, &header, HEADER);
	memcpy(right, message, HEADER + bytes);
	if (asked && start + offset + 2 <= bytes) {
		for (unsigned int i = start; i < bytes; i++)
			sum += right[HEADER + i] << ((i - start) % 2 ? 0 : 8);
		while (sum > 0xffff)
			sum = sum % 0x10000 + sum / 0x10000;
		right[HEADER + start + offset] = (0xffff - sum) / 256;
		right[HEADER + start + offset + 1] = (0xffff - sum) % 256;
	}
	if (!itself)
		header = (struct virtio_net_hdr_v1){ 0 };
	memcpy(right, &header, HEADER);

	device.features = itself ? FEATURE(VIRTIO_NET_F_GUEST_CSUM) : 0;
	memset(&net->arrival, FILLED, sizeof(*place) - offsetof(struct net, arrival));
	net->arrival.bytes = 0;
	memcpy(before, place, sizeof(*place));
	if (send(neighbour, message, HEADER + bytes, 0) != (ssize_t)(HEADER + bytes))
		exit(2);
	next_frame(net, &device);
	if (net->gone || net->pulled)
		tell("gone: after a frame of %u bytes with csum_start %u and csum_offset %u the card takes no more frames",
		     bytes, start, offset);
	if (memcmp(net->arrival.buffer + HEADER + bytes, before->net.arrival.buffer + HEADER + bytes,
		   (unsigned char *)(place + 1) - net->arrival.buffer - HEADER - bytes) != 0)
		return WRITTEN;
	return net->arrival.bytes ? DELIVERED : LOST;
}

/* A frame that has to arrive. */
static void good(unsigned int bytes, unsigned int flags, unsigned int start, unsigned int offset, bool itself)
{
	const struct arrival *frame = &place->net.arrival;
	const enum fate fate = arrive(bytes, flags, start, offset, itself);

	if (flags && !itself && start + offset > 0xffff &&
	    (fate == WRITTEN || memcmp(frame->buffer, right, HEADER + bytes) != 0))
		tell("wraps: a frame of %u bytes wants its sum at byte %u + %u, where there is room for it", bytes, start,
		     offset);
	if (fate == LOST)
		tell("refused: a frame of %u bytes was lost; its header: flags %u, csum_start %u, csum_offset %u%s", bytes,
		     flags, start, offset, itself ? ", for a driver that makes sums itself" : "");
	if (fate == WRITTEN)
		tell("sum: a frame of %u bytes with csum_start %u and csum_offset %u changed what is behind it", bytes, start,
		     offset);
	if (frame->bytes != HEADER + bytes)
		tell("sum: a frame of %u bytes has become one of %zu", bytes, frame->bytes - HEADER);
	for (unsigned int i = 0; i < HEADER + bytes; i++)
		if (frame->buffer[i] != right[i])
			tell("sum: a frame of %u bytes, flags %u, csum_start %u and csum_offset %u%s: byte %u of %s is 0x%02x, not 0x%02x",
			     bytes, flags, start, offset, itself ? ", for a driver that makes sums itself" : "",
			     i < HEADER ? i : i - (unsigned int)HEADER, i < HEADER ? "the header" : "the frame", frame->buffer[i],
			     right[i]);
}

/* A frame that has to be lost, and a good one after it. */
static void bad(unsigned int bytes, unsigned int start, unsigned int offset, enum where where)
{
	const enum fate fate = arrive(bytes, VIRTIO_NET_HDR_F_NEEDS_CSUM, start, offset, false);

	if (fate == WRITTEN ||
	    (fate == DELIVERED && memcmp(place->net.arrival.buffer + HEADER, message + HEADER, bytes) != 0))
		changed = true;
	if (fate != LOST)
		snprintf(seen[where], sizeof(seen[where]), "of a frame of %u bytes, a sum was wanted at byte %u + %u; %s",
			 bytes, start, offset,
			 fate == WRITTEN ? "the Launcher's memory behind the frame has changed" :
					   "the Guest was given the frame");
	good(ETH_HLEN, VIRTIO_NET_HDR_F_NEEDS_CSUM, ETH_HLEN - 2, 0, false);
}

static unsigned int between(unsigned int low, unsigned int high)
{
	return low + random() % (high - low + 1);
}

int main(int argc, char *argv[])
{
	const unsigned int drawn = argc > 2 ? strtoul(argv[2], NULL, 0) : 100;
	const unsigned int lengths[] = { ETH_HLEN, ETH_HLEN + 1, drawn, drawn + 1, LARGEST };
	const unsigned int asks = VIRTIO_NET_HDR_F_NEEDS_CSUM, some = 65533, most = 65535;
	const int room = 4 * LARGEST;
	int ends[2];

	srandom(argc > 1 ? strtoul(argv[1], NULL, 0) : 1);
	place = malloc(sizeof(*place));
	before = malloc(sizeof(*before));
	if (!place || !before || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) < 0 ||
	    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) < 0)
		return 2;
	memset(place, 0, sizeof(*place));
	place->net.name = "paper";
	place->net.fd = ends[0];
	place->net.news = -1;
	neighbour = ends[1];
	for (unsigned int i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		const unsigned int bytes = lengths[i], last = bytes - 2 < most ? bytes - 2 : most;

		for (unsigned int n = 0; n < 20; n++) {
			const unsigned int start = between(0, last), left = bytes - 2 - start;

			good(bytes, asks, start, between(0, left < most ? left : most), false);
		}
		good(bytes, asks, last, 0, false);
		good(bytes, asks, last, bytes - 2 - last, false);
		good(bytes, asks, 0, last, false);
		for (int itself = 0; itself < 2; itself++) {
			good(bytes, 0, between(0, most), between(0, most), itself);
			good(bytes, itself ? asks : 0, most, most, itself);
		}
	}
	for (unsigned int i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		const unsigned int bytes = lengths[i];

		if (bytes < some) {
			const unsigned int start = between(0, bytes - 2);

			bad(bytes, start, bytes - start, NEAR);
			bad(bytes, start, between(bytes, some) - start, NEAR);
			bad(bytes, bytes, 0, NEAR);
			bad(bytes, between(bytes, some), 0, NEAR);
			bad(bytes, start, bytes - 1 - start, EDGE);
			/* and more than 16 bits: the lower ones lead into the frame */
			for (unsigned int n = 1; n <= 5; n++)
				bad(bytes, between(n, bytes - 2), most + 1 - n, FAR);
			bad(bytes, bytes - 1, 0, EDGE);
		} else {
			bad(bytes, between(100, most), most, BEYOND);
			bad(bytes, most, bytes - 1 - most, EDGE);
		}
	}
	for (unsigned int where = 0; where < WHERES && !changed; where++)
		if (*seen[where])
			tell("delivered: %s", seen[where]);
	if (*seen[NEAR])
		tell("%s: %s", *seen[BEYOND] ? "outside" : "within", seen[*seen[BEYOND] ? BEYOND : NEAR]);
	if (*seen[FAR] || *seen[BEYOND])
		tell("wraps: %s", seen[*seen[FAR] ? FAR : BEYOND]);
	if (*seen[EDGE])
		tell("edge: %s", seen[EDGE]);
	printf("well\n");
	return 0;
}
