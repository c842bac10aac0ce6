// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring walk as a target of libFuzzer.
 *
 * The input is a Guest: a byte of features, one of how many chains wait, the descriptors,
 * then RAM from 0 on; if the second byte is odd, the available ring comes before RAM, too,
 * and may be any nonsense. Whatever it says, a chain that is taken must be inside RAM, and
 * no walk may take more chains than the ring has. Clang's sanitizers watch the rest.
 * Build and run: make fuzz-ring (ROUNDS=n).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../build/src/launcher/ring.h"

#define NUM	16u		/* entries */
#define RAM	(4 * GUEST_PAGE)

int LLVMFuzzerTestOneInput(const unsigned char *input, size_t bytes);

#define hold(what) do { if (!(what)) { fprintf(stderr, "broken: %s\n", #what); abort(); } } while (0)

/* Each byte of a piece must be ours to touch; the address sanitizer knows. */
static void touch(const struct guest_memory *memory, const struct chain *chain)
{
	static volatile unsigned char sum;
	uint64_t total = 0;

	hold(chain->out + chain->in <= NUM);
	for (unsigned int i = 0; i < chain->out + chain->in; i++) {
		const struct iovec *piece = &chain->pieces[i];
		unsigned char *at = piece->iov_base;

		hold(at >= memory->base && at + piece->iov_len <= memory->base + memory->ram);
		total += piece->iov_len;
		if (piece->iov_len > 0) {
			sum += at[0] + at[piece->iov_len - 1];
			if (i >= chain->out)
				at[0] = at[piece->iov_len - 1] = sum;
		}
	}
	hold(total <= memory->ram);
}

int LLVMFuzzerTestOneInput(const unsigned char *input, size_t bytes)
{
	static struct guest_memory memory = { .ram = RAM };
	static unsigned char *pages;
	struct ring ring = { 0 };
	struct chain chain;
	size_t part;
	unsigned int taken = 0;

	if (bytes < 2)
		return 0;
	if (!pages) {
		memory.base = malloc(RAM);	/* of just this size: its ends are guarded */
		pages = aligned_alloc(GUEST_PAGE, ring_bytes(NUM));
		hold(memory.base && pages);
	}
	memset(memory.base, 0, RAM);
	memset(pages, 0, ring_bytes(NUM));
	ring_create(&ring, &memory, pages, NUM);
	ring_agree(&ring, (uint64_t)input[0] << VIRTIO_RING_F_INDIRECT_DESC);
	for (unsigned int i = 0; i < NUM; i++)
		ring.tables.avail->ring[i] = i;
	ring.tables.avail->idx = input[1] / 2 % (NUM + 2);
	part = NUM * sizeof(struct vring_desc) + (input[1] & 1) * sizeof(uint16_t) * (NUM + 3);
	if (part > bytes - 2)
		part = bytes - 2;
	memcpy(pages, input + 2, part);
	input += 2 + part;
	bytes -= 2 + part;
	memcpy(memory.base, input, bytes < RAM ? bytes : RAM);

	while (ring_next(&ring, &chain) == 1) {
		hold(++taken <= 65536);
		touch(&memory, &chain);
		if (taken % 3)
			ring_finish(&ring, chain.head, taken);
		ring_wants_interrupt(&ring);
		ring_kicks(&ring, taken & 1);
	}
	hold(memory.ram == RAM && ring.tables.num == NUM);
	return 0;
}
