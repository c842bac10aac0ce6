// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver and a device at the two ends of a ring, each in its thread, which sleep
 * until the other rings. A lost bell hangs; what comes back wrong is told; a data
 * race is found by the thread sanitizer, with which launcher.t builds this. Prints TAP.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "../build/src/launcher/ring.h"

#define NUM	16u		/* entries */
#define RAM	(16 * GUEST_PAGE)
#define CHAINS	100000u
#define OUT	0x1000u		/* a word for each entry, from the driver, */
#define IN	0x2000u		/* and its answer */
#define TABLES	0x3000u		/* indirect ones */

static struct guest_memory memory;
static struct ring ring;
static int kick, line;		/* eventfds */
static unsigned int kicks, interrupts, bad;

static uint32_t *word(uint32_t at, unsigned int n)
{
	return (uint32_t *)(memory.base + at) + n;
}

static void sleep_on(int bell)
{
	struct pollfd reason = { .fd = bell, .events = POLLIN };
	eventfd_t count;

	poll(&reason, 1, -1);
	eventfd_read(bell, &count);
}

static void *device(void *unused)
{
	struct chain chain;
	unsigned int done = 0;

	while (done < CHAINS) {
		switch (ring_next(&ring, &chain)) {
		case 1:
			if (chain.out != 1 || chain.in != 1)
				bad++;
			*(uint32_t *)chain.pieces[1].iov_base = ~*(uint32_t *)chain.pieces[0].iov_base;
			ring_finish(&ring, chain.head, 4);
			done++;
			if (done % 3 && ring_waiting(&ring))
				continue;
			if (ring_wants_interrupt(&ring)) {
				interrupts++;
				eventfd_write(line, 1);
			}
			break;
		case 0:
			ring_kicks(&ring, true);
			if (!ring_waiting(&ring))
				sleep_on(kick);
			ring_kicks(&ring, false);
			break;
		default:
			printf("# %s\n", ring.why);
			exit(1);
		}
	}
	return unused;
}

/* The driver: what virtio_ring.c does, with @indirect tables and @numbered bells or without. */
static void drive(bool indirect, bool numbered)
{
	const struct vring *tables = &ring.tables;
	uint16_t added = 0, seen = 0, asked = 0;
	unsigned int sent = 0, got = 0;

	while (got < CHAINS) {
		const unsigned int batch = 1 + sent % (NUM / 2);

		for (unsigned int i = 0; i < batch && sent < CHAINS && sent - got < NUM / 2; i++) {
			const unsigned int n = sent % (NUM / 2), at = indirect ? 0 : 2 * n;
			struct vring_desc pair[] = {
				{ OUT + 4 * n, 4, VRING_DESC_F_NEXT, at + 1 },
				{ IN + 4 * n, 4, VRING_DESC_F_WRITE, 0 }
			};

			*word(OUT, n) = sent++;
			memcpy(indirect ? memory.base + TABLES + n * sizeof(pair) : (void *)&tables->desc[at], pair,
			       sizeof(pair));
			if (indirect)
				tables->desc[2 * n] = (struct vring_desc) {
					TABLES + n * sizeof(pair), sizeof(pair), VRING_DESC_F_INDIRECT, 0
				};
			tables->avail->ring[added++ % NUM] = 2 * n;
		}
		__atomic_store_n(&tables->avail->idx, added, __ATOMIC_RELEASE);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (numbered ? vring_need_event(__atomic_load_n(&vring_avail_event(tables), __ATOMIC_RELAXED),
						added, asked)
			     : !(__atomic_load_n(&tables->used->flags, __ATOMIC_RELAXED) & VRING_USED_F_NO_NOTIFY)) {
			kicks++;
			eventfd_write(kick, 1);
		}
		asked = added;

		if (numbered)
			__atomic_store_n(&vring_used_event(tables), seen, __ATOMIC_RELAXED);
		else
			__atomic_store_n(&tables->avail->flags, 0, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (__atomic_load_n(&tables->used->idx, __ATOMIC_ACQUIRE) == seen)
			sleep_on(line);
		if (!numbered)
			__atomic_store_n(&tables->avail->flags, VRING_AVAIL_F_NO_INTERRUPT, __ATOMIC_RELAXED);
		while (__atomic_load_n(&tables->used->idx, __ATOMIC_ACQUIRE) != seen) {
			const unsigned int n = tables->used->ring[seen++ % NUM].id / 2;

			if (*word(IN, n) != ~*word(OUT, n) || *word(OUT, n) != got)
				bad++;
			got++;
		}
	}
}

int main(void)
{
	unsigned char *pages = aligned_alloc(GUEST_PAGE, ring_bytes(NUM));

	memory.base = malloc(RAM);
	memory.ram = RAM;
	kick = eventfd(0, EFD_NONBLOCK);
	line = eventfd(0, EFD_NONBLOCK);
	if (!memory.base || !pages || kick < 0 || line < 0)
		return 1;
	memset(pages, 0, ring_bytes(NUM));
	ring_create(&ring, &memory, pages, NUM);
	for (unsigned int dialect = 0; dialect < 4; dialect++) {
		const bool indirect = dialect & 1, numbered = dialect & 2;
		pthread_t thread;

		ring_reset(&ring);
		ring_agree(&ring, (uint64_t)indirect << VIRTIO_RING_F_INDIRECT_DESC |
				  (uint64_t)numbered << VIRTIO_RING_F_EVENT_IDX);
		kicks = interrupts = bad = 0;
		if (pthread_create(&thread, NULL, device, NULL))
			return 1;
		drive(indirect, numbered);
		pthread_join(thread, NULL);
		printf("%sok %u - %u chains%s%s, each bell heard\n", bad ? "not " : "", dialect + 1, CHAINS,
		       indirect ? ", indirect" : "", numbered ? ", numbered bells" : "");
		printf("# %u kicks, %u interrupts, %u wrong\n", kicks, interrupts, bad);
		if (bad)
			return 1;
	}
	printf("1..4\n");
	return 0;
}
