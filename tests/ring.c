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

static void fresh(void)
{
	ring_reset(&ring);
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
	check_bad("indirect", "an indirect table is refused");
	describe(0, 0x1000, 1, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	describe(1, 0x1000, 1, 0, 0);
	offer(0);
	check_bad("to read, after", "a piece to read after one to write is noticed");
	describe(0, 0, RAM, VRING_DESC_F_NEXT, 1);
	describe(1, 0, 1, 0, 0);
	offer(0);
	check_bad("more bytes than memory", "a chain longer than memory is noticed");
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
	for (unsigned int round = 0; round < 200000; round++) {
		for (unsigned int i = 0; i < NUM; i++)
			describe(i, rand() % (2 * RAM), rand() % RAM, rand() % 4, rand() % (NUM + 1));
		offer(rand() % (NUM + 1));
		switch (ring_next(&ring, &chain)) {
		case 1:
			taken++;
			for (unsigned int i = 0; i < chain.out + chain.in; i++)
				memset(chain.pieces[i].iov_base, 1, chain.pieces[i].iov_len);
			ring_finish(&ring, chain.head, 0);
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
	bells();
	noise();
	printf("1..%u\n", tests);
	free(memory.base);
	free(pages);
	return failures != 0;
}
