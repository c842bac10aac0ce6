// SPDX-License-Identifier: GPL-2.0-only
/* L4: requests to discard ranges, or to write zeroes there: one to sixteen of them, and more. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <linux/virtio_blk.h>

#include "native.h"
#include "request.h"

#define MOST	900000u		/* ranges in the largest request */
#define SECTORS	(1u << 20)
#define LEFT	(2 * RING_MOST)

static struct virtio_blk_outhdr header;
static unsigned char status;
static struct virtio_blk_discard_write_zeroes *ranges;
static struct { uint64_t at, bytes; } cleared[LEFT];
static unsigned int num_cleared, step;
static struct backing backing = { .name = "paper", .fd = -1, .is_file = true, .sectors = SECTORS, .block = SECTOR };
static struct tracks *tracks;

/* The Host's: clear_range() calls it for each range. */
int __wrap_fallocate64(int fd, int mode, off_t at, off_t bytes)
{
	(void)fd, (void)mode;
	if (num_cleared < LEFT) {
		cleared[num_cleared].at = at;
		cleared[num_cleared].bytes = bytes;
	}
	num_cleared++;
	return 0;
}

/* Let the device do a request with @bytes of ranges, in @pieces pieces; return its status. */
static unsigned int request(unsigned int type, size_t bytes, unsigned int pieces)
{
	static struct request request;
	unsigned char *data = (unsigned char *)ranges;
	const char *why;

	memset(&request, 0, sizeof(request));
	header = (struct virtio_blk_outhdr){ .type = type };
	request.chain.pieces[request.chain.out++] = (struct iovec){ &header, sizeof(header) };
	for (unsigned int i = 0; i < pieces; i++) {
		const size_t part = i + 1 < pieces ? bytes / pieces : bytes;

		request.chain.pieces[request.chain.out++] = (struct iovec){ data, part };
		data += part;
		bytes -= part;
	}
	request.chain.pieces[request.chain.out] = (struct iovec){ &status, 1 };
	request.chain.in = 1;
	num_cleared = 0;
	why = understand(&backing, &request);
	if (why)
		tell("broken: a request that is well formed was taken for a broken driver's: %s", why);
	return carry_out(tracks, &request, false, "serial");
}

static void fill(unsigned int number)
{
	for (unsigned int i = 0; i < number; i++)
		ranges[i] = (struct virtio_blk_discard_write_zeroes){ (uint64_t)i * step % (SECTORS - 8), 1 + i % 7, 0 };
}

static void kept(unsigned int type, unsigned int number, unsigned int pieces)
{
	unsigned int got;

	fill(number);
	got = request(type, number * sizeof(*ranges), pieces);
	if (got != VIRTIO_BLK_S_OK)
		tell("refused: a request with %u ranges, as the disk allows, was answered %u", number, got);
	if (num_cleared != number)
		tell("missing: of %u ranges %u were cleared, and the answer was that all is well", number, num_cleared);
	for (unsigned int i = 0; i < number; i++)
		if (cleared[i].at != ranges[i].sector * SECTOR ||
		    cleared[i].bytes != ranges[i].num_sectors * (uint64_t)SECTOR)
			tell("other: range %u is of %u sectors from %llu on, and %llu bytes from byte %llu on were cleared",
			     i, ranges[i].num_sectors, ranges[i].sector, (unsigned long long)cleared[i].bytes,
			     (unsigned long long)cleared[i].at);
}

static void forbidden(unsigned int type, size_t bytes, unsigned int pieces)
{
	const unsigned int number = bytes / sizeof(*ranges);
	unsigned int got;

	fill(number);
	got = request(type, bytes, pieces);
	if (got == VIRTIO_BLK_S_OK && num_cleared < number)
		tell("silent: of %u ranges %u were cleared, and the answer was that all is well", number, num_cleared);
	if (got == VIRTIO_BLK_S_OK)
		tell("allowed: %u ranges were cleared, and the disk says that no request may have more than 16", num_cleared);
	if (num_cleared > 0)
		tell("some: the request was refused, but %u of its ranges were cleared before", num_cleared);
}

int main(int argc, char *argv[])
{
	static const unsigned int types[] = { VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES };
	const unsigned int more = argc > 1 ? strtoul(argv[1], NULL, 0) : 17;

	step = argc > 2 ? strtoul(argv[2], NULL, 0) : 100;
	ranges = malloc((MOST + 1) * sizeof(*ranges));
	tracks = create_tracks(&backing);
	if (!ranges)
		return 2;
	for (unsigned int i = 0; i < 2; i++) {
		for (unsigned int number = 1; number <= 16; number++)
			for (unsigned int pieces = 1; pieces <= 40; pieces += 13)
				kept(types[i], number, pieces);
		forbidden(types[i], 17 * sizeof(*ranges), 1);
		forbidden(types[i], more * sizeof(*ranges), 5);
		forbidden(types[i], MOST * sizeof(*ranges), 100);
		forbidden(types[i], 3 * sizeof(*ranges) + 1, 1);
		kept(types[i], 16, 1);
	}
	printf("well\n");
	return 0;
}
