// SPDX-License-Identifier: GPL-2.0-only
/*
 * bus: the Guest's driver of the bus, while somebody writes the page that it reads; after whichever access. First its queues, which
 * is what exercise D2 asks. Then the descriptors that it scans (D:110), and config space, whose generation tells of a change (D:130).
 * Prints a line for each of the three, or what went wrong. No function is linked in that must not be called.
 */
#define main queues
#include "exercises/D2/program.c"
#undef main

#define HEADER		sizeof(struct lguest_device_desc)

/* What a device has after its header, by the driver's own numbers, is in the page. */
int register_virtio_device(struct virtio_device *vdev)
{
	const struct lguest_device *dev = to_lguest_device(vdev);
	const size_t end = (unsigned char *)dev->desc - page + HEADER + dev->num_vq * sizeof(struct lguest_vqconfig) +
			   2 * dev->feature_len + dev->config_len;

	if (end > LGUEST_BUS_PAGE_SIZE)
		tell("scan: after access %u, a device ends %zu bytes behind the page", when, end - LGUEST_BUS_PAGE_SIZE);
	if (vdev->id.device == 0 || vdev->id.device == LGUEST_DEVICE_POWER || dev->irq >= LGUEST_IRQS)
		tell("scan: after access %u, a device is of type %u, with line %u", when, vdev->id.device, dev->irq);
	return 0;
}

/* Let the eight bytes at @at be @then after @n accesses. The page is out of reach from here on. */
static void change(void *at, const void *then, unsigned int n)
{
	place = at;
	memcpy(&later, then, sizeof(later));
	when = n;
	accesses = 0;
	mprotect(page, LGUEST_BUS_PAGE_SIZE, PROT_NONE);
}

/* Two descriptors; the header of the second is @first, and after access @n @then. */
static void scan(const unsigned char first[8], const unsigned char then[8], unsigned int n)
{
	static const unsigned char filler[] = { 2, 255, 255, 255, 0, 0, 1 };
	unsigned char *second = page + HEADER + 255 * sizeof(struct lguest_vqconfig) + 3 * 255;
	struct device root;

	mprotect(page, LGUEST_BUS_PAGE_SIZE, PROT_READ | PROT_WRITE);
	memset(page, 0, LGUEST_BUS_PAGE_SIZE);
	memcpy(page, filler, sizeof(filler));
	memcpy(second, first, 8);
	change(second, then, n);
	scan_bus(&root, page);
}

static void scans(void)
{
	/* The first ends where the page ends. */
	static const unsigned char headers[][8] = {
		{ 2, 100, 150, 177, 0, 0, 3 }, { 2, 101, 150, 177, 0, 0, 3 }, { 2, 100, 151, 177, 0, 0, 3 },
		{ 2, 100, 150, 178, 0, 0, 3 }, { 255, 100, 150, 177, 0, 0, 3 }, { 255, 255, 255, 255, 0, 0, 3 },
		{ 0, 100, 150, 177, 0, 0, 3 }, { 2, 255, 255, 255, 0, 0, 255 }, { 2, 0, 0, 0, 0, 0, 32 }
	};
	const unsigned int num = sizeof(headers) / sizeof(headers[0]);

	for (unsigned int from = 0; from < num; from++) {
		for (unsigned int to = 0; to < num; to++) {
			unsigned int n = 1;

			do
				scan(headers[from], headers[to], n);
			while (accesses >= n++);
		}
	}
	puts("scan");
}

/* Read config space, which begins with @first, the generation, a line and six bytes, and becomes @then after access @n. */
static void get(const unsigned char first[8], const unsigned char then[8], unsigned int n)
{
	struct lguest_device dev = { .desc = (void *)(page + 64), .config_len = 6 };
	unsigned char seen[6];

	mprotect(page, LGUEST_BUS_PAGE_SIZE, PROT_READ | PROT_WRITE);
	memcpy(&dev.desc->generation, first, 8);
	change(&dev.desc->generation, then, n);
	lguest_get(&dev.vdev, 0, seen, sizeof(seen));
	if (memcmp(seen, then + 2, 6) && (first[0] & 1 || memcmp(seen, first + 2, 6)))
		tell("config: after access %u, half of what was and half of what is: %02x %02x %02x %02x %02x %02x",
		     n, seen[0], seen[1], seen[2], seen[3], seen[4], seen[5]);
}

int main(int argc, char *argv[])
{
	static const unsigned char before[8] = { 4, 1, 1, 1, 1, 1, 1, 1 }, after[8] = { 6, 1, 2, 2, 2, 2, 2, 2 };
	static const unsigned char between[8] = { 5, 1, 2, 2, 2, 1, 1, 1 };
	unsigned int n = 1;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (queues(argc, argv))
		return 2;
	scans();
	do
		get(before, after, n);
	while (accesses >= n++);
	for (n = 1; n < 20; n++)
		get(between, after, n);
	puts("config");
	return 0;
}
