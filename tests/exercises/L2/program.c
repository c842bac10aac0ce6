// SPDX-License-Identifier: GPL-2.0-only
/*
 * L2: a Guest that changes a descriptor just after it was checked. guest_range() stands between the two (the linker's
 * --wrap): after its call number @when, what is in memory is not what was checked.
 */
#include <string.h>

#include <linux/virtio_config.h>

#include "native.h"
#include "ring.h"

#define NUM	16u
#define RAM	(16 * GUEST_PAGE)
#define TABLE	0x2000u

void *__real_guest_range(const struct guest_memory *memory, uint64_t at, uint64_t bytes);

static struct guest_memory memory;
static struct ring ring;
static struct vring_desc *victim, changed;
static unsigned int calls, when;

void *__wrap_guest_range(const struct guest_memory *in, uint64_t at, uint64_t bytes)
{
	void *range = __real_guest_range(in, at, bytes);

	if (++calls == when)
		*victim = changed;
	return range;
}

/* A new ring with one chain in it; its first descriptor is number 3, or in an indirect table at TABLE. */
static struct vring_desc *one_chain(bool indirect)
{
	struct vring_desc *table = (struct vring_desc *)(memory.base + TABLE);

	memset(memory.base, 0, RAM);
	ring_reset(&ring);
	ring_agree(&ring, (uint64_t)indirect << VIRTIO_RING_F_INDIRECT_DESC);
	ring.tables.avail->ring[0] = 3;
	ring.tables.avail->idx = 1;
	if (!indirect)
		return &ring.tables.desc[3];
	ring.tables.desc[3] = (struct vring_desc){ TABLE, 5 * sizeof(*table), VRING_DESC_F_INDIRECT, 0 };
	return table;
}

/* What a chain that was taken says, all of which must be in RAM. */
static void look(const char *name, const struct chain *chain)
{
	for (unsigned int i = 0; i < chain->out + chain->in; i++) {
		const unsigned char *at = chain->pieces[i].iov_base;
		const size_t bytes = chain->pieces[i].iov_len;

		if (at < memory.base || at > memory.base + RAM || bytes > (size_t)(memory.base + RAM - at))
			tell("outside: %s: piece %u begins at 0x%lx and has %lu bytes; the Guest has 0x%x bytes of memory",
			     name, i, (unsigned long)(at - memory.base), (unsigned long)bytes, RAM);
	}
}

/* Honest chains of @number pieces, of which @out are to be read. */
static void honest(bool indirect, unsigned int number, unsigned int out)
{
	struct vring_desc *table = one_chain(indirect);
	struct chain chain;

	for (unsigned int i = 0; i < number; i++) {
		const unsigned int n = indirect ? i : (3 + i) % NUM;
		struct vring_desc *desc = (indirect ? table : ring.tables.desc) + n;

		desc->addr = 0x4000 + 0x100 * i;
		desc->len = 16 + i;
		desc->flags = (i >= out ? VRING_DESC_F_WRITE : 0) | (i + 1 < number ? VRING_DESC_F_NEXT : 0);
		desc->next = indirect ? i + 1 : (n + 1) % NUM;
	}
	if (indirect)
		ring.tables.desc[3].len = number * sizeof(*table);
	if (ring_next(&ring, &chain) != 1)
		tell("honest: a%s chain of %u pieces, to read %u of them, was refused: %s", indirect ? "n indirect" : "",
		     number, out, ring.why);
	look("an honest chain", &chain);
	if (chain.out != out || chain.in != number - out)
		tell("honest: of %u pieces %u are to be read and %u to be filled, and not %u and %u", number, out,
		     number - out, chain.out, chain.in);
	for (unsigned int i = 0; i < number; i++)
		if (chain.pieces[i].iov_base != memory.base + 0x4000 + 0x100 * i || chain.pieces[i].iov_len != 16 + i)
			tell("honest: piece %u is another one than the descriptor says", i);
}

/* The chain with @before; after call number @n of guest_range() it is @after. */
static void attack(const char *name, bool indirect, unsigned int n, struct vring_desc before, struct vring_desc after)
{
	struct chain chain;
	int got;

	victim = one_chain(indirect);
	*victim = before;
	victim[1] = (struct vring_desc){ 0x5000, 32, VRING_DESC_F_WRITE, 0 };
	changed = after;
	calls = 0;
	when = n;
	if (indirect)
		ring.tables.desc[3].len = 2 * sizeof(*victim);
	got = ring_next(&ring, &chain);
	when = 0;
	if (got != 1)
		return;
	look(name, &chain);
	/* a descriptor is as it was, or as it is now, and not half of each */
	for (unsigned int i = 0; i < 2; i++) {
		const struct vring_desc *was = i ? &after : &before;

		if (chain.pieces[0].iov_base == memory.base + was->addr && chain.pieces[0].iov_len == was->len &&
		    chain.in + chain.out == 1u + !!(was->flags & VRING_DESC_F_NEXT) &&
		    chain.out == !(was->flags & VRING_DESC_F_WRITE))
			return;
	}
	tell("mixed: %s: the descriptor {0x%llx, %u, flags %u} became {0x%llx, %u, flags %u} on the way,\n"
	     "and the chain has %u pieces to read and %u to fill", name, before.addr, before.len, before.flags, after.addr,
	     after.len, after.flags, chain.out, chain.in);
}

/* An indirect table of two descriptors at the end of memory, which grows after call number @n: the sixth is outside. */
static void grow_table(unsigned int n)
{
	struct vring_desc *table;
	struct chain chain;

	one_chain(true);
	table = (struct vring_desc *)(memory.base + RAM) - 2;
	table[0] = (struct vring_desc){ 0x4000, 16, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 5 };
	victim = &ring.tables.desc[3];
	*victim = (struct vring_desc){ RAM - 2 * sizeof(*table), 2 * sizeof(*table), VRING_DESC_F_INDIRECT, 0 };
	changed = *victim;
	changed.len = 8 * sizeof(*table);
	calls = 0;
	when = n;
	if (ring_next(&ring, &chain) == 1)
		tell("outside: an indirect table of two descriptors became one of eight, and the sixth was used");
	when = 0;
}

int main(int argc, char *argv[])
{
	unsigned char *pages = aligned_alloc(GUEST_PAGE, ring_bytes(NUM));
	const uint32_t size = argc > 1 ? strtoul(argv[1], NULL, 0) : 0, more = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;

	memory.base = malloc(RAM);	/* its end is guarded */
	memory.ram = RAM;
	if (!memory.base || !pages)
		return 2;
	memset(pages, 0, ring_bytes(NUM));
	ring_create(&ring, &memory, pages, NUM);
	for (int indirect = 0; indirect < 2; indirect++) {
		for (unsigned int number = 1; number <= NUM; number++)
			for (unsigned int out = 0; out <= number; out++)
				honest(indirect, number, out);
		for (unsigned int n = 1; n <= 4; n++) {
			const unsigned int next = VRING_DESC_F_NEXT, write = VRING_DESC_F_WRITE, one = indirect ? 1 : 4;
			const struct vring_desc last = { RAM - size, size, write, 0 }, first = { 0x6000, size, write, 0 };

			attack("its length grows", indirect, n, last,
			       (struct vring_desc){ RAM - size, size + more, write, 0 });
			attack("it moves to the end", indirect, n, first,
			       (struct vring_desc){ RAM - size + 1, size, write, 0 });
			attack("it is to be read; no, to be filled", indirect, n, (struct vring_desc){ 0x6000, size, 0, 0 },
			       (struct vring_desc){ 0x6000, size + 1, write, 0 });
			attack("it goes on", indirect, n, first,
			       (struct vring_desc){ 0x6000, size + 1, write | next, one });
			attack("it ends", indirect, n, (struct vring_desc){ 0x6000, size, write | next, one },
			       (struct vring_desc){ 0x6000, size + 1, write, 0 });
			if (indirect)
				grow_table(n);
		}
	}
	printf("well\n");
	return 0;
}
