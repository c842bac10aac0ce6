// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Launcher's ring walk against a driver that breaks every rule in turn.
 * Prints TAP. Build: launcher.t does, with the sanitizers on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../build/src/launcher/ring.h"

#define NUM	8u		/* entries */
#define RAM	(16 * GUEST_PAGE)

static struct guest_memory memory;
static struct ring ring;
static struct chain chain;
static unsigned int tests, failures;

static void check(bool good, const char *what)
{
	failures += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", ++tests, what);
}

static uint64_t features;

static void fresh(void)
{
	ring_reset(&ring);
	ring_agree(&ring, features);
	memset(&chain, 0xaa, sizeof(chain));
	ring.why[0] = '\0';
}

static void describe(unsigned int n, uint64_t at, uint32_t len, unsigned int flags, unsigned int next)
{
	ring.tables.desc[n] = (struct vring_desc) { at, len, flags, next };
}

/* Make the chain that begins at @head available. */
static void offer(unsigned int head)
{
	struct vring_avail *avail = ring.tables.avail;

	avail->ring[avail->idx % NUM] = head;
	avail->idx++;
}

static void check_bad(const char *why, const char *what)
{
	const int got = ring_next(&ring, &chain);

	check(got == -1 && strstr(ring.why, why), what);
	if (got != -1 || !strstr(ring.why, why))
		printf("# got %d, why \"%s\"\n", got, ring.why);
	fresh();
}

static void good_chains(void)
{
	check(ring_next(&ring, &chain) == 0 && !ring_waiting(&ring), "an empty ring has no chain");
	describe(2, 0x1000, 10, VRING_DESC_F_NEXT, 5);
	describe(5, 0x2000, 20, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 7);
	describe(7, RAM - 30, 30, VRING_DESC_F_WRITE, 99);
	offer(2);
	check(ring_waiting(&ring) && ring_next(&ring, &chain) == 1, "a chain of three is taken");
	check(chain.head == 2 && chain.out == 1 && chain.in == 2, "one piece to read, two to write");
	check(chain.pieces[0].iov_base == memory.base + 0x1000 && chain.pieces[0].iov_len == 10 &&
	      chain.pieces[2].iov_base == memory.base + RAM - 30 && chain.pieces[2].iov_len == 30,
	      "the pieces are where they should be, the last at the very end of memory");
	check(ring_next(&ring, &chain) == 0, "a chain is taken once");
	ring_finish(&ring, 2, 512);
	check(ring.tables.used->idx == 1 && ring.tables.used->ring[0].id == 2 &&
	      ring.tables.used->ring[0].len == 512, "a chain given back is in the used ring");
	check(ring.counts.chains == 1 && ring.counts.out == 10 && ring.counts.in == 512, "and is counted");
	fresh();

	describe(1, 0x1000, 100, VRING_DESC_F_WRITE, 0);
	offer(1);
	ring_next(&ring, &chain);
	ring_fill(&ring, 0, 1, 100);
	ring_untake(&ring, 1);
	check(ring_next(&ring, &chain) == 1, "a chain that was not taken after all is taken again");
	ring_finish(&ring, 1, 7);
	check(ring.counts.chains == 2 && ring.counts.in == 519, "and what was filled into it the first time is not counted");
	fresh();

	describe(0, 0x1000, 1, 0, 0);
	for (unsigned int i = 0; i < 70000; i++) {
		offer(0);
		if (ring_next(&ring, &chain) != 1 || ring_next(&ring, &chain) != 0)
			break;
		ring_finish(&ring, 0, 0);
	}
	check(ring.tables.used->idx == (uint16_t)70000, "the indexes wrap at 65536");
	fresh();

	for (unsigned int i = 0; i < NUM; i++)
		describe(i, 0x1000, 1, i + 1 < NUM ? VRING_DESC_F_NEXT : 0, i + 1);
	offer(0);
	check(ring_next(&ring, &chain) == 1 && chain.out == NUM, "a chain may use the whole table");
	fresh();
}

static void bad_chains(void)
{
	describe(1, 0x1000, 1, VRING_DESC_F_NEXT, 2);
	describe(2, 0x1000, 1, VRING_DESC_F_NEXT, 1);
	offer(1);
	check_bad("has no end", "a circle is noticed");

	offer(NUM);
	check_bad("descriptor 8 in a ring of 8", "a head beyond the table is noticed");
	describe(0, 0x1000, 1, VRING_DESC_F_NEXT, 0xffff);
	offer(0);
	check_bad("descriptor 65535 in a ring of 8", "a next beyond the table is noticed");

	ring.tables.avail->idx = NUM + 1;
	check_bad("9 chains wait", "more chains than entries are noticed");
	ring.tables.avail->idx = 0xffff;
	check_bad("65535 chains wait", "an index that runs backwards is noticed");

	describe(0, RAM, 1, 0, 0);
	offer(0);
	check_bad("outside memory", "an address right above RAM is noticed");
	describe(0, RAM - 1, 2, 0, 0);
	offer(0);
	check_bad("outside memory", "a length that runs over the end is noticed");
	describe(0, 0x1000, 0xffffffff, VRING_DESC_F_WRITE, 0);
	offer(0);
	check_bad("outside memory", "the largest length is noticed");
	describe(0, UINT64_MAX - 1, 4, VRING_DESC_F_WRITE, 0);
	offer(0);
	check_bad("outside memory", "an address whose end wraps around is noticed");
	describe(0, 0x100000000, 1, 0, 0);
	offer(0);
	check_bad("outside memory", "an address beyond 32 bits is not cut to them");

	describe(0, 0x1000, 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	check_bad("not agreed", "an indirect table that was not agreed is refused");
	describe(0, 0x1000, 1, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	describe(1, 0x1000, 1, 0, 0);
	offer(0);
	check_bad("to read, after", "a piece to read after one to write is noticed");
	describe(0, 0, RAM, VRING_DESC_F_NEXT, 1);
	describe(1, 0, 1, 0, 0);
	offer(0);
	check_bad("more bytes than memory", "a chain longer than memory is noticed");
}

/* Put a descriptor into the indirect table at Guest physical @table. */
static void describe_in(uint32_t table, unsigned int n, uint64_t at, uint32_t len, unsigned int flags,
			unsigned int next)
{
	const struct vring_desc desc = { at, len, flags, next };

	memcpy(memory.base + table + n * sizeof(desc), &desc, sizeof(desc));
}

static void indirect(void)
{
	const uint32_t table = RAM - 2 * sizeof(struct vring_desc) - 1;	/* at an odd address */

	features = UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC;
	fresh();
	describe_in(table, 0, 0x1000, 10, VRING_DESC_F_NEXT, 1);
	describe_in(table, 1, 0x2000, 20, VRING_DESC_F_WRITE, 0xffff);
	describe(3, table, 32, VRING_DESC_F_INDIRECT | VRING_DESC_F_WRITE, 0);
	offer(3);
	check(ring_next(&ring, &chain) == 1 && chain.head == 3 && chain.out == 1 && chain.in == 1 &&
	      chain.pieces[1].iov_base == memory.base + 0x2000, "an indirect table is followed");
	fresh();
	describe(1, 0x3000, 5, VRING_DESC_F_NEXT, 3);
	describe(3, table, 32, VRING_DESC_F_INDIRECT, 0);
	offer(1);
	check(ring_next(&ring, &chain) == 1 && chain.out == 2 && chain.in == 1 &&
	      chain.pieces[0].iov_len == 5, "a table may follow ordinary descriptors");
	fresh();
	for (unsigned int i = 0; i < NUM; i++)
		describe_in(0x4000, i, 0x1000, 1, i + 1 < NUM ? VRING_DESC_F_NEXT : 0, i + 1);
	describe(0, 0x4000, NUM * 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	check(ring_next(&ring, &chain) == 1 && chain.out == NUM, "a table may be as long as the ring");
	fresh();

	describe(1, 0x3000, 5, VRING_DESC_F_NEXT, 0);
	describe(0, 0x4000, NUM * 16, VRING_DESC_F_INDIRECT, 0);
	offer(1);
	check_bad("has no end", "a chain longer than the ring, partly in a table, is noticed");
	describe_in(0x4000, 2, 0x1000, 1, VRING_DESC_F_NEXT, 1);
	describe(0, 0x4000, NUM * 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	check_bad("has no end", "a circle in a table is noticed");
	describe_in(0x4000, 0, 0x1000, 1, VRING_DESC_F_NEXT, 2);
	describe(0, 0x4000, 32, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	check_bad("descriptor 2 in a table of 2", "a next beyond the indirect table is noticed");
	describe_in(0x4000, 0, 0x4000, 16, VRING_DESC_F_INDIRECT, 0);
	describe(0, 0x4000, 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	check_bad("table in another", "a table in a table is noticed");
	describe_in(0x4000, 0, 0x1000, 1, 0, 0);
	describe(0, 0x4000, 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 1);
	offer(0);
	check_bad("or not last", "a table that is followed by a descriptor is noticed");
	describe_in(0x4000, 0, RAM, 1, 0, 0);
	describe(0, 0x4000, 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	check_bad("1 bytes at 0x10000 are outside", "a piece in a table is checked like any other");
	for (unsigned int len = 0; len < 17; len++) {
		if (len == 16)
			continue;
		describe(0, 0x4000, len, VRING_DESC_F_INDIRECT, 0);
		offer(0);
		if (ring_next(&ring, &chain) != -1)
			break;
		fresh();
		if (len == 15)
			check(true, "a table of no or not whole entries is noticed");
	}
	describe(0, 0x4000, (NUM + 1) * 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	check_bad("indirect table of 144 bytes", "a table longer than the ring is noticed");
	describe(0, 0x4000, 0xfffffff0, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	check_bad("indirect table of 4294967280", "the largest table is noticed");
	describe(0, RAM - 16, 32, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	check_bad("indirect table at 0xfff0 is outside", "a table that runs over the end of memory is noticed");
	describe(0, UINT64_MAX - 15, 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	check_bad("is outside", "a table whose end wraps around is noticed");
	features = 0;
	fresh();
}

static void lent(void)
{
	for (unsigned int i = 0; i < NUM; i++) {
		describe(i, 0x1000, 1, 0, 0);
		offer(i);
	}
	for (unsigned int i = 0; i < NUM; i++)
		if (ring_next(&ring, &chain) != 1)
			break;
	check(ring_next(&ring, &chain) == 0, "all entries may be lent at once");
	offer(0);
	check_bad("with 8 lent", "an entry more than there are is noticed");
	offer(0);
	offer(1);
	check(ring_next(&ring, &chain) == 1 && ring_next(&ring, &chain) == 1, "two are lent");
	ring.tables.avail->idx--;
	check_bad("65535 chains wait", "an index that is taken back is noticed");
}

/* Give back @chains at once; was an interrupt wanted? */
static bool finish(unsigned int chains)
{
	while (chains--)
		ring_finish(&ring, 0, 0);
	return ring_wants_interrupt(&ring);
}

static void numbered_bells(void)
{
	unsigned int rung = 0;

	features = UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX;
	fresh();
	check(ring.tables.used->flags == 0, "with numbers the flag is never set");
	vring_used_event(&ring.tables) = 2;
	check(!finish(1) && !finish(1) && finish(1) && !finish(1), "the bell rings at its number only");
	vring_used_event(&ring.tables) = 5;
	check(finish(4) && !finish(0), "once, when several come at a time");
	ring.tables.avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	vring_used_event(&ring.tables) = 8;
	check(finish(1), "and whatever the flag says");
	for (unsigned int i = 0; i < 65536; i++)
		rung += finish(1);
	check(rung == 1, "a number is met once in 65536");

	fresh();
	ring_kicks(&ring, true);
	check(vring_avail_event(&ring.tables) == 0, "a kick is wanted for the first chain");
	describe(0, 0x1000, 1, 0, 0);
	offer(0);
	ring_next(&ring, &chain);
	ring_kicks(&ring, false);
	check(vring_avail_event(&ring.tables) == 0 && ring.tables.used->flags == 0,
	      "to want none, nothing is written");
	ring_kicks(&ring, true);
	check(vring_avail_event(&ring.tables) == 1, "and then for the one after those we have");
	features = 0;
	fresh();
}

static void bells(void)
{
	check(ring_wants_interrupt(&ring), "interrupts are wanted unless the driver says no");
	ring.tables.avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	check(!ring_wants_interrupt(&ring), "a driver that wants no interrupt gets none");
	ring_kicks(&ring, false);
	check(ring.tables.used->flags == VRING_USED_F_NO_NOTIFY, "kicks are turned off");
	ring_kicks(&ring, true);
	check(ring.tables.used->flags == 0, "kicks are turned on");
	ring_reset(&ring);
	check(ring.tables.avail->flags == 0 && !ring_waiting(&ring), "a reset ring is all zeros");
}

/* Random tables: nothing to compare with, but the sanitizers watch. */
static void noise(void)
{
	unsigned int taken = 0, refused = 0;

	srand(1);
	features = UINT64_C(1) << VIRTIO_RING_F_INDIRECT_DESC | UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX;
	fresh();
	for (unsigned int round = 0; round < 200000; round++) {
		for (unsigned int i = 0; i < NUM; i++)
			describe(i, rand() % (RAM + RAM / 4), (rand() % 10 ? rand() % 9 * 16u : rand() % RAM),
				 rand() % 8, rand() % (NUM + 1));
		for (unsigned int i = 0; i < 64; i++)
			describe_in(i * 0x400 + rand() % 0x300, 0, rand() % RAM, rand() % 2000, rand() % 4, 0);
		offer(rand() % (NUM + 1));
		switch (ring_next(&ring, &chain)) {
		case 1:
			taken++;
			for (unsigned int i = 0; i < chain.out + chain.in; i++)
				memset(chain.pieces[i].iov_base, 1, chain.pieces[i].iov_len);
			ring_finish(&ring, chain.head, 0);
			ring_wants_interrupt(&ring);
			break;
		case -1:
			refused++;
			fresh();
		}
	}
	check(taken > 1000 && refused > 1000, "200000 random chains are taken or refused, no more");
}

int main(void)
{
	unsigned char *pages = aligned_alloc(GUEST_PAGE, ring_bytes(NUM));

	/* Of exactly this size, so that the address sanitizer guards its ends. */
	memory.base = malloc(RAM);
	memory.ram = RAM;
	if (!memory.base || !pages)
		return 1;
	memset(pages, 0, ring_bytes(NUM));
	ring_create(&ring, &memory, pages, NUM);

	good_chains();
	bad_chains();
	indirect();
	lent();
	bells();
	numbered_bells();
	noise();
	printf("1..%u\n", tests);
	free(memory.base);
	free(pages);
	return failures != 0;
}
