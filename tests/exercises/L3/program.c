// SPDX-License-Identifier: GPL-2.0-only
/*
 * L3: a queue's thread, and a driver that comes at each possible moment. ring_waiting(), ring_kicks() and poll() stand
 * between the two (the linker's --wrap): with each of their calls a moment has passed, and at one of them it happens.
 */
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include <linux/virtio_config.h>

#include "devices.h"
#include "native.h"

#define NUM	16u
#define RAM	(16 * GUEST_PAGE)
#define MOMENTS	10u

bool __real_ring_waiting(const struct ring *ring);
void __real_ring_kicks(struct ring *ring, bool wanted);
int __real_poll(struct pollfd *reasons, nfds_t number, int timeout);

enum event { CHAINS, LAST_CHAINS, STOP };
static const char *const names[] = {
	"chains come", "the last chains come and the device is stopped", "the device is stopped"
};

static struct guest_memory memory;
static struct queue queue;
static enum event event;
static unsigned int moment, when, chains, added, rung;
static bool numbered;

/* The driver adds a chain, and rings if it was asked to. */
static void add_chain(void)
{
	const struct vring *tables = &queue.ring.tables;
	const uint16_t old = tables->avail->idx;

	tables->avail->ring[old % NUM] = old % NUM;
	__atomic_store_n(&tables->avail->idx, old + 1, __ATOMIC_SEQ_CST);
	added++;
	if (numbered ? vring_need_event(vring_avail_event(tables), old + 1, old) :
		       !(tables->used->flags & VRING_USED_F_NO_NOTIFY)) {
		rung++;
		eventfd_write(queue.kick, 1);
	}
}

static void happen(void)
{
	for (unsigned int i = 0; i < chains && event != STOP; i++)
		add_chain();
	if (event != CHAINS) {
		queue.stopping = true;
		eventfd_write(queue.kick, 1);
	}
}

static void pass(void)
{
	if (++moment == when)
		happen();
}

bool __wrap_ring_waiting(const struct ring *ring)
{
	const bool waiting = __real_ring_waiting(ring);

	pass();
	return waiting;
}

void __wrap_ring_kicks(struct ring *ring, bool wanted)
{
	__real_ring_kicks(ring, wanted);
	pass();
}

/* To sleep: if nothing can wake the thread, what has not happened yet happens now. */
int __wrap_poll(struct pollfd *reasons, nfds_t number, int timeout)
{
	pass();
	if (__real_poll(reasons, number, 0) == 0) {
		const bool waits = __real_ring_waiting(&queue.ring);

		if (timeout >= 0)
			tell("polls: poll() was told to come back after %d ms, and queue_sleep() to sleep until there is a reason",
			     timeout);
		if (!waits && moment < when) {
			when = 0;
			happen();
		}
		if (__real_poll(reasons, number, 0) == 0)
			tell("asleep: %s at moment %u%s; the thread sleeps for ever, with %u chains in the ring: nobody has rung",
			     names[event], when, numbered ? ", bells with numbers" : "", added);
	}
	return __real_poll(reasons, number, 0);
}

/* The thread's loop: what the check says happens at @at; return how many chains were served. */
static unsigned int serve(unsigned int at)
{
	unsigned int served = 0;
	struct chain chain;

	ring_reset(&queue.ring);
	ring_agree(&queue.ring, (uint64_t)numbered << VIRTIO_RING_F_EVENT_IDX);
	for (unsigned int i = 0; i < NUM; i++)
		queue.ring.tables.desc[i] = (struct vring_desc){ 0x1000 + 64 * i, 64, 0, 0 };
	queue.stopping = false;
	eventfd_read(queue.kick, &(eventfd_t){ 0 });
	moment = added = rung = 0;
	when = at;
	for (unsigned int rounds = 0; rounds < 100; rounds++) {
		while (ring_next(&queue.ring, &chain) == 1) {
			ring_finish(&queue.ring, chain.head, 0);
			served++;
		}
		if (event == CHAINS && added && served == added)
			return served;
		switch (queue_sleep(&queue, true, -1, -1)) {
		case WAKE_END:
			if (event == CHAINS || !queue.stopping)
				tell("ended: queue_sleep() said WAKE_END, and nobody has stopped the device");
			return served;
		case WAKE_INPUT:
			tell("input: queue_sleep() said WAKE_INPUT, and there is none");
		case WAKE_KICK:
			break;
		}
	}
	tell("awake: queue_sleep() has come back a hundred times, and there was nothing to do");
}

int main(int argc, char *argv[])
{
	static const struct queue_model model = { .name = "only", .size = NUM };
	unsigned char *pages = aligned_alloc(GUEST_PAGE, ring_bytes(NUM));

	chains = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	memory.base = calloc(1, RAM);
	memory.ram = RAM;
	queue.kick = eventfd(0, EFD_NONBLOCK);
	queue.model = &model;
	queue.outlet = -1;
	if (!memory.base || !pages || queue.kick < 0)
		return 2;
	memset(pages, 0, ring_bytes(NUM));
	ring_create(&queue.ring, &memory, pages, NUM);
	for (int dialect = 0; dialect < 2; dialect++) {
		numbered = dialect;
		for (event = CHAINS; event <= STOP; event++) {
			for (unsigned int at = 1; at <= MOMENTS; at++) {
				const unsigned int served = serve(at);

				if (served != added)
					tell("lost: %s at moment %u, and of %u chains %u were served before the thread ended",
					     names[event], at, added, served);
			}
		}
	}
	/* a thread that was woken and works need not be rung for */
	numbered = false;
	event = CHAINS;
	serve(MOMENTS);
	rung = 0;
	for (unsigned int i = 0; i < NUM; i++)
		add_chain();
	if (rung)
		tell("rung: the thread is awake and works, and the driver has rung %u times for %u chains", rung, NUM);
	printf("well\n");
	return 0;
}
