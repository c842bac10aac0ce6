// SPDX-License-Identifier: GPL-2.0-only
/*
 * D3: Guests that pet a puppy, which is the device number NTH of its kind: as nobody's driver does, but as one may; and as
 * one may not. ROOM bytes are less than a bark. The first word of each line is the case.
 */
#include <linux/virtio_ring.h>

#include "lguest_device.h"
#include "rows.h"

#define PUPPY		254
#define MOST		3		/* pieces */
#define GAP		64		/* bytes between two pieces */
#define NEEDS_RESET	0x40
#define MARK		0xa5

static struct lguest_device_desc *puppy;
static struct lguest_vqconfig config;
static struct vring ring;
static u16 seen;			/* of the used ring */
static char buffer[2 * PAGE];

static void say(u8 status)
{
	*(volatile u8 *)&puppy->status = status;
	hcall(LHCALL_NOTIFY, RAM + ((u32)puppy - DEVICES), 0, 0, 0);
}

static u8 status(void)
{
	return *(volatile u8 *)&puppy->status;
}

/* Begin anew with the puppy. */
static void begin(void)
{
	u8 *accepted;

	puppy = (void *)DEVICES;
	for (u32 nth = NTH; puppy->type && (puppy->type != PUPPY || nth-- > 0);)
		puppy = (void *)(puppy->config + puppy->num_vq * sizeof(config) + 2 * puppy->feature_len + puppy->config_len);
	if (puppy->type != PUPPY || puppy->num_vq != 1) {
		print("none on the bus, with one queue\n");
		finish();
	}
	say(0);
	memcpy(&config, puppy->config, sizeof(config));
	vring_init(&ring, config.num, (void *)(DEVICES + config.pfn * PAGE - RAM), LGUEST_VRING_ALIGN);
	memset(ring.desc, 0, vring_size(config.num, LGUEST_VRING_ALIGN));
	seen = 0;
	accepted = puppy->config + sizeof(config) + puppy->feature_len;
	accepted[4] = 1;		/* VIRTIO_F_VERSION_1 is bit 32 */
	say(1);
	say(3);
	say(11);
	say(15);
}

/* Give it a buffer of pieces with these lengths, up to a negative one; the first @out are for it to read. */
static void give(u32 out, const int *lengths)
{
	u32 at = GAP, n;

	memset(buffer, MARK, sizeof(buffer));
	for (n = 0; n < MOST && lengths[n] >= 0; n++) {
		ring.desc[n] = (struct vring_desc) {
			.addr = (u32)buffer + at, .len = lengths[n], .next = n + 1,
			.flags = (n < out ? 0 : VRING_DESC_F_WRITE) | VRING_DESC_F_NEXT,
		};
		at += lengths[n] + GAP;
	}
	ring.desc[n - 1].flags &= ~VRING_DESC_F_NEXT;
	ring.avail->ring[ring.avail->idx % config.num] = 0;
	__asm__ volatile("" : : : "memory");
	ring.avail->idx++;
	hcall(LHCALL_NOTIFY, config.pfn * PAGE, 0, 0, 0);
}

/* Wait until it has answered or has failed. Returns whether it has answered. */
static int wait(void)
{
	const u64 start = tsc();

	while (*(volatile u16 *)&ring.used->idx == seen && !(status() & NEEDS_RESET) && tsc() - start < PATIENCE)
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	if (*(volatile u16 *)&ring.used->idx == seen)
		return 0;
	seen++;
	return 1;
}

/* Pet it with pieces of these lengths, and print what it said, and whether it has written anywhere else. */
static void pet(const char *name, const int *lengths)
{
	char text[PAGE];
	u32 at = GAP, length = 0, spilt = 0;
	const u8 *bytes = (const u8 *)buffer;

	give(0, lengths);
	if (!wait()) {
		print("%s silent, status %x\n", name, status());
		finish();
	}
	for (u32 i = 0; i < GAP; i++)
		spilt += bytes[i] != MARK;
	for (u32 n = 0; n < MOST && lengths[n] >= 0; n++) {
		for (int i = 0; i < lengths[n]; i++)
			if (bytes[at + i] != MARK)
				text[length++] = bytes[at + i];
		for (u32 i = 0; i < GAP; i++)
			spilt += bytes[at + lengths[n] + i] != MARK;
		at += lengths[n] + GAP;
	}
	text[length] = '\0';
	print("%s spilt %u used %u wrote %u: %s\n", name, spilt,
	      ring.used->ring[(u16)(seen - 1) % config.num].len, length, text);
}

/* A chain that it must not accept. */
static void refuse(const char *name, u32 out, const int *lengths)
{
	begin();
	give(out, lengths);
	if (wait())
		print("%s accepted\n", name);
	else
		print("%s refused %x\n", name, status() & NEEDS_RESET);
}

static const int whole[] = { 64, -1 }, pieces[] = { 3, 0, ROOM - 3 }, page[] = { 0, PAGE, -1 };

LIVES(polite)
{
	begin();
	pet("whole", whole);
	pet("pieces", pieces);
	for (u32 i = 0; i < 40; i++) {
		give(0, whole);
		if (!wait())
			print("many silent, status %x\n", status());
	}
	pet("page", page);
	begin();
	pet("reset", whole);
}

LIVES(rude)
{
	static const int two[] = { 8, 64, -1 }, none[] = { 0, 0, -1 };

	refuse("read", 1, two);
	refuse("empty", 0, none);
	refuse("order", 1, whole);
	begin();
	pet("after", whole);
}
