// SPDX-License-Identifier: GPL-2.0-only
/*
 * D4: linked with the learner's Launcher, by --wrap: behind the device for dice it plugs in seven network cards, of which
 * some have rings on pages that others have. What is where is printed, a line "ring virtioN FIRST LAST" for each queue.
 */
#include <stdio.h>
#include <string.h>

#include <linux/virtio_ids.h>

#include "devices.h"

struct device *__real_plug_in(struct bus *bus, const struct device_model *model, const struct device_traits *traits);

static const struct device_model card = {
	.type = VIRTIO_ID_NET,
	.num_queues = 2,
	.queues = { { .name = "input", .size = SIZE }, { .name = "output", .size = SIZE } }
};

/* The page that the ring of @device's queue @index is said to start in. */
static uint32_t page_of(const struct device *device, unsigned int index)
{
	struct lguest_vqconfig config;

	memcpy(&config, device->descriptor->config + index * sizeof(config), sizeof(config));
	return config.pfn;
}

/* Say of @device's queue @index that its ring starts in @page. */
static void move(struct device *device, unsigned int index, uint32_t page)
{
	struct lguest_vqconfig config;
	unsigned char *const at = device->descriptor->config + index * sizeof(config);

	memcpy(&config, at, sizeof(config));
	config.pfn = page;
	memcpy(at, &config, sizeof(config));
}

/* Print where @device's rings are said to be. Only what virtio drives counts. */
static void print_rings(const struct device *device)
{
	static unsigned int number;

	if (device->model->type == LGUEST_DEVICE_POWER)
		return;
	for (unsigned int i = 0; i < device->model->num_queues; i++)
		fprintf(stderr, "ring virtio%u %05x %05x\n", number, page_of(device, i),
			page_of(device, i) + ring_bytes(device->model->queues[i].size) / GUEST_PAGE - 1);
	number++;
}

struct device *__wrap_plug_in(struct bus *bus, const struct device_model *model, const struct device_traits *traits)
{
	const struct device_traits none = { .name = "card" };
	const uint32_t pages = ring_bytes(SIZE) / GUEST_PAGE, place = bus->memory->ram / GUEST_PAGE + PLACE;
	struct device *dice = __real_plug_in(bus, model, traits), *cards[7];

	print_rings(dice);
	if (model->type != VIRTIO_ID_RNG)
		return dice;
	for (unsigned int i = 0; i < 7; i++)
		cards[i] = __real_plug_in(bus, &card, &none);
	move(cards[0], 0, place);				/* alone, far behind all others */
	move(cards[1], 0, place - pages + 1);			/* its last page is in use */
	move(cards[2], 0, place + pages - 1);			/* its first one is */
	move(cards[3], 0, place + pages);			/* right behind */
	move(cards[4], 1, page_of(cards[4], 0) + OWN);		/* its own other ring's */
	move(cards[5], 0, place);				/* all of them */
	move(cards[6], 0, page_of(dice, 0));			/* those of the dice */
	for (unsigned int i = 0; i < 7; i++)
		print_rings(cards[i]);
	return dice;
}
