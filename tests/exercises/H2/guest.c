// SPDX-License-Identifier: GPL-2.0-only
/*
 * H2: a Guest with two lines, the clock's and its console's. ROUNDS times each of them is raised while it is blocked,
 * and the other one is delivered meanwhile.
 */
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include "lguest_device.h"
#include "rows.h"

static struct vring output;
static struct lguest_vqconfig config;

/* Call until the Host says that a line waits, one of those that are not in @blocked. */
static void until_it_waits(u32 blocked)
{
	u64 end = tsc() + PATIENCE;

	data.irq_enabled = 0;
	data.blocked_interrupts = blocked;
	do
		hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	while (!data.irq_pending && tsc() < end);
}

static void raise_clock(void)
{
	hcall(LHCALL_SET_CLOCKEVENT, 1000, 0, 0, 0);
	until_it_waits(~1u);
}

static void raise_console(void)
{
	static const char text[] = "\n";

	output.desc[0] = (struct vring_desc) { .addr = (u32)text, .len = 1 };
	output.avail->ring[output.avail->idx % config.num] = 0;
	__asm__ volatile("" : : : "memory");
	output.avail->idx++;
	hcall(LHCALL_NOTIFY, config.pfn * PAGE, 0, 0, 0);
	until_it_waits(~(1u << config.irq));
}

/* Interrupts are on, and those of @blocked are not: let the Host deliver. */
static void deliver(u32 blocked)
{
	data.blocked_interrupts = blocked;
	data.irq_enabled = IF;
	for (u32 i = 0; i < 3; i++)
		hcall(LHCALL_SEND_INTERRUPTS, 0, 0, 0, 0);
	data.irq_enabled = 0;
}

static void start_console(void)
{
	struct lguest_device_desc *desc = (void *)DEVICES;

	memcpy(&config, desc->config + sizeof(config), sizeof(config));
	vring_init(&output, config.num, (void *)(DEVICES + config.pfn * PAGE - RAM), LGUEST_VRING_ALIGN);
	desc->config[desc->num_vq * sizeof(config) + desc->feature_len + 4] = 1;	/* VIRTIO_F_VERSION_1 */
	for (u32 i = 0; i < 3; i++) {
		desc->status |= (u8[]){ 1 | 2, 8, 4 }[i];
		hcall(LHCALL_NOTIFY, RAM, 0, 0, 0);
	}
	irq_reset();
}

LIVES(lines)
{
	u32 early = 0;

	start_console();
	for (u32 i = 0; i < ROUNDS; i++) {
		u32 console = irqs[config.irq], clock;

		raise_console();
		raise_clock();
		deliver(1u << config.irq);
		early += irqs[config.irq] != console;
		deliver(0);

		clock = irqs[0];
		raise_clock();
		raise_console();
		deliver(1);
		early += irqs[0] != clock;
		deliver(0);
	}
	((struct lguest_device_desc *)DEVICES)->status = 0;	/* text is early text again */
	hcall(LHCALL_NOTIFY, RAM, 0, 0, 0);
	print("early %u\nclock %u\nconsole %u\n", early, irqs[0], irqs[config.irq]);
}
