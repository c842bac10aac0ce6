// SPDX-License-Identifier: GPL-2.0-only
/*
 * D2: a Launcher that writes the description of a queue while the Guest's driver reads it. The page of descriptors may
 * not be touched: each access is a fault, after which one instruction is let through, and then the page is another one,
 * if it is time for that. The learner's lguest_device.c is a part of this file.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "native.h"
#include "lguest_device.c"
#undef memset

#define TRAP_FLAG	0x100
#define RAM		0x1000000ul
#define FIRST		(RAM / LGUEST_BUS_PAGE_SIZE + 1)	/* page of the rings, and the one behind the last */
#define END		(FIRST + LGUEST_DEVICE_PAGES)

unsigned long jiffies, lguest_ram_end = RAM;

static unsigned char *page;
static struct lguest_vqconfig *place;	/* in the page */
static struct lguest_vqconfig later;	/* what comes there after access number @when */
static unsigned int accesses, when;
static bool in_use, again;		/* something was made of the description; and then it was read */
static char ring[4 << 20];
static struct virtqueue queue;
static struct { u64 pa; size_t mapped, cleared; unsigned int num, irq; } used;

void *kzalloc(size_t bytes, int how)
{
	(void)how;
	in_use = true;
	return calloc(1, bytes);
}

void kfree(const void *at)
{
	free((void *)at);
}

void *memremap(u64 pa, size_t bytes, int how)
{
	(void)how;
	in_use = true;
	used.pa = pa;
	used.mapped = bytes;
	return ring;
}

void memunmap(void *at)
{
	(void)at;
}

void *cleared(void *at, int c, size_t bytes)
{
	if (at == ring)
		used.cleared = bytes;
	return bytes > sizeof(ring) ? at : memset(at, c, bytes);
}

int request_irq(unsigned int irq, irq_handler_t *handler, unsigned long flags, const char *name, void *argument)
{
	(void)handler, (void)flags, (void)name, (void)argument;
	used.irq = irq;
	return 0;
}

void free_irq(unsigned int irq, void *argument)
{
	(void)irq, (void)argument;
}

irqreturn_t vring_interrupt(int irq, void *vq)
{
	(void)irq, (void)vq;
	return IRQ_HANDLED;
}

struct virtqueue *vring_new_virtqueue(unsigned int index, unsigned int num, unsigned int align,
				      struct virtio_device *vdev, bool weak, bool ctx, void *pages,
				      bool (*notify)(struct virtqueue *vq), vq_callback_t *callback, const char *name)
{
	(void)index, (void)align, (void)weak, (void)ctx, (void)pages, (void)notify, (void)callback, (void)name;
	used.num = num;
	queue = (struct virtqueue){ .vdev = vdev };
	return &queue;
}

void vring_del_virtqueue(struct virtqueue *vq)
{
	(void)vq;
}

/* Somebody touches what may not be touched. */
static void touched(int signal, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;
	const unsigned char *at = info->si_addr;

	(void)signal;
	if (at < page || at >= page + LGUEST_BUS_PAGE_SIZE)
		tell("fault: the driver reads or writes at %p, which is neither its memory nor the page of descriptors",
		     info->si_addr);
	mprotect(page, LGUEST_BUS_PAGE_SIZE, PROT_READ | PROT_WRITE);
	again = again || in_use;
	interrupted->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

/* It has touched it. */
static void stepped(int signal, siginfo_t *info, void *context)
{
	ucontext_t *interrupted = context;

	(void)signal, (void)info;
	if (++accesses == when)
		*place = later;
	mprotect(page, LGUEST_BUS_PAGE_SIZE, PROT_NONE);
	interrupted->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

/*
 * Let the driver set up a queue whose description is @first, and after @n accesses to the page @then; 0: it remains so.
 * Return what the driver says, 0 or an error.
 */
static int find(struct lguest_vqconfig first, unsigned int n, struct lguest_vqconfig then)
{
	static vq_callback_t *callbacks[1];
	static const char *const names[] = { "paper" };
	struct lguest_device dev = { .num_vq = 1 };
	struct virtqueue *vqs[1] = { NULL };
	int error;

	dev.vdev.vqs.next = &dev.vdev.vqs;
	dev.vdev.vqs.prev = &dev.vdev.vqs;
	dev.desc = container_of((void *)place, struct lguest_device_desc, config);
	mprotect(page, LGUEST_BUS_PAGE_SIZE, PROT_READ | PROT_WRITE);
	*place = first;
	mprotect(page, LGUEST_BUS_PAGE_SIZE, PROT_NONE);
	later = then;
	when = n;
	accesses = 0;
	in_use = false;
	again = false;
	memset(&used, 0, sizeof(used));
	error = lguest_find_vqs(&dev.vdev, 1, vqs, callbacks, names, NULL, NULL);
	if (!error && vqs[0] != &queue)
		tell("refused: the driver says that it has a queue, and there is none");
	return error;
}

/* What is wrong with the queue that the driver has made? */
static const char *fault(void)
{
	const struct lguest_vq *vq = queue.priv;
	const u64 first = FIRST * LGUEST_BUS_PAGE_SIZE, end = END * LGUEST_BUS_PAGE_SIZE;

	if (!is_power_of_2(used.num) || used.num > 16384)
		return "virtio got a number of entries that is not allowed";
	if (used.mapped != vring_size(used.num, LGUEST_VRING_ALIGN))
		return "other memory is mapped than a ring of so many entries takes";
	if (used.cleared != used.mapped)
		return "more or less memory was cleared than was mapped";
	if (used.pa < first || used.pa + used.mapped > end)
		return "the ring is not in the bus's pages";
	if (queue.num_max != used.num)
		return "num_max is another number than virtio got";
	if (used.irq == 0 || used.irq >= LGUEST_IRQS || vq->irq != used.irq)
		return "a line was asked for that there is not, or another one than will be given back";
	if (vq->ring_pa != used.pa)
		return "NOTIFY will name another ring than was mapped";
	return NULL;
}

/* A description that does not change, and that the driver may (@good) or may not take. */
static void still(struct lguest_vqconfig config, bool good)
{
	const int error = find(config, 0, config);

	if (good && (error || fault() || used.num != config.num || used.irq != config.irq ||
		     used.pa != (u64)config.pfn * LGUEST_BUS_PAGE_SIZE))
		tell("refused: a queue of %u entries, line %u, at page 0x%x: %s", config.num, config.irq, config.pfn,
		     error ? "an error" : fault() ? fault() : "it became another one");
	if (!good && !error)
		tell("unchecked: a queue of %u entries, line %u, at page 0x%x was taken", config.num, config.irq, config.pfn);
}

/* A description that changes from @first to @then, after each access to it in turn. */
static void lie(struct lguest_vqconfig first, struct lguest_vqconfig then)
{
	unsigned int n = 1;

	do {
		if (find(first, n, then) == 0 && fault())
			tell("%s: after access %u, num changed from %u to %u, irq from %u to %u, pfn from 0x%x to 0x%x:\n%s",
			     again ? "twice" : "late", n, first.num, then.num, first.irq, then.irq, first.pfn, then.pfn, fault());
	} while (accesses >= n++);
}

int main(int argc, char *argv[])
{
	const unsigned int drawn = argc > 1 ? strtoul(argv[1], NULL, 0) : 5, offset = argc > 2 ? strtoul(argv[2], NULL, 0) : 7;
	const struct lguest_vqconfig some = { 1 << drawn, 1 + drawn, FIRST + drawn };
	const u32 last = END - 1 - vring_size(some.num, LGUEST_VRING_ALIGN) / LGUEST_BUS_PAGE_SIZE;
	const struct lguest_vqconfig good[] = {
		some, { 1, 1, FIRST }, { 16384, LGUEST_IRQS - 1, FIRST }, { some.num, some.irq, last }
	};
	const struct lguest_vqconfig bad[] = {
		{ 0, some.irq, some.pfn }, { some.num + 1, some.irq, some.pfn }, { 32768, some.irq, some.pfn },
		{ some.num, 0, some.pfn }, { some.num, LGUEST_IRQS, some.pfn }, { some.num, 65535, some.pfn },
		{ some.num, some.irq, FIRST - 1 }, { some.num, some.irq, last + 1 }, { some.num, some.irq, 0xffffffff },
		{ 16384, some.irq, last }
	};
	struct sigaction action = { .sa_sigaction = touched, .sa_flags = SA_SIGINFO };

	page = mmap(NULL, LGUEST_BUS_PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED || sigaction(SIGSEGV, &action, NULL) < 0)
		return 2;
	action.sa_sigaction = stepped;
	if (sigaction(SIGTRAP, &action, NULL) < 0)
		return 2;
	place = (void *)(page + 64 + offset);
	bus_pa = RAM;
	for (unsigned int i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		still(good[i], true);
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		still(bad[i], false);
	for (unsigned int i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (unsigned int j = 0; j < sizeof(bad) / sizeof(bad[0]); j++) {
			lie(good[i], bad[j]);
			lie(bad[j], good[i]);
		}
		for (unsigned int j = 0; j < sizeof(good) / sizeof(good[0]); j++)
			lie(good[i], good[j]);
	}
	printf("well\n");
	return 0;
}
