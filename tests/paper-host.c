// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Host made of paper, to test the Launcher where there is none: linked with
 * the Launcher's own files, it takes the place of /dev/lguest (the linker's
 * --wrap). Its "Guest" is a thread of C code that plays the part which the
 * kernel's command line names. launcher.t builds and runs it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/aio_abi.h>
#include <linux/sockios.h>
#include <linux/virtio_balloon.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_console.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>

#include "lguest_device.h"
#include "lguest_launcher.h"

#define PAGE		4096u
#define MOST		64
#define LINES		32
#define NEWS		31		/* the bus's line */

int __real_open(const char *name, int flags, ...);
ssize_t __real_read(int fd, void *to, size_t bytes);
ssize_t __real_write(int fd, const void *from, size_t bytes);
int __real_close(int fd);

static int door = -1;			/* stands for /dev/lguest */
static atomic_int host = -1;		/* and this for a Guest's file */
static unsigned char *base;		/* Guest physical 0 */
static uint32_t ram;			/* bytes */
static pthread_t owner, guest;
static bool alive;			/* the Guest's thread exists */
static sem_t run;
static int stop = -1;			/* an eventfd: the Guest waits for the Launcher, or is dead */
static unsigned long notified;
static unsigned char *mapped;	/* the Guest's memory, as the Launcher has it */
static int ended;			/* errno that tells how, or 0 */
static const char *reason;
static unsigned int lives;
static atomic_uint interrupts[LINES];
static struct { unsigned long at; int fd; } eventfds[MOST], recalls[MOST];
static unsigned int num_eventfds, num_recalls;
static bool waits;			/* the Guest does, in notify(), or for its first run */
static bool told;			/* the errno */

/* --- the Guest's side */

/* By write() and not by eventfd_write(), so that the thread sanitizer sees it. */
static void stop_for_launcher(void)
{
	const uint64_t one = 1;

	__real_write(stop, &one, sizeof(one));
}

static void __attribute__((noreturn)) end(int how, const char *why)
{
	ended = how;
	reason = why;
	stop_for_launcher();
	pthread_exit(NULL);
}

#define expect(what) do { if (!(what)) end(ENOENT, "unexpected: !(" #what ")"); } while (0)

static void notify(unsigned long at)
{
	for (unsigned int i = 0; i < num_eventfds; i++) {
		if (eventfds[i].at == at) {
			eventfd_write(eventfds[i].fd, 1);
			return;
		}
	}
	notified = at;
	stop_for_launcher();
	sem_wait(&run);
}

struct end {
	struct vring ring;
	uint32_t at;
	unsigned int line;
	uint16_t seen;			/* used chains */
};

static struct lguest_device_desc *console, *disk;
static struct end input, output, tells, hears, requests;

static void find_queue(const struct lguest_device_desc *device, struct end *queue, unsigned int n)
{
	struct lguest_vqconfig config;

	expect(n < device->num_vq);
	memcpy(&config, device->config + n * sizeof(config), sizeof(config));
	queue->at = config.pfn * PAGE;
	queue->line = config.irq;
	queue->seen = 0;
	expect(queue->at > ram && config.num >= 8 && config.num <= 128);
	vring_init(&queue->ring, config.num, base + queue->at, LGUEST_VRING_ALIGN);
}

static void *offered(struct lguest_device_desc *device)
{
	return device->config + device->num_vq * sizeof(struct lguest_vqconfig);
}

static void *config_space(struct lguest_device_desc *device)
{
	return (char *)offered(device) + 2 * device->feature_len;
}

/* The first device of @type on the bus. */
static struct lguest_device_desc *find_device(unsigned int type)
{
	struct lguest_device_desc *device = (void *)(base + ram);

	while (device->type != type) {
		expect(device->type && device->feature_len == 8 && device->irq == NEWS);
		device = (void *)((char *)config_space(device) + device->config_len);
	}
	return device;
}

static void find_console(void)
{
	console = find_device(3);
	expect(console->num_vq == 4 && console->feature_len == 8 && console->irq == NEWS);
	find_queue(console, &input, 0);
	find_queue(console, &output, 1);
	find_queue(console, &tells, 2);
	find_queue(console, &hears, 3);
	expect(output.line == input.line + 1 && tells.line == NEWS && hears.line == NEWS);
}

static uint8_t status(struct lguest_device_desc *device, uint8_t new)
{
	__atomic_store_n(&device->status, new, __ATOMIC_SEQ_CST);
	notify((unsigned char *)device - base);
	return __atomic_load_n(&device->status, __ATOMIC_SEQ_CST);
}

static uint8_t agree(struct lguest_device_desc *device, uint64_t features)
{
	memcpy((char *)offered(device) + 8, &features, 8);
	return status(device, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
			      VIRTIO_CONFIG_S_FEATURES_OK);
}

#define READY (VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | \
	       VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK)
#define FEATURE(bit)	(UINT64_C(1) << (bit))

static void bring_up_with(struct lguest_device_desc *device, uint64_t features)
{
	expect(status(device, 0) == 0);
	expect(agree(device, FEATURE(VIRTIO_F_VERSION_1) | features) & VIRTIO_CONFIG_S_FEATURES_OK);
	expect(status(device, READY) == READY);
}

static void bring_up(void)
{
	find_console();
	bring_up_with(console, 0);
}

static void bring_up_disk(uint64_t features)
{
	console = (void *)(base + ram);
	disk = (void *)((char *)config_space(console) + console->config_len);
	expect(disk->type == 2 && disk->num_vq == 1);
	find_queue(disk, &requests, 0);
	bring_up_with(disk, features);
}

static void offer(struct end *queue, uint32_t at, uint32_t len, unsigned int flags)
{
	struct vring_avail *avail = queue->ring.avail;
	const unsigned int slot = avail->idx % queue->ring.num;

	queue->ring.desc[slot] = (struct vring_desc) { at, len, flags, 0 };
	avail->ring[slot] = slot;
	__atomic_store_n(&avail->idx, avail->idx + 1, __ATOMIC_RELEASE);
	atomic_thread_fence(memory_order_seq_cst);
	if (!(__atomic_load_n(&queue->ring.used->flags, __ATOMIC_RELAXED) & VRING_USED_F_NO_NOTIFY))
		notify(queue->at);
}

/* Wait for the next used chain; return how many bytes were written into it. */
static uint32_t used(struct end *queue)
{
	for (int i = 0; i < 50000; i++) {
		if (__atomic_load_n(&queue->ring.used->idx, __ATOMIC_ACQUIRE) != queue->seen)
			return queue->ring.used->ring[queue->seen++ % queue->ring.num].len;
		usleep(100);
	}
	end(ENOENT, "a chain is not given back");
}

static void await(bool (*what)(void))
{
	for (int i = 0; i < 50000 && !what(); i++)
		usleep(100);
	expect(what());
}

static bool needs_reset(void)
{
	return __atomic_load_n(&console->status, __ATOMIC_SEQ_CST) & VIRTIO_CONFIG_S_NEEDS_RESET;
}

static bool disk_needs_reset(void)
{
	return __atomic_load_n(&disk->status, __ATOMIC_SEQ_CST) & VIRTIO_CONFIG_S_NEEDS_RESET;
}

static bool input_interrupt(void)
{
	return interrupts[input.line] > 0;
}

static void put(const char *text)
{
	strcpy((char *)base + 0x3000, text);
	offer(&output, 0x3000, strlen(text), 0);
}

static void say(const char *text)
{
	put(text);
	expect(used(&output) == 0);
}

static void play_echo(void)
{
	char *text = (char *)base + 0x4000;
	uint32_t bytes;

	bring_up();
	say("hello\n");
	expect(interrupts[output.line] > 0 || (usleep(100000), interrupts[output.line] > 0));
	do {
		offer(&input, 0x4000, 3, VRING_DESC_F_WRITE);
		bytes = used(&input);
		expect(bytes > 0 && bytes <= 3);
		await(input_interrupt);
		text[bytes] = '\0';
		say(text);
	} while (!strchr(text, '.'));
}

/* Two buffers in a chain, and none for what comes before they are there. */
static void play_late(void)
{
	bring_up();
	usleep(100000);
	input.ring.desc[9] = (struct vring_desc) {
		0x4000, 2, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 10
	};
	input.ring.desc[10] = (struct vring_desc) { 0x5000, 100, VRING_DESC_F_WRITE, 0 };
	input.ring.avail->ring[0] = 9;
	__atomic_store_n(&input.ring.avail->idx, 1, __ATOMIC_RELEASE);
	notify(input.at);
	expect(used(&input) == 6);
	expect(memcmp(base + 0x4000, "ab", 3) == 0 && memcmp(base + 0x5000, "cdef", 5) == 0);
	say("good\n");
}

static void play_last(void)
{
	bring_up();
	put("last ");
	usleep(notified % 300);
	strcpy((char *)base + 0x6000, "words\n");
	offer(&output, 0x6000, 6, 0);
}

static void play_polling(void)
{
	bring_up();
	output.ring.avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	for (int i = 0; i < 1000; i++)
		say(".");
	usleep(10000);
	expect(interrupts[output.line] == 0);
}

static void play_reset(void)
{
	for (int i = 0; i < 200; i++) {
		bring_up();
		put("x");
		if (i % 2)
			used(&output);
		offer(&input, 0x4000, 16, VRING_DESC_F_WRITE);
		expect(status(console, 0) == 0);
		expect(output.ring.avail->idx == 0 && output.ring.used->idx == 0);
		expect(input.ring.desc[0].len == 0 && input.ring.avail->idx == 0);
	}
}

static void play_broken(void)
{
	bring_up();
	expect(console->generation == 0 && interrupts[NEWS] == 0);
	output.ring.avail->idx = 1000;
	notify(output.at);
	await(needs_reset);
	for (int i = 0; i < 50000 && !interrupts[NEWS]; i++)
		usleep(100);
	expect(console->generation == 2 && interrupts[NEWS] == 1);
	bring_up();
	offer(&output, 0x3000, 10, VRING_DESC_F_WRITE);
	await(needs_reset);
	bring_up();
	offer(&input, 0x3000, 10, 0);
	await(needs_reset);
	say("output works\n");
	bring_up();
	offer(&output, ram, 1, 0);
	await(needs_reset);
	bring_up();
	say("mended\n");
}

static void play_features(void)
{
	uint64_t features;

	find_console();
	memcpy(&features, offered(console), 8);
	expect(features == (FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_RING_F_EVENT_IDX) |
			    FEATURE(VIRTIO_RING_F_INDIRECT_DESC) | FEATURE(VIRTIO_CONSOLE_F_MULTIPORT)));
	expect(!(agree(console, 0) & VIRTIO_CONFIG_S_FEATURES_OK));
	status(console, 0);
	expect(!(agree(console, FEATURE(VIRTIO_F_VERSION_1) | 4) & VIRTIO_CONFIG_S_FEATURES_OK));
	status(console, 0);
	expect(status(console, READY & ~VIRTIO_CONFIG_S_FEATURES_OK) & VIRTIO_CONFIG_S_NEEDS_RESET);
	/* until it is reset it does nothing, and says so */
	expect(status(console, READY) & VIRTIO_CONFIG_S_NEEDS_RESET);
	put("not printed\n");
	expect(output.ring.used->idx == output.seen);

	/* features that were not offered, and a start, in one step */
	status(console, 0);
	features = FEATURE(VIRTIO_F_VERSION_1) | 4;
	memcpy((char *)offered(console) + 8, &features, 8);
	expect(status(console, READY) & VIRTIO_CONFIG_S_NEEDS_RESET);

	/* what was agreed stays agreed: a bit that is taken back stops the device */
	bring_up();
	say("agreed\n");
	expect(agree(console, FEATURE(VIRTIO_F_VERSION_1) | 4) & VIRTIO_CONFIG_S_NEEDS_RESET);
	put("not printed\n");
	expect(output.ring.used->idx == output.seen);

	bring_up();
	status(console, READY | VIRTIO_CONFIG_S_FAILED);
	status(console, READY & ~VIRTIO_CONFIG_S_DRIVER_OK);
	status(console, READY);
	put("not printed\n");
	expect(output.ring.used->idx == output.seen);
}

/* Put a descriptor of an indirect table at Guest physical @at. */
static void describe(uint32_t at, unsigned int n, uint64_t addr, uint32_t len, unsigned int flags, unsigned int next)
{
	struct vring_desc desc = { addr, len, flags, next };

	memcpy(base + at + n * sizeof(desc), &desc, sizeof(desc));
}

/* Bells with numbers: 100 lines, of which the driver wants to hear at the last; then indirect. */
static void play_numbered(void)
{
	find_console();
	bring_up_with(console, FEATURE(VIRTIO_RING_F_EVENT_IDX) | FEATURE(VIRTIO_RING_F_INDIRECT_DESC));
	vring_used_event(&output.ring) = 99;
	for (int i = 0; i < 99; i++)
		say(".");
	usleep(10000);
	expect(interrupts[output.line] == 0 && output.ring.used->flags == 0);
	put("\n");
	used(&output);
	for (int i = 0; i < 50000 && !interrupts[output.line]; i++)
		usleep(100);
	expect(interrupts[output.line] == 1);
	vring_used_event(&output.ring) = 98;
	strcpy((char *)base + 0x3000, "indirect\n");
	describe(0x4001, 0, 0x3000, 3, VRING_DESC_F_NEXT, 2);
	describe(0x4001, 2, 0x3003, 6, 0, 0);
	offer(&output, 0x4001, 48, VRING_DESC_F_INDIRECT);
	used(&output);
	expect(interrupts[output.line] == 1);
}

/* Say @event of port @port with @value, to the device whose messages go into @queue. */
static void message(struct end *queue, uint32_t port, unsigned int event, unsigned int value)
{
	const struct virtio_console_control control = { port, event, value };

	memcpy(base + 0x5000, &control, sizeof(control));
	offer(queue, 0x5000, sizeof(control), 0);
	expect(used(queue) == 0);
}

/* Offer @queue room for a message, or more. */
static void listen_to(struct end *queue, unsigned int n)
{
	while (n--)
		offer(queue, 0x5100, 64, VRING_DESC_F_WRITE);
}

/* Has @queue's device given back a chain by now? */
static bool prompt(const struct end *queue)
{
	return __atomic_load_n(&queue->ring.used->idx, __ATOMIC_ACQUIRE) != queue->seen;
}

/* The next message, in @queue, is @event of port 0. */
static bool heard(struct end *queue, unsigned int event)
{
	const struct virtio_console_control wanted = { 0, event, 1 };

	return used(queue) == sizeof(wanted) && memcmp(base + 0x5100, &wanted, sizeof(wanted)) == 0;
}

/*
 * The device answers before the Guest goes on: a kernel does not wait for its console before it starts /init, which has none
 * then. Input waits until the port is open, however long that takes; again after a reset.
 */
static void play_ports(void)
{
	find_console();
	bring_up_with(console, FEATURE(VIRTIO_CONSOLE_F_MULTIPORT));
	offer(&input, 0x4000, 100, VRING_DESC_F_WRITE);
	message(&hears, -1, VIRTIO_CONSOLE_DEVICE_READY, 1);
	listen_to(&tells, 1);
	expect(prompt(&tells) && heard(&tells, VIRTIO_CONSOLE_PORT_ADD));
	listen_to(&tells, 1);
	message(&hears, 0, VIRTIO_CONSOLE_PORT_READY, 1);
	expect(prompt(&tells) && heard(&tells, VIRTIO_CONSOLE_CONSOLE_PORT));
	usleep(300000);
	expect(__atomic_load_n(&input.ring.used->idx, __ATOMIC_ACQUIRE) == 0);
	message(&hears, 0, VIRTIO_CONSOLE_PORT_OPEN, 1);
	expect(used(&input) == 6 && memcmp(base + 0x4000, "abcdef", 6) == 0);
	say("open\n");
}

/* Messages that nobody would send. */
static void play_chatter(void)
{
	for (unsigned int kind = 0; kind < 4; kind++) {
		find_console();
		bring_up_with(console, FEATURE(VIRTIO_CONSOLE_F_MULTIPORT));
		for (unsigned int event = 0; event < 300; event++)
			message(&hears, event * 0x10101, event % 20, event);
		message(&hears, -1, VIRTIO_CONSOLE_DEVICE_READY, 1);
		switch (kind) {
		case 0:
			offer(&hears, 0x5000, 7, 0);
			break;
		case 1:
			offer(&hears, 0x5000, 8, VRING_DESC_F_WRITE);
			break;
		case 2:
			offer(&tells, 0x5100, 7, VRING_DESC_F_WRITE);
			break;
		case 3:
			offer(&tells, 0x5100, 8, 0);
			break;
		}
		await(needs_reset);
	}
	play_ports();
}

/*
 * A driver that leaves a bad chain behind without a word, and resets the device, or takes a bit
 * of its status back: the device finds the chain while it stops.
 */
static void play_parting(void)
{
	find_console();
	bring_up_disk(0);
	for (int i = 0; i < 10; i++) {
		bring_up_with(console, 0);
		output.ring.avail->idx = 1000;
		expect(status(console, 0) == 0);
		find_console();
		bring_up_with(console, 0);
		say(".");
		bring_up_disk(0);
		requests.ring.avail->idx = 1000;
		expect(status(disk, 0) == 0);
		bring_up_disk(0);
		say(",");
	}
	requests.ring.avail->idx = 1000;
	expect(status(disk, READY & ~VIRTIO_CONFIG_S_DRIVER_OK) & VIRTIO_CONFIG_S_NEEDS_RESET);
	bring_up_disk(0);
	say("\n");
}

/* --- a disk of 64 sectors, each filled with its number */

#define HEADER	0x5000u
#define STATUS	0x5100u
#define DATA	0x6000u

/* Make a request of @type, with its data @at, and wait; return its status. @in: the data is for the Guest. */
static unsigned int request_at(uint32_t at, uint32_t type, uint64_t sector, uint32_t bytes, bool in)
{
	const struct virtio_blk_outhdr header = { .type = type, .sector = sector };

	memcpy(base + HEADER, &header, sizeof(header));
	base[STATUS] = 0xff;
	describe(0x4000, 0, HEADER, 16, VRING_DESC_F_NEXT, 1);
	describe(0x4000, 1, at, bytes, VRING_DESC_F_NEXT | (in ? VRING_DESC_F_WRITE : 0), 2);
	describe(0x4000, 2, STATUS, 1, VRING_DESC_F_WRITE, 0);
	offer(&requests, 0x4000, 48, VRING_DESC_F_INDIRECT);
	used(&requests);
	return base[STATUS];
}

static unsigned int request(uint32_t type, uint64_t sector, uint32_t bytes, bool in)
{
	return request_at(DATA, type, sector, bytes, in);
}

#define DISK_FEATURES	(FEATURE(VIRTIO_RING_F_INDIRECT_DESC) | FEATURE(VIRTIO_BLK_F_FLUSH) | \
			 FEATURE(VIRTIO_BLK_F_DISCARD) | FEATURE(VIRTIO_BLK_F_WRITE_ZEROES))

static bool all(uint32_t at, uint32_t bytes, unsigned char value)
{
	for (uint32_t i = 0; i < bytes; i++)
		if (base[at + i] != value)
			return false;
	return true;
}

/* What a good driver does, and one that asks for what there is not. */
static void play_disk(void)
{
	const struct virtio_blk_config *config;
	struct virtio_blk_discard_write_zeroes range = { .sector = 8, .num_sectors = 8 };

	bring_up_disk(DISK_FEATURES);
	config = config_space(disk);
	expect(disk->config_len == sizeof(*config) && config->capacity == 64 && config->blk_size == 512);
	expect(config->seg_max == requests.ring.num - 2);
	expect(request(VIRTIO_BLK_T_GET_ID, 0, 20, true) == 0);
	expect(strcmp((char *)base + DATA, "image") == 0);
	expect(request(VIRTIO_BLK_T_IN, 3, 1024, true) == 0);
	expect(all(DATA, 512, 3) && all(DATA + 512, 512, 4));
	expect(request(VIRTIO_BLK_T_IN, 63, 512, true) == 0 && all(DATA, 512, 63));
	memset(base + DATA, 0xaa, 1024);
	expect(request(VIRTIO_BLK_T_OUT, 62, 1024, false) == 0);
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == 0);

	memset(base + DATA, 0xbb, 1024);
	expect(request(VIRTIO_BLK_T_OUT, 63, 1024, false) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_OUT, 64, 512, false) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_OUT, UINT64_MAX, 1024, false) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_OUT, UINT64_C(1) << 55, 512, false) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_OUT, 0, 511, false) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_OUT, 0, 512, true) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_IN, 0, 512, false) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_GET_ID, 0, 19, true) == VIRTIO_BLK_S_IOERR);
	expect(request(77, 0, 512, false) == VIRTIO_BLK_S_UNSUPP);
	expect(request(VIRTIO_BLK_T_IN, 62, 1024, true) == 0 && all(DATA, 1024, 0xaa));

	memcpy(base + DATA, &range, 16);
	expect(request(VIRTIO_BLK_T_WRITE_ZEROES, 0, 16, false) == 0);
	expect(request(VIRTIO_BLK_T_IN, 7, 10 * 512, true) == 0);
	expect(all(DATA, 512, 7) && all(DATA + 512, 8 * 512, 0) && all(DATA + 9 * 512, 512, 16));
	range.sector = 16;
	memcpy(base + DATA, &range, 16);
	expect(request(VIRTIO_BLK_T_DISCARD, 0, 16, false) == 0);
	range.sector = 57;	/* one too far, after one that is good */
	memcpy(base + DATA + 16, &range, 16);
	range.sector = 0;
	memcpy(base + DATA, &range, 16);
	expect(request(VIRTIO_BLK_T_WRITE_ZEROES, 0, 32, false) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_WRITE_ZEROES, 0, 17, false) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_WRITE_ZEROES, 0, 0, false) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_WRITE_ZEROES, 0, 17 * 16, false) == VIRTIO_BLK_S_IOERR);
	range.flags = 2;
	memcpy(base + DATA, &range, 16);
	expect(request(VIRTIO_BLK_T_WRITE_ZEROES, 0, 16, false) == VIRTIO_BLK_S_UNSUPP);
	range.flags = 1;
	memcpy(base + DATA, &range, 16);
	expect(request(VIRTIO_BLK_T_DISCARD, 0, 16, false) == VIRTIO_BLK_S_UNSUPP);
	range = (struct virtio_blk_discard_write_zeroes) { .num_sectors = 0xffffffff };
	memcpy(base + DATA, &range, 16);
	expect(request(VIRTIO_BLK_T_DISCARD, 0, 16, false) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_IN, 0, 1024, true) == 0 && all(DATA, 512, 0) && all(DATA + 512, 512, 1));
	expect(!disk_needs_reset());
}

/* One sector, read by a request that is cut into bytes; the driver has never heard of flushes. */
static void play_pieces(void)
{
	const struct virtio_blk_outhdr header = { .type = VIRTIO_BLK_T_IN, .sector = 5 };
	unsigned int n = 0;

	bring_up_disk(FEATURE(VIRTIO_RING_F_INDIRECT_DESC));
	memcpy(base + HEADER, &header, sizeof(header));
	for (; n < 16; n++)
		describe(0x4000, n, HEADER + n, 1, VRING_DESC_F_NEXT, n + 1);
	describe(0x4000, n, HEADER, 0, VRING_DESC_F_NEXT, n + 1);
	n++;
	for (; n < 60; n++)
		describe(0x4000, n, DATA + n - 17, 1, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, n + 1);
	describe(0x4000, n, DATA + 43, 512 - 43 + 1, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, n + 1);
	n++;
	describe(0x4000, n++, DATA, 0, VRING_DESC_F_WRITE, 0);
	base[DATA + 512] = 0xff;
	offer(&requests, 0x4000, 16 * n, VRING_DESC_F_INDIRECT);
	expect(used(&requests) == 513);
	expect(all(DATA, 512, 5) && base[DATA + 512] == 0);
	memset(base + DATA, 0xcc, 512);
	expect(request(VIRTIO_BLK_T_OUT, 1, 512, false) == 0);
	expect(request(VIRTIO_BLK_T_DISCARD, 0, 16, false) == VIRTIO_BLK_S_UNSUPP);
}

static void play_readonly(void)
{
	struct virtio_blk_discard_write_zeroes range = { .num_sectors = 8 };
	uint64_t offer;

	bring_up_disk(FEATURE(VIRTIO_RING_F_INDIRECT_DESC) | FEATURE(VIRTIO_BLK_F_RO));
	memcpy(&offer, offered(disk), 8);
	expect(!(offer & (FEATURE(VIRTIO_BLK_F_DISCARD) | FEATURE(VIRTIO_BLK_F_WRITE_ZEROES))));
	expect(request(VIRTIO_BLK_T_OUT, 1, 512, false) == VIRTIO_BLK_S_IOERR);
	memcpy(base + DATA, &range, 16);
	expect(request(VIRTIO_BLK_T_WRITE_ZEROES, 0, 16, false) != VIRTIO_BLK_S_OK);
	expect(request(VIRTIO_BLK_T_DISCARD, 0, 16, false) != VIRTIO_BLK_S_OK);
	expect(request(VIRTIO_BLK_T_IN, 1, 512, true) == 0 && all(DATA, 512, 1));
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == 0);
}

/* As many requests as fit, all at once, reads and flushes mixed; then a reset in the middle of as many. */
static void play_depth(void)
{
	for (int round = 0; round < 100; round++) {
		struct vring_avail *avail;
		unsigned int many;

		bring_up_disk(DISK_FEATURES | FEATURE(VIRTIO_RING_F_EVENT_IDX));
		avail = requests.ring.avail;
		many = requests.ring.num;
		for (unsigned int i = 0; i < many; i++) {
			const struct virtio_blk_outhdr header = {
				.type = i % 8 ? VIRTIO_BLK_T_IN : VIRTIO_BLK_T_FLUSH, .sector = i % 64
			};
			const uint32_t at = 0x10000 + i * 0x400, bytes = i % 8 ? 512 : 0;

			memcpy(base + at, &header, sizeof(header));
			memset(base + at + 0x100, 0xff, 513);
			describe(at + 0x20, 0, at, 16, VRING_DESC_F_NEXT, 1);
			describe(at + 0x20, 1, at + 0x100, bytes + 1, VRING_DESC_F_WRITE, 0);
			requests.ring.desc[i] = (struct vring_desc) { at + 0x20, 32, VRING_DESC_F_INDIRECT, 0 };
			avail->ring[i] = i;
		}
		__atomic_store_n(&avail->idx, many, __ATOMIC_RELEASE);
		notify(requests.at);
		for (unsigned int i = 0; i < many && round % 2; i++) {
			const unsigned int n = (used(&requests), requests.ring.used->ring[i].id);
			const uint32_t at = 0x10000 + n * 0x400;

			expect(n % 8 ? all(at + 0x100, 512, n % 64) && base[at + 0x300] == 0 :
				       base[at + 0x100] == 0);
		}
	}
	expect(status(disk, 0) == 0 && requests.ring.used->idx == 0);
}

/* The file is cut while the Guest runs: an error, and the disk lives on. */
static void play_cut(void)
{
	bring_up_disk(DISK_FEATURES);
	expect(truncate((const char *)base + 0x1000 + strlen("cut "), 32 * 512) == 0);
	expect(request(VIRTIO_BLK_T_IN, 40, 512, true) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_IN, 31, 1024, true) == VIRTIO_BLK_S_IOERR);
	expect(request(VIRTIO_BLK_T_IN, 31, 512, true) == 0 && all(DATA, 512, 31));
	expect(!disk_needs_reset());
}

/* The file under the disk, whose path is the rest of the command line after the play's name. */
static int image(const char *play)
{
	const int file = open((const char *)base + 0x1000 + strlen(play) + 1, O_RDWR);

	expect(file >= 0);
	return file;
}

static void write_sectors(uint32_t sector, uint32_t number, unsigned char value)
{
	memset(base + DATA, value, number * 512);
	expect(request(VIRTIO_BLK_T_OUT, sector, number * 512, false) == 0);
}

static unsigned char read_sector(uint32_t sector)
{
	base[DATA] = 0xfe;
	expect(request(VIRTIO_BLK_T_IN, sector, 512, true) == 0);
	expect(all(DATA, 512, base[DATA]));
	return base[DATA];
}

/* What is read ahead is given out, unless the Guest has written since. Only a disk past the Host's cache has tracks. */
static void play_ahead(void)
{
	static const unsigned char strange[512] = { [0 ... 511] = 0x77 }, right[512] = { [0 ... 511] = 12 };
	const int file = image("ahead");
	const int past = open((const char *)base + 0x1000 + strlen("ahead "), O_RDWR | O_DIRECT);
	unsigned int found = 0, tries = 0;

	bring_up_disk(DISK_FEATURES);
	/* What nobody may do: write behind the disk's back. So we see what is in a track, when it has been read in time. */
	while (found != 12 && tries++ < 200) {
		expect(pwrite(file, right, 512, 12 * 512) == 512);
		write_sectors(60, 1, 60);
		for (unsigned int i = 0; i < 12; i++)
			expect(read_sector(i) == i);
		usleep(tries * 100);
		expect(pwrite(file, strange, 512, 12 * 512) == 512);
		found = read_sector(12);
		expect(found == 12 || found == 0x77);
	}
	expect(past < 0 || found == 12);
	write_sectors(50, 1, 0x55);
	expect(read_sector(12) == 0x77);
	expect(read_sector(50) == 0x55);
	for (unsigned int i = 40; i < 64; i++)
		expect(read_sector(i) == (i == 50 ? 0x55 : i));
	expect(request(VIRTIO_BLK_T_IN, 64, 512, true) == VIRTIO_BLK_S_IOERR);
}

int __real_fcntl64(int file, int what, int flags);
int __wrap_fcntl64(int file, int what, int flags)
{
	if (what == F_SETFL && flags & O_DIRECT && getenv("CACHED")) {
		errno = EINVAL;
		return -1;
	}
	return __real_fcntl64(file, what, flags);
}

int __real_flock(int file, int how);
int __wrap_flock(int file, int how)
{
	if (getenv("NO_LOCKS")) {
		errno = ENOLCK;
		return -1;
	}
	return __real_flock(file, how);
}

/* Reads and writes that are not left to the Host's pair of queues. */
static atomic_uint reads, writes, cached;
static atomic_int bad_reads;		/* errno */
static atomic_uint slow_writes;		/* microseconds */

ssize_t __real_preadv64v2(int file, const struct iovec *to, int number, int64_t at, int flags);
ssize_t __wrap_preadv64v2(int file, const struct iovec *to, int number, int64_t at, int flags)
{
	reads++;
	if (bad_reads) {
		errno = bad_reads;
		return -1;
	}
	return __real_preadv64v2(file, to, number, at, flags);
}

ssize_t __real_pwritev64v2(int file, const struct iovec *from, int number, int64_t at, int flags);
ssize_t __wrap_pwritev64v2(int file, const struct iovec *from, int number, int64_t at, int flags)
{
	writes++;
	cached += !(__real_fcntl64(file, F_GETFL, 0) & O_DIRECT);
	if (slow_writes)
		usleep(slow_writes);
	return __real_pwritev64v2(file, from, number, at, flags);
}

static atomic_uint late;		/* microseconds until a thread that was woken runs, but for the main one */

static void be_late(pthread_mutex_t *mutex)
{
	if (!late || pthread_equal(pthread_self(), owner))
		return;
	pthread_mutex_unlock(mutex);
	usleep(late);
	pthread_mutex_lock(mutex);
}

int __real_pthread_cond_wait(pthread_cond_t *event, pthread_mutex_t *mutex);
int __wrap_pthread_cond_wait(pthread_cond_t *event, pthread_mutex_t *mutex)
{
	const int result = __real_pthread_cond_wait(event, mutex);

	be_late(mutex);
	return result;
}

int __real_pthread_cond_clockwait(pthread_cond_t *event, pthread_mutex_t *mutex, clockid_t clock,
				  const struct timespec *end);
int __wrap_pthread_cond_clockwait(pthread_cond_t *event, pthread_mutex_t *mutex, clockid_t clock,
				  const struct timespec *end)
{
	const int result = __real_pthread_cond_clockwait(event, mutex, clock, end);

	be_late(mutex);
	return result;
}

/* Anything, one after the other, beside a copy of what the disk should hold; a flush has it all in the file. */
static void play_tracks(void)
{
	unsigned char should[64], found[64 * 512];
	const int file = image("tracks");
	unsigned int next = 0;

	srandom(1);
	for (unsigned int i = 0; i < 64; i++)
		should[i] = i;
	bring_up_disk(DISK_FEATURES | FEATURE(VIRTIO_RING_F_EVENT_IDX));
	for (unsigned int step = 0; step < 6000; step++) {
		const unsigned int sector = random() % 4 ? next : (unsigned int)random() % 64;
		const unsigned int most = 64 - sector < 8 ? 64 - sector : 8;
		const unsigned int many = random() % 4 ? 1 + (step / 64) % 2 : 1 + random() % most;
		const unsigned int number = many < most ? many : most;
		struct virtio_blk_discard_write_zeroes range = { .sector = sector, .num_sectors = number };
		const uint32_t at = DATA + (random() % 8 ? 0 : 7);	/* some are not aligned */

		slow_writes = step / 128 % 4 == 1 ? 1000 : 0;
		late = step / 128 % 4 == 2 ? 5000 : 0;
		switch ((step / 32) % 4 < 2 ? (step / 32) % 4 : (unsigned int)random() % 16) {
		case 0: case 2: case 3: case 4: case 5: case 6:
			expect(request_at(at, VIRTIO_BLK_T_IN, sector, number * 512, true) == 0);
			for (unsigned int i = 0; i < number; i++)
				expect(all(at + i * 512, 512, should[sector + i]));
			break;
		case 7:
			expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == 0);
			expect(pread(file, found, sizeof(found), 0) == sizeof(found));
			for (unsigned int i = 0; i < sizeof(found); i++)
				expect(found[i] == should[i / 512]);
			break;
		case 8:
			memcpy(base + DATA, &range, 16);
			expect(request(VIRTIO_BLK_T_WRITE_ZEROES, 0, 16, false) == 0);
			memset(should + sector, 0, number);
			break;
		case 9:
			if (random() % 4 == 0)
				bring_up_disk(DISK_FEATURES | FEATURE(VIRTIO_RING_F_EVENT_IDX));
			break;
		default:
			memset(base + at, step, number * 512);
			expect(request_at(at, VIRTIO_BLK_T_OUT, sector, number * 512, false) == 0);
			memset(should + sector, (unsigned char)step, number);
		}
		next = (sector + number) % 64;
	}
	expect(status(disk, 0) == 0);
	expect(pread(file, found, sizeof(found), 0) == sizeof(found));
	for (unsigned int i = 0; i < sizeof(found); i++)
		expect(found[i] == should[i / 512]);
}

static atomic_uint refusals;
static atomic_bool old_files;		/* the file system does not know RWF_NOWAIT */
static atomic_int bad_events;		/* what the Host's disk says of each that it has done, if not 0 */

long __real_syscall(long number, long a, long b, long c, long d, long e);
long __wrap_syscall(long number, long a, long b, long c, long d, long e)
{
	long result;

	if (number == SYS_io_setup && getenv("NO_QUEUES")) {
		errno = EAGAIN;
		return -1;
	}
	if (number == SYS_io_submit && old_files && (**(struct iocb **)c).aio_rw_flags & RWF_NOWAIT) {
		refusals++;
		errno = EOPNOTSUPP;
		return -1;
	}
	result = __real_syscall(number, a, b, c, d, e);
	for (long i = 0; number == SYS_io_getevents && bad_events && i < result; i++)
		((struct io_event *)d)[i].res = bad_events;
	return result;
}

/* Who has been refused once does without. */
static void play_refused(void)
{
	const int past = open((const char *)base + 0x1000 + strlen("refused "), O_RDWR | O_DIRECT);

	old_files = true;
	bring_up_disk(DISK_FEATURES);
	for (unsigned int i = 0; i < 64; i += 9)
		expect(read_sector(i) == i);
	expect(refusals == (past >= 0));
}

/* Answered, and then the Guest is gone, without a flush and without a reset. */
static void play_gone(void)
{
	bring_up_disk(DISK_FEATURES);
	write_sectors(7, 2, 0x44);
}

/* Does the file hold @value in @sector? */
static bool holds(int file, uint32_t sector, unsigned char value)
{
	unsigned char found[512];

	expect(pread(file, found, sizeof(found), sector * 512) == sizeof(found));
	for (unsigned int i = 0; i < sizeof(found); i++)
		if (found[i] != value)
			return false;
	return true;
}

/* Answered, and a while later the Launcher is killed. */
static void play_killed(void)
{
	const int file = image("killed");

	bring_up_disk(DISK_FEATURES);
	write_sectors(7, 2, 0x44);
	for (int i = 0; i < 50000 && !(holds(file, 7, 0x44) && holds(file, 8, 0x44)); i++)
		usleep(100);
	kill(getpid(), SIGKILL);
}

/* Answered, flushed, and at once the Launcher is killed. */
static void play_flushed(void)
{
	bring_up_disk(DISK_FEATURES);
	for (unsigned int i = 0; i < 64; i += 3)
		write_sectors(i, 1, 0x44);
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == 0);
	kill(getpid(), SIGKILL);
}

/* Two requests for one sector each, at once: @type, from @sector on, with memory at @at and @other. */
static void request_pair(uint32_t type, uint32_t sector, uint32_t at, uint32_t other)
{
	const unsigned int write = type == VIRTIO_BLK_T_OUT ? 0 : VRING_DESC_F_WRITE;
	struct vring_avail *avail = requests.ring.avail;

	for (unsigned int i = 0; i < 2; i++) {
		const struct virtio_blk_outhdr header = { .type = type, .sector = sector + i };
		const unsigned int slot = (avail->idx + i) % requests.ring.num;
		const uint32_t table = 0x4000 + 0x100 * i;

		memcpy(base + HEADER + 16 * i, &header, sizeof(header));
		base[STATUS + i] = 0xff;
		describe(table, 0, HEADER + 16 * i, 16, VRING_DESC_F_NEXT, 1);
		describe(table, 1, i ? other : at, 512, VRING_DESC_F_NEXT | write, 2);
		describe(table, 2, STATUS + i, 1, VRING_DESC_F_WRITE, 0);
		requests.ring.desc[slot] = (struct vring_desc) { table, 48, VRING_DESC_F_INDIRECT, 0 };
		avail->ring[slot] = slot;
	}
	__atomic_store_n(&avail->idx, avail->idx + 2, __ATOMIC_RELEASE);
	notify(requests.at);
	used(&requests);
	used(&requests);
}

/* The Host's disk fails: that is told, and nobody makes it good by another way. */
static void play_faulty(void)
{
	const int past = open((const char *)base + 0x1000 + strlen("faulty "), O_RDWR | O_DIRECT);

	bring_up_disk(DISK_FEATURES);
	expect(past >= 0);
	bad_events = -EIO;
	expect(request(VIRTIO_BLK_T_IN, 3, 512, true) == VIRTIO_BLK_S_IOERR);
	request_pair(VIRTIO_BLK_T_OUT, 20, DATA, DATA + 512);
	expect(base[STATUS] == VIRTIO_BLK_S_IOERR && base[STATUS + 1] == VIRTIO_BLK_S_IOERR);
	expect(reads == 0 && writes == 0);
	bad_events = -EAGAIN;
	expect(read_sector(3) == 3);
	bad_events = 0;
	expect(read_sector(3) == 3);
}

/* A read of what should be in the Host's cache fails: once is enough, and it was the main thread that tried. */
static void play_failing(void)
{
	bring_up_disk(DISK_FEATURES);
	bad_reads = EIO;
	expect(request(VIRTIO_BLK_T_IN, 3, 512, true) == VIRTIO_BLK_S_IOERR && reads == 1);
	bad_reads = 0;
	expect(read_sector(3) == 3);
}

/* Neighbours in a page, one of them at an odd address: neither spoils the other. */
static void play_mixed(void)
{
	const int file = open((const char *)base + 0x1000 + strlen("mixed "), O_RDWR | O_DIRECT);

	expect(file >= 0);
	bring_up_disk(DISK_FEATURES);
	for (unsigned int round = 1; round < 1500; round++) {
		const uint32_t odd = DATA + 7, even = DATA + 1024;

		memset(base + odd, 0x80 | round, 512);
		memset(base + even, round | 1, 512);
		request_pair(VIRTIO_BLK_T_OUT, 16, round % 2 ? odd : even, round % 2 ? even : odd);
		expect(base[STATUS] == 0 && base[STATUS + 1] == 0);
		expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == 0);
		request_pair(VIRTIO_BLK_T_IN, 16, DATA + 2048, DATA + 4096 + 3);
		expect(all(DATA + 2048, 512, round % 2 ? 0x80 | round : round | 1));
		expect(all(DATA + 4096 + 3, 512, round % 2 ? round | 1 : 0x80 | round));
	}
	expect(writes > 0 && cached == 0);
}

static atomic_int bad_syncs;		/* how often fdatasync() shall fail */

int __real_fdatasync(int file);
int __wrap_fdatasync(int file)
{
	if (bad_syncs > 0) {
		bad_syncs--;
		errno = EIO;
		return -1;
	}
	return __real_fdatasync(file);
}

/* From now on the file can, or cannot, be written beyond its sector 16. */
static void fill_host(bool full)
{
	const struct rlimit limit = { full ? 16 * 512 : RLIM_INFINITY, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	expect(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/*
 * What was answered cannot be written, since the Host is full: it is not forgotten, and each read finds it, alone or with
 * its neighbours, until there is room.
 */
static void play_full(void)
{
	struct virtio_blk_discard_write_zeroes range = { .sector = 40, .num_sectors = 1 };
	const int file = image("full");
	const int past = open((const char *)base + 0x1000 + strlen("full "), O_RDWR | O_DIRECT);

	bring_up_disk(DISK_FEATURES);
	write_sectors(8, 1, 0x11);
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == 0);
	fill_host(true);
	memset(base + DATA, 0x22, 1024);
	expect(request(VIRTIO_BLK_T_OUT, 40, 1024, false) ==
	       (unsigned int)(past < 0 ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_OK));
	if (past < 0) {
		expect(read_sector(40) == 40);
		return;
	}
	expect(read_sector(40) == 0x22);
	for (unsigned int i = 0; i < 2; i++) {
		expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == VIRTIO_BLK_S_IOERR);
		expect(read_sector(40) == 0x22 && read_sector(8) == 0x11 && read_sector(42) == 42);
		expect(request(VIRTIO_BLK_T_IN, 39, 4 * 512, true) == 0);
		expect(all(DATA, 512, 39) && all(DATA + 512, 1024, 0x22) && all(DATA + 1536, 512, 42));
		write_sectors(3, 1, 0x33);
		expect(read_sector(3) == 0x33);
	}
	expect(holds(file, 40, 40) && holds(file, 3, 0x33));

	/* what is written over it, or over its neighbours */
	write_sectors(41, 1, 0x44);
	expect(read_sector(40) == 0x22 && read_sector(41) == 0x44);
	memset(base + DATA, 0x55, 512);
	expect(request(VIRTIO_BLK_T_OUT, 50, 512, false) == VIRTIO_BLK_S_IOERR && read_sector(50) == 50);
	memcpy(base + DATA, &range, 16);
	expect(request(VIRTIO_BLK_T_DISCARD, 0, 16, false) == 0);
	expect(read_sector(40) == 0 && read_sector(41) == 0x44);
	write_sectors(40, 1, 0x66);
	expect(read_sector(40) == 0x66 && read_sector(41) == 0x44);

	/* another life of the driver, and then there is room */
	bring_up_disk(DISK_FEATURES);
	expect(read_sector(40) == 0x66 && read_sector(41) == 0x44);
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == VIRTIO_BLK_S_IOERR);
	fill_host(false);
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == 0);
	expect(holds(file, 40, 0x66) && holds(file, 41, 0x44));
	write_sectors(40, 1, 0x77);
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == 0 && holds(file, 40, 0x77));

	/* and what is kept at the end is tried once more */
	fill_host(true);
	write_sectors(60, 1, 0x88);
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == VIRTIO_BLK_S_IOERR && holds(file, 60, 60));
	fill_host(false);
}

/* What was answered cannot be written until the end. */
static void play_lost(void)
{
	bring_up_disk(DISK_FEATURES);
	fill_host(true);
	write_sectors(40, 1, 0x22);
}

/*
 * Somebody swaps to the disk, never flushes, and now and then the Host is full: a page that could not be written is told
 * of, and each other page is what was written last.
 */
static void play_swapping(void)
{
	unsigned int refused = 0, seen = 0;
	unsigned char should[8] = { 0 };
	bool known[8] = { false }, full = false;

	srandom(2);
	bring_up_disk(DISK_FEATURES);
	for (unsigned int step = 1; step < 4000; step++) {
		const unsigned int page = random() % 8;

		if (random() % 64 == 0) {
			full = !full;
			fill_host(full);
		}
		if (known[page] && random() % 2) {
			expect(request(VIRTIO_BLK_T_IN, page * 8, 4096, true) == 0);
			expect(all(DATA, 4096, should[page]));
			seen++;
		} else {
			memset(base + DATA, step, 4096);
			should[page] = step;
			known[page] = request(VIRTIO_BLK_T_OUT, page * 8, 4096, false) == 0;
			refused += !known[page];
		}
	}
	fill_host(false);
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == 0 && refused > 0 && seen > 0);
	for (unsigned int page = 0; page < 8; page++)
		expect(!known[page] || (request(VIRTIO_BLK_T_IN, page * 8, 4096, true) == 0 &&
					all(DATA, 4096, should[page])));
}

/* The Host cannot tell where its data are: each flush says so, until a reset; for Linux says it only once. */
static void play_unsynced(void)
{
	bring_up_disk(DISK_FEATURES);
	write_sectors(40, 1, 0x33);
	bad_syncs = 1;
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == VIRTIO_BLK_S_IOERR && bad_syncs == 0);
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == VIRTIO_BLK_S_IOERR);
	expect(read_sector(40) == 0x33);
	bring_up_disk(DISK_FEATURES);
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == 0);
	expect(read_sector(40) == 0x33 && !disk_needs_reset());
}

/* --- a driver that breaks every rule, in every queue */

/* Write nonsense number @kind into @queue; return false if there are no more kinds. */
static bool nonsense(struct end *queue, unsigned int kind)
{
	const unsigned int num = queue->ring.num;
	struct vring_desc *desc = queue->ring.desc;

	switch (kind) {
	case 0:		/* a loop */
		desc[0] = (struct vring_desc) { 0x3000, 1, VRING_DESC_F_NEXT, 0 };
		break;
	case 1:		/* a head outside the table */
		queue->ring.avail->ring[0] = num;
		break;
	case 2:		/* a next outside the table */
		desc[0] = (struct vring_desc) { 0x3000, 1, VRING_DESC_F_NEXT, 0xffff };
		break;
	case 3:		/* memory that is not there */
		desc[0] = (struct vring_desc) { ram - 1, 2, 0, 0 };
		break;
	case 4:
		desc[0] = (struct vring_desc) { UINT64_MAX - 3, 8, VRING_DESC_F_WRITE, 0 };
		break;
	case 5:		/* the ring itself is no RAM */
		desc[0] = (struct vring_desc) { queue->at, 16, 0, 0 };
		break;
	case 6:		/* an indirect table, oversize */
		desc[0] = (struct vring_desc) { 0x4000, 16 * (num + 1), VRING_DESC_F_INDIRECT, 0 };
		break;
	case 7:
		desc[0] = (struct vring_desc) { 0x4000, 0xfffffff0, VRING_DESC_F_INDIRECT, 0 };
		break;
	case 8:		/* of no entries, of a part of one, outside memory */
		desc[0] = (struct vring_desc) { 0x4000, 0, VRING_DESC_F_INDIRECT, 0 };
		break;
	case 9:
		desc[0] = (struct vring_desc) { 0x4000, 24, VRING_DESC_F_INDIRECT, 0 };
		break;
	case 10:
		desc[0] = (struct vring_desc) { ram - 16, 32, VRING_DESC_F_INDIRECT, 0 };
		break;
	case 11:	/* in itself; with a loop in it */
		describe(0x4000, 0, 0x4000, 16, VRING_DESC_F_INDIRECT, 0);
		desc[0] = (struct vring_desc) { 0x4000, 16, VRING_DESC_F_INDIRECT, 0 };
		break;
	case 12:
		describe(0x4000, 0, 0x3000, 1, VRING_DESC_F_NEXT, 0);
		desc[0] = (struct vring_desc) { 0x4000, 16, VRING_DESC_F_INDIRECT, 0 };
		break;
	case 13:	/* followed by another one */
		describe(0x4000, 0, 0x3000, 1, 0, 0);
		desc[0] = (struct vring_desc) { 0x4000, 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 1 };
		break;
	case 14:	/* to read after to write */
		desc[0] = (struct vring_desc) { 0x3000, 1, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1 };
		desc[1] = (struct vring_desc) { 0x3000, 1, 0, 0 };
		break;
	case 15:	/* all of memory, twice */
		desc[0] = (struct vring_desc) { 0, ram, VRING_DESC_F_NEXT, 1 };
		desc[1] = (struct vring_desc) { 0, ram, 0, 0 };
		break;
	case 16:	/* an index that jumps, forwards or backwards */
		__atomic_store_n(&queue->ring.avail->idx, num + 1, __ATOMIC_RELEASE);
		return true;
	case 17:
		__atomic_store_n(&queue->ring.avail->idx, 0xffff, __ATOMIC_RELEASE);
		return true;
	default:
		return false;
	}
	__atomic_store_n(&queue->ring.avail->idx, 1, __ATOMIC_RELEASE);
	return true;
}

/*
 * A disk, a console's input (which looks at its ring only 0.3 s after it is ready) and its
 * output: each fails, the others go on, and a reset mends it.
 */
static void play_hostile(void)
{
	unsigned int news, kinds = 0;

	bring_up_disk(DISK_FEATURES);
	bring_up();
	for (; nonsense(&requests, kinds); kinds++) {
		news = interrupts[NEWS];
		notify(requests.at);
		await(disk_needs_reset);
		for (int i = 0; i < 50000 && interrupts[NEWS] == news; i++)
			usleep(100);
		expect(interrupts[NEWS] == news + 1);
		if (kinds % 6 == 0)
			say("the console goes on\n");
		bring_up_disk(DISK_FEATURES);
		expect(request(VIRTIO_BLK_T_IN, 3, 512, true) == 0 && all(DATA, 512, 3));
		bring_up_disk(DISK_FEATURES);
	}
	for (unsigned int queue = 0; queue < 2; queue++) {
		for (unsigned int kind = 0; kind < kinds; kind += queue ? 1 : 5) {
			find_console();
			bring_up_with(console, FEATURE(VIRTIO_RING_F_INDIRECT_DESC));
			nonsense(queue ? &output : &input, kind);
			notify(queue ? output.at : input.at);
			await(needs_reset);
			expect(request(VIRTIO_BLK_T_IN, 3, 512, true) == 0);
		}
	}
	find_console();
	bring_up_with(console, 0);
	say("and all is well\n");
}

/* The button is pressed: its byte is set (config space: no race), and the bus's line was raised. */
static volatile uint8_t *button;

static bool __attribute__((no_sanitize("thread"))) pressed(void)
{
	return *button && interrupts[NEWS] > 0;
}

static volatile uint8_t *find_button(void)
{
	struct lguest_device_desc *power = find_device(LGUEST_DEVICE_POWER);

	expect(power->num_vq == 0 && power->config_len == 1);
	return config_space(power);
}

/* It never has a console. */
static void play_mute(void)
{
	for (;;)
		pause();
}

/* Its first buffer for input is none, so its keys go nowhere. */
static void play_deaf(void)
{
	bring_up();
	offer(&input, 0x3000, 10, 0);
	say("deaf\n");
	play_mute();
}

static void play_hang(void)
{
	bring_up();
	say("up\n");
	for (;;)
		pause();
}

/* More complaints than a terminal that nobody reads can hold. */
static void play_grumble(void)
{
	for (int i = 0; i < 300; i++) {
		bring_up();
		output.ring.avail->idx = 1000;
		notify(output.at);
		expect(needs_reset());
	}
	play_hang();
}

/*
 * Buffers with room for nothing, faster than anybody can look at them, while something is
 * typed: whoever looks must not keep the others from it.
 */
static void play_roomless(void)
{
	const struct vring *ring = &input.ring;

	bring_up();
	for (unsigned int i = 0; i < ring->num; i++) {
		ring->desc[i] = (struct vring_desc) { 0x4000, 0, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, i + 1 };
		ring->avail->ring[i] = 0;
	}
	ring->desc[ring->num - 1].flags = VRING_DESC_F_WRITE;
	say("up\n");
	__atomic_store_n(&ring->avail->idx, ring->num, __ATOMIC_RELEASE);
	notify(input.at);
	for (;;)
		__atomic_store_n(&ring->avail->idx, __atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE) + ring->num,
				 __ATOMIC_RELEASE);
}

/* What a disk has answered cannot be written, and the end does not come by itself. */
static void play_owing(void)
{
	play_lost();
	expect(request(VIRTIO_BLK_T_FLUSH, 0, 0, false) == VIRTIO_BLK_S_IOERR);
	play_hang();
}

/* The second console, whose other end is a client of a socket, or nobody. */
static struct lguest_device_desc *console2;
static struct end input2, output2;

static bool console2_needs_reset(void)
{
	return __atomic_load_n(&console2->status, __ATOMIC_SEQ_CST) & VIRTIO_CONFIG_S_NEEDS_RESET;
}

static void bring_up_console2(uint64_t features)
{
	find_console();
	console2 = (void *)((char *)config_space(console) + console->config_len);
	expect(console2->type == 3 && console2->num_vq == 4);
	find_queue(console2, &input2, 0);
	find_queue(console2, &output2, 1);
	bring_up_with(console2, features);
}

static bool printed2(void)
{
	return __atomic_load_n(&output2.ring.used->idx, __ATOMIC_ACQUIRE) != output2.seen;
}

/* Print the @bytes at @at on the second console; it must come back before the kick is over. */
static void print2(uint32_t at, uint32_t bytes)
{
	offer(&output2, at, bytes, 0);
	expect(printed2());
	used(&output2);
}

/* Two consoles, and nothing happens. */
static void play_doze(void)
{
	bring_up_console2(0);
	play_hang();
}

/* Print on the second console until somebody stops taking it: a buffer has not come back in 300 ms. */
static void get_stuck(void)
{
	unsigned int tenths = 0;

	while (tenths < 3) {
		offer(&output2, 0x10000, 4095, 0);
		for (tenths = 0; tenths < 3 && !printed2(); tenths++)
			usleep(100000);
		output2.seen += tenths < 3;
	}
}

static unsigned int milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A client that does not read: meanwhile the first console works, a reset is quick, and at last it powers off. */
static void play_stuck(void)
{
	unsigned int start;

	bring_up_console2(0);
	bring_up();
	say("ready\n");
	offer(&input2, 0x4000, 100, VRING_DESC_F_WRITE);
	used(&input2);
	get_stuck();
	for (int i = 0; i < 100; i++)
		say(".");
	for (int i = 0; i < 20; i++)
		offer(&output2, 0x10000, 4095, 0);
	expect(!printed2());
	start = milliseconds();
	bring_up_console2(0);
	expect(milliseconds() - start < 3000);
	get_stuck();
	say("goodbye\n");
}

/* The same, and it waits for its buffer whatever happens, as Linux does; then it is asked to power off. */
static void play_patient(void)
{
	bring_up_console2(0);
	bring_up();
	button = find_button();
	say("ready\n");
	offer(&input2, 0x4000, 100, VRING_DESC_F_WRITE);
	used(&input2);
	get_stuck();
	say("stuck\n");
	while (!printed2())
		usleep(1000);
	used(&output2);
	say("free\n");
	await(pressed);
	for (int i = 0; i < 100; i++)
		print2(0x10000, 4095);
}

/* The second console is told of its port when the first one is open, or gone. */
static void play_turns(void)
{
	struct end tells2, hears2;

	for (unsigned int gone = 0; gone < 2; gone++) {
		find_console();
		bring_up_with(console, FEATURE(VIRTIO_CONSOLE_F_MULTIPORT));
		bring_up_console2(FEATURE(VIRTIO_CONSOLE_F_MULTIPORT));
		find_queue(console2, &tells2, 2);
		find_queue(console2, &hears2, 3);
		listen_to(&tells, 1);
		listen_to(&tells2, 1);
		message(&hears2, -1, VIRTIO_CONSOLE_DEVICE_READY, 1);
		message(&hears, -1, VIRTIO_CONSOLE_DEVICE_READY, 1);
		expect(heard(&tells, VIRTIO_CONSOLE_PORT_ADD));
		usleep(100000);
		expect(__atomic_load_n(&tells2.ring.used->idx, __ATOMIC_ACQUIRE) == 0);
		if (gone)
			status(console, 0);
		else
			message(&hears, 0, VIRTIO_CONSOLE_PORT_OPEN, 1);
		expect(heard(&tells2, VIRTIO_CONSOLE_PORT_ADD));
	}
}

/* Echo what clients say, each line, until there is a full stop; then a flood, all of which is taken, sooner or later. */
static void play_clients(void)
{
	char *text = (char *)base + 0x4000;
	uint32_t bytes;

	bring_up_console2(0);
	bring_up();
	print2(0x4000, 4096);
	say("ready\n");
	do {
		offer(&input2, 0x4000, 100, VRING_DESC_F_WRITE);
		bytes = used(&input2);
		expect(bytes > 0 && bytes <= 100);
		text[bytes] = '\0';
		print2(0x4000, bytes);
	} while (!strchr(text, '.'));
	say("flood\n");
	for (int i = 0; i < 1000; i++) {
		offer(&output2, 0x10000, 4095, 0);
		while (!printed2())
			usleep(100);
		used(&output2);
	}
	say("over\n");
}

/*
 * Nonsense in each queue of the second console (which looks at its input only when a client has
 * said something); the first one never notices.
 */
static void play_neighbours(void)
{
	unsigned int kinds;

	bring_up();
	say("ready\n");
	for (unsigned int queue = 0; queue < 2; queue++) {
		struct end *end = queue ? &output2 : &input2;

		for (kinds = 0; ; kinds += queue ? 1 : 5) {
			bring_up_console2(FEATURE(VIRTIO_RING_F_INDIRECT_DESC));
			if (!nonsense(end, kinds))
				break;
			notify(end->at);
			await(console2_needs_reset);
			notify(end->at);
			say("next door\n");
		}
	}
	print2(0x4000, 0);
	print2(0x4001, 1);
	print2(ram - 1, 1);
	say("good night\n");
}

static void play_log(void)
{
	bring_up_console2(0);
	strcpy((char *)base + 0x4000, "a line\n");
	print2(0x4000, 7);
}

static atomic_bool restless = true;

/* Another processor of the Guest's, which rewrites a table all the time: good, bad, worse. */
static void *rewrite(void *table)
{
	static const struct vring_desc lies[] = {
		{ DATA, 512, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 2 },
		{ 0xfffffff0, 0xffffffff, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 2 },
		{ DATA, 512, VRING_DESC_F_NEXT, 0xffff }, { 0x4000, 48, VRING_DESC_F_INDIRECT, 1 },
		{ UINT64_MAX, 0xffffffff, VRING_DESC_F_WRITE, 1 }, { DATA, 512, VRING_DESC_F_NEXT, 1 }
	};
	volatile struct vring_desc *desc = table;

	for (unsigned int i = 0; restless; i++) {
		const struct vring_desc lie = lies[i % (sizeof(lies) / sizeof(lies[0]))];

		desc->addr = lie.addr;
		desc->len = lie.len;
		desc->flags = lie.flags;
		desc->next = lie.next;
	}
	return NULL;
}

/*
 * Make @rounds requests of the device that @fresh brings up, while what describes them changes all the time: some are
 * answered in @queue, at some the device fails.
 */
static void endure(unsigned int rounds, struct end *queue, void (*fresh)(void), void (*request)(void), bool (*failed)(void))
{
	unsigned int good = 0, bad = 0;
	pthread_t other;

	fresh();
	expect(pthread_create(&other, NULL, rewrite, base + 0x4010) == 0);
	while (good + bad < rounds) {
		request();
		while (!failed() && __atomic_load_n(&queue->ring.used->idx, __ATOMIC_ACQUIRE) == queue->seen)
			usleep(1);
		if (failed()) {
			bad++;
			fresh();
		} else {
			queue->seen++;
			good++;
		}
	}
	restless = false;
	pthread_join(other, NULL);
	expect(good > 0 && bad > 0);
}

static void fresh_console2(void)
{
	bring_up_console2(FEATURE(VIRTIO_RING_F_INDIRECT_DESC));
}

static void print_something(void)
{
	describe(0x4000, 0, DATA, 16, VRING_DESC_F_NEXT, 1);
	describe(0x4000, 2, DATA, 1, 0, 0);
	offer(&output2, 0x4000, 48, VRING_DESC_F_INDIRECT);
}

/* A console's output, while its table changes. */
static void play_fickle(void)
{
	endure(3000, &output2, fresh_console2, print_something, console2_needs_reset);
	bring_up();
	say("calm\n");
}

static void fresh_disk(void)
{
	bring_up_disk(DISK_FEATURES);
}

static void read_something(void)
{
	const struct virtio_blk_outhdr header = { .type = VIRTIO_BLK_T_IN, .sector = 3 };

	memcpy(base + HEADER, &header, sizeof(header));
	describe(0x4000, 0, HEADER, 16, VRING_DESC_F_NEXT, 1);
	describe(0x4000, 2, STATUS, 1, VRING_DESC_F_WRITE, 0);
	offer(&requests, 0x4000, 48, VRING_DESC_F_INDIRECT);
}

static void play_restless(void)
{
	endure(3000, &requests, fresh_disk, read_something, disk_needs_reset);
}

/* --- dice and a balloon */

static struct lguest_device_desc *other;	/* the one of them that is tried */
static struct end others[4];			/* its queues */

/* Find the device of @type, and make it ready with @features besides the usual ones. */
static void bring_up_other(unsigned int type, uint64_t features)
{
	other = find_device(type);
	expect(other->num_vq <= 4);
	for (unsigned int i = 0; i < other->num_vq; i++)
		find_queue(other, &others[i], i);
	bring_up_with(other, features | FEATURE(VIRTIO_RING_F_INDIRECT_DESC));
}

static bool other_needs_reset(void)
{
	return __atomic_load_n(&other->status, __ATOMIC_SEQ_CST) & VIRTIO_CONFIG_S_NEEDS_RESET;
}

#define DICE	4

static void play_dice(void)
{
	bring_up_other(DICE, 0);
	offer(&others[0], 0x3000, 64, VRING_DESC_F_WRITE);
	expect(used(&others[0]) == 64);
	offer(&others[0], 0x3040, 64, VRING_DESC_F_WRITE);
	expect(used(&others[0]) == 64 && memcmp(base + 0x3000, base + 0x3040, 64) != 0);
	offer(&others[0], 0x100000, 0x100000, VRING_DESC_F_WRITE);
	expect(used(&others[0]) == PAGE && all(0x101000, PAGE, 0));
	memset(base + 0x3000, 0, 64);
	describe(0x4000, 0, 0x3000, 0, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	describe(0x4000, 1, 0x3000, 16, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 2);
	describe(0x4000, 2, 0x3010, 16, VRING_DESC_F_WRITE, 0);
	offer(&others[0], 0x4000, 48, VRING_DESC_F_INDIRECT);
	expect(used(&others[0]) == 16 && !all(0x3000, 16, 0) && all(0x3010, 48, 0));
}

static atomic_int interruptions;	/* by signals, of the next calls of getrandom() */

ssize_t __real_getrandom(void *to, size_t bytes, unsigned int flags);
ssize_t __wrap_getrandom(void *to, size_t bytes, unsigned int flags)
{
	if (interruptions > 0) {
		interruptions--;
		errno = EINTR;
		return -1;
	}
	return __real_getrandom(to, bytes, flags);
}

/* What a signal has cut short is tried again, though nobody notifies the queue. */
static void play_interrupted(void)
{
	bring_up_other(DICE, 0);
	for (int i = 1; i <= 3; i++) {
		interruptions = i;
		offer(&others[0], 0x3000, PAGE, VRING_DESC_F_WRITE);
		expect(used(&others[0]) == PAGE && interruptions == 0);
	}
}

/* Say what is drawn, up to a full stop; then there is no more, and a reset is still possible. */
static void play_drawn(void)
{
	bring_up();
	bring_up_other(DICE, 0);
	do {
		memset(base + 0x5000, 0, 8);
		offer(&others[0], 0x5000, 7, VRING_DESC_F_WRITE);
		expect(used(&others[0]) > 0);
		say((char *)base + 0x5000);
	} while (!strchr((char *)base + 0x5000, '.'));
	for (int i = 0; i < 2; i++) {
		offer(&others[0], 0x5000, 7, VRING_DESC_F_WRITE);
		usleep(200000);
		expect(others[0].ring.used->idx == others[0].seen && !other_needs_reset());
		bring_up_other(DICE, 0);
	}
}

#define BALLOON		5
#define AIR		(FEATURE(VIRTIO_BALLOON_F_STATS_VQ) | FEATURE(VIRTIO_BALLOON_F_REPORTING))

/* The @number page numbers at @list (to a page of the Guest's) go into queue @n. */
static void list_pages(unsigned int n, const uint32_t *list, unsigned int number)
{
	memcpy(base + 0x5000, list, number * sizeof(*list));
	offer(&others[n], 0x5000, number * sizeof(*list), 0);
}

static void play_balloon(void)
{
	static const uint32_t list[] = { 0x701, 0x703, 0x700, 0x703, 0xfff, 0x0 };
	struct virtio_balloon_config config;

	bring_up_other(BALLOON, AIR);
	expect(other->num_vq == 4 && other->config_len == 8);
	memcpy(&config, config_space(other), 8);
	expect(config.num_pages == 2048 && config.actual == 0 && !(other->generation & 1));
	memset(base + 0x6ff000, 0xaa, 6 * PAGE);
	memset(base + ram - 2 * PAGE, 0xaa, 2 * PAGE);
	list_pages(0, list, 6);
	expect(used(&others[0]) == 0);
	expect(all(0x6ff000, PAGE, 0xaa) && all(0x700000, 2 * PAGE, 0) && all(0x702000, PAGE, 0xaa));
	expect(all(0x703000, PAGE, 0) && all(0x704000, PAGE, 0xaa) && all(0, PAGE, 0));
	expect(all(ram - 2 * PAGE, PAGE, 0xaa) && all(ram - PAGE, PAGE, 0));
	memset(base + 0x700000, 0xbb, PAGE);
	list_pages(1, list, 6);
	expect(used(&others[1]) == 0 && all(0x700000, PAGE, 0xbb));

	/* a list in pieces that cut a number in two; free memory, whole pages and not */
	memcpy(base + 0x5000, list, sizeof(list));
	describe(0x4000, 0, 0x5000, 7, VRING_DESC_F_NEXT, 1);
	describe(0x4000, 1, 0x5007, 13, 0, 0);
	offer(&others[0], 0x4000, 32, VRING_DESC_F_INDIRECT);
	expect(used(&others[0]) == 0 && all(0x700000, PAGE, 0) && all(ram - 2 * PAGE, PAGE, 0xaa));
	memset(base + 0x600000, 0xcc, 8 * PAGE);
	describe(0x4000, 0, 0x600000, 3 * PAGE, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	describe(0x4000, 1, 0x603000, 0, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 2);
	describe(0x4000, 2, 0x604010, 2 * PAGE, VRING_DESC_F_WRITE, 0);
	offer(&others[3], 0x4000, 48, VRING_DESC_F_INDIRECT);
	expect(used(&others[3]) == 0 && all(0x600000, 3 * PAGE, 0) && all(0x603000, PAGE + 16, 0xcc));
	expect(all(0x604010, 2 * PAGE, 0) && all(0x606010, PAGE, 0xcc));
	expect(!other_needs_reset());
}

/* Each rule of the lists, of the statistics and of the dice broken; then all those of rings. */
static void play_unfair(void)
{
	static const uint32_t nowhere[] = { 0x1000, 0xffffffff, 0x100010, 0x80000000 };
	unsigned int kinds = 0;

	for (int i = 0; i < 4; i++) {
		const uint32_t list[] = { 0x700, nowhere[i] };

		bring_up_other(BALLOON, AIR);
		list_pages(i % 2, list, 2);
		await(other_needs_reset);
	}
	for (unsigned int i = 0; i < 8; i++) {
		static const struct { uint8_t queue, write; uint32_t bytes; } lies[] = {
			{ 0, 0, 5 }, { 0, 1, 8 }, { 1, 0, 4 * (0x1000 + 1) }, { 1, 1, 4 },
			{ 2, 0, 11 }, { 2, 0, 10 * 65 }, { 2, 1, 10 }, { 3, 0, PAGE }
		};

		bring_up_other(BALLOON, AIR);
		offer(&others[lies[i].queue], 0x200000, lies[i].bytes,
		      lies[i].write ? VRING_DESC_F_WRITE : 0);
		await(other_needs_reset);
	}
	for (unsigned int bytes = 0; bytes < 16; bytes += 8) {
		bring_up_other(DICE, 0);
		offer(&others[0], 0x3000, bytes, bytes ? 0 : VRING_DESC_F_WRITE);
		await(other_needs_reset);
	}
	for (unsigned int queue = 0; queue < 5; queue++) {
		for (unsigned int kind = 0; kind < 18; kind++) {
			bring_up_other(queue < 4 ? BALLOON : DICE, queue < 4 ? AIR : 0);
			expect(nonsense(&others[queue % 4], kind));
			notify(others[queue % 4].at);
			await(other_needs_reset);
			kinds++;
		}
	}
	expect(kinds == 90);
	bring_up();
	say("all is well\n");
}

/* --- a network, whose other end is ours as well: --net=fd:40 */

#define CABLE		40
#define WORLD		41
#define HEADER_BYTES	12u
#define NET_FEATURES	(FEATURE(VIRTIO_NET_F_MAC) | FEATURE(VIRTIO_NET_F_STATUS) | \
			 FEATURE(VIRTIO_NET_F_MRG_RXBUF) | FEATURE(VIRTIO_RING_F_INDIRECT_DESC))

static struct lguest_device_desc *net;
static struct end arriving, leaving;

static void __attribute__((constructor)) lay_cable(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0) {
		dup2(ends[0], CABLE);
		dup2(ends[1], WORLD);
		close(ends[0]);
		close(ends[1]);
	}
}

static void bring_up_net(uint64_t features)
{
	console = (void *)(base + ram);
	net = (void *)((char *)config_space(console) + console->config_len);
	expect(net->type == 1 && net->num_vq == 2);
	find_queue(net, &arriving, 0);
	find_queue(net, &leaving, 1);
	bring_up_with(net, features);
}

static bool net_needs_reset(void)
{
	return __atomic_load_n(&net->status, __ATOMIC_SEQ_CST) & VIRTIO_CONFIG_S_NEEDS_RESET;
}

/* The world sends a frame of @bytes, each @value, behind a header with @flags. */
static void world_sends(uint32_t bytes, int value, uint8_t flags)
{
	static unsigned char message[HEADER_BYTES + 200000];

	memset(message, 0, HEADER_BYTES);
	message[0] = flags;
	memset(message + HEADER_BYTES, value, bytes);
	expect(write(WORLD, message, HEADER_BYTES + bytes) > 0);
}

/* The same with the whole header. */
static void world_sends_header(struct virtio_net_hdr_v1 header, uint32_t bytes, int value)
{
	unsigned char message[sizeof(header) + 100];

	expect(bytes <= 100);
	memcpy(message, &header, sizeof(header));
	memset(message + sizeof(header), value, bytes);
	expect(write(WORLD, message, sizeof(header) + bytes) > 0);
}

/* Does the world get a frame of @bytes, each @value? */
static bool world_gets(uint32_t bytes, unsigned char value)
{
	static unsigned char message[HEADER_BYTES + 70000];
	const ssize_t got = recv(WORLD, message, sizeof(message), 0);

	for (uint32_t i = HEADER_BYTES; i < HEADER_BYTES + bytes; i++)
		if (message[i] != value)
			return false;
	return got == (ssize_t)(HEADER_BYTES + bytes);
}

/* Send a frame: the header, which is at 0x3000, and @bytes behind it. */
static void leave(uint32_t bytes, unsigned char value)
{
	memset(base + 0x3000 + HEADER_BYTES, value, bytes);
	offer(&leaving, 0x3000, HEADER_BYTES + bytes, 0);
	expect(used(&leaving) == 0);
}

static void exchange(void)
{
	memset(base + 0x3000, 0, HEADER_BYTES);
	leave(60, 0x77);
	expect(world_gets(60, 0x77));
	world_sends(60, 0x33, 0);
	offer(&arriving, DATA, 100, VRING_DESC_F_WRITE);
	expect(used(&arriving) == HEADER_BYTES + 60);
	expect(all(DATA, 10, 0) && base[DATA + 10] == 1 && base[DATA + 11] == 0 && all(DATA + 12, 60, 0x33));
}

/* What it reads may change at any time: that is no race but the device's generation. */
static bool __attribute__((no_sanitize("thread"))) cable_is_out(void)
{
	return *((volatile uint8_t *)config_space(net) + 6) == 0;
}

static bool news_came(void)
{
	return interrupts[NEWS] > 0;
}

/* What a good driver does, and what a bad world does to it. */
static void play_net(void)
{
	static const unsigned char mac[] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

	bring_up_net(NET_FEATURES | FEATURE(VIRTIO_RING_F_EVENT_IDX));
	expect(memcmp(config_space(net), mac, 6) == 0 && !cable_is_out());
	exchange();

	/* a header in twelve pieces, out and in */
	memset(base + 0x3000, 0, HEADER_BYTES);
	memset(base + 0x3100, 0x66, 80);
	for (unsigned int n = 0; n < 12; n++)
		describe(0x4000, n, 0x3000 + n, 1, VRING_DESC_F_NEXT, n + 1);
	describe(0x4000, 12, 0x3100, 80, 0, 0);
	offer(&leaving, 0x4000, 13 * 16, VRING_DESC_F_INDIRECT);
	expect(used(&leaving) == 0 && world_gets(80, 0x66));
	for (unsigned int n = 0; n < 12; n++)
		describe(0x4000, n, DATA + 2 * n, 1, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, n + 1);
	describe(0x4000, 12, DATA + 100, 80, VRING_DESC_F_WRITE, 0);
	memset(base + DATA, 0xff, 200);
	offer(&arriving, 0x4000, 13 * 16, VRING_DESC_F_INDIRECT);
	world_sends(80, 0x55, 0);
	expect(used(&arriving) == 92 && base[DATA + 20] == 1 && base[DATA + 22] == 0 && all(DATA + 100, 80, 0x55));

	/* a frame that waits for buffers, and fills three of them */
	world_sends(100, 0x44, 0);
	for (unsigned int n = 0; n < 3; n++) {
		usleep(5000);
		expect(arriving.ring.used->idx == arriving.seen);
		offer(&arriving, DATA + 50 * n, 50, VRING_DESC_F_WRITE);
	}
	expect(used(&arriving) == 50 && used(&arriving) == 50 && used(&arriving) == 12);
	expect(base[DATA + 10] == 3 && base[DATA + 11] == 0 && all(DATA + 12, 100, 0x44));

	/* frames that nobody can want are lost, and the next one comes */
	expect(write(WORLD, "short", 5) == 5);
	world_sends(13, 1, 0);
	world_sends(65555, 1, 0);
	world_sends_header((struct virtio_net_hdr_v1) { .gso_type = VIRTIO_NET_HDR_GSO_TCPV4 }, 60, 1);
	for (unsigned int start = 0; start < 4; start++)
		world_sends_header((struct virtio_net_hdr_v1) {
			.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = start & 1 ? 0xffff : 59,
			.csum_offset = start & 2 ? 0xffff : 0 }, 60, 1);
	exchange();

	/* flags that the driver has not agreed to are taken off, and what they ask for is done */
	world_sends_header((struct virtio_net_hdr_v1) { .flags = 0xff & ~VIRTIO_NET_HDR_F_NEEDS_CSUM }, 60, 3);
	offer(&arriving, DATA, 100, VRING_DESC_F_WRITE);
	expect(used(&arriving) == HEADER_BYTES + 60 && base[DATA] == 0 && all(DATA + 12, 60, 3));
	world_sends_header((struct virtio_net_hdr_v1) {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 21, .csum_offset = 4 }, 60, 3);
	offer(&arriving, DATA, 100, VRING_DESC_F_WRITE);
	expect(used(&arriving) == HEADER_BYTES + 60 && all(DATA, 10, 0));
	/* 39 bytes of 3: 19 words 0x0303 and 0x0300 are 0x3c39 */
	expect(base[DATA + 12 + 25] == 0xc3 && base[DATA + 12 + 26] == 0xc6);

	/* the same on the way out: unknown flags mean nothing */
	memset(base + 0x3000, 0, HEADER_BYTES);
	base[0x3000] = 0xff & ~VIRTIO_NET_HDR_F_NEEDS_CSUM;
	leave(60, 0x78);
	expect(world_gets(60, 0x78));
	leave(69000, 1);
	exchange();
	for (unsigned int n = 0; n < arriving.ring.num; n++)
		offer(&arriving, DATA, 12, VRING_DESC_F_WRITE);
	world_sends(2000, 1, 0);
	world_sends(50, 2, 0);
	for (unsigned int n = 0; n < 6; n++)
		expect(used(&arriving) == (n < 5 ? 12 : 2));

	/* a driver that has not heard of merging */
	bring_up_net(0);
	offer(&arriving, DATA, 100, VRING_DESC_F_WRITE);
	world_sends(90, 1, 0);
	world_sends(40, 2, 0);
	expect(used(&arriving) == 52 && base[DATA + 10] == 1 && all(DATA + 12, 40, 2));
	exchange();
	expect(!net_needs_reset());

	/* the world ends */
	interrupts[NEWS] = 0;
	close(WORLD);
	await(news_came);
	expect(cable_is_out());
	expect(!(net->generation & 1) && !net_needs_reset());
	leave(60, 0x77);
}

/* A world that does not read: 128 frames wait, and each would be worth a tenth of a second. */
static void stall(void)
{
	const int few = 1;		/* the least: a handful of frames */

	setsockopt(CABLE, SOL_SOCKET, SO_SNDBUF, &few, sizeof(few));
	bring_up();
	bring_up_net(NET_FEATURES);
	memset(base + 0x3000, 0, HEADER_BYTES);
	for (unsigned int n = 0; n < leaving.ring.num; n++)
		offer(&leaving, 0x3000, HEADER_BYTES + 60, 0);
}

/* A reset takes one tenth, not thirteen seconds; and the card is well after it. */
static void play_netstall(void)
{
	char frame[100];

	stall();
	expect(status(net, 0) == 0);
	while (recv(WORLD, frame, sizeof(frame), MSG_DONTWAIT) == HEADER_BYTES + 60)
		;
	bring_up_net(NET_FEATURES);
	exchange();
	say("no wait\n");
}

/* Nor does it take longer to power off. */
static void play_offstall(void)
{
	stall();
}

static bool world_is_read(void)
{
	int bytes;

	expect(ioctl(WORLD, SIOCOUTQ, &bytes) == 0);
	return bytes == 0;
}

/* A driver that sends though somebody has pulled the cable out; and another one after a reboot. */
static void play_pulled(void)
{
	char frame[100];

	bring_up();
	bring_up_net(NET_FEATURES);
	if (lives == 2) {
		expect(cable_is_out());
		say("still out\n");
		return;
	}
	exchange();
	interrupts[NEWS] = 0;
	say("up\n");
	await(news_came);
	expect(cable_is_out());
	memset(base + 0x3000, 0, HEADER_BYTES);
	leave(60, 1);
	expect(recv(WORLD, frame, sizeof(frame), MSG_DONTWAIT) < 0 && errno == EAGAIN);
	world_sends(60, 1, 0);
	await(world_is_read);
	interrupts[NEWS] = 0;
	say("out\n");
	await(news_came);
	expect(!cable_is_out());
	exchange();
	interrupts[NEWS] = 0;
	say("in\n");
	await(news_came);
	expect(cable_is_out());
	end(ERESTART, "again");
}

/* A driver that breaks every rule, in both queues, and those of networks. */
static void play_netfoe(void)
{
	unsigned int news, kinds = 0;

	bring_up();
	for (unsigned int side = 0; side < 2; side++) {
		for (kinds = 0;; kinds++) {
			struct end *queue = side ? &leaving : &arriving;

			bring_up_net(NET_FEATURES);
			news = interrupts[NEWS];
			if (!nonsense(queue, kinds))
				break;
			if (side)
				notify(queue->at);
			else	/* buffers are looked at when there is a frame */
				world_sends(60, 1, 0);
			await(net_needs_reset);
			for (int i = 0; i < 50000 && interrupts[NEWS] == news; i++)
				usleep(100);
			bring_up_net(NET_FEATURES);
			exchange();
		}
	}
	for (unsigned int kind = 0; kind < 9; kind++) {
		bring_up_net(NET_FEATURES);
		memset(base + 0x3000, 0, HEADER_BYTES);
		switch (kind) {
		case 0:		/* no whole header, a header that is to be written, and what was not agreed */
			offer(&leaving, 0x3000, 11, 0);
			break;
		case 1:
			offer(&leaving, 0x3000, 72, VRING_DESC_F_WRITE);
			break;
		case 2:
			base[0x3000] = VIRTIO_NET_HDR_F_NEEDS_CSUM;
			offer(&leaving, 0x3000, 72, 0);
			break;
		case 3:
			base[0x3001] = VIRTIO_NET_HDR_GSO_TCPV4;
			offer(&leaving, 0x3000, 72, 0);
			break;
		case 4:
			base[0x3001] = 0x7f;
			offer(&leaving, 0x3000, 72, 0);
			break;
		case 5:
			base[0x3001] = VIRTIO_NET_HDR_GSO_ECN;
			offer(&leaving, 0x3000, 72, 0);
			break;
		case 6:		/* a frame's buffer that is to be read, or has no room for a header */
			offer(&arriving, DATA, 100, 0);
			world_sends(60, 1, 0);
			break;
		case 7:
			offer(&arriving, DATA, 11, VRING_DESC_F_WRITE);
			world_sends(60, 1, 0);
			break;
		case 8:		/* features that were never offered, while it runs; and their use */
			status(net, READY & ~VIRTIO_CONFIG_S_FEATURES_OK);
			agree(net, NET_FEATURES | FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_NET_F_CSUM) |
			      FEATURE(VIRTIO_NET_F_HOST_TSO4));
			base[0x3000] = VIRTIO_NET_HDR_F_NEEDS_CSUM;
			base[0x3001] = VIRTIO_NET_HDR_GSO_TCPV4;
			offer(&leaving, 0x3000, 72, 0);
			status(net, READY);
			break;
		}
		await(net_needs_reset);
	}
	bring_up_net(NET_FEATURES);
	exchange();
	say("and all is well\n");
}

static void fresh_net(void)
{
	bring_up_net(NET_FEATURES);
}

static void receive_something(void)
{
	describe(0x4000, 0, HEADER, 12, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 1);
	describe(0x4000, 2, STATUS, 1, VRING_DESC_F_WRITE, 0);
	world_sends(60, 1, 0);
	offer(&arriving, 0x4000, 48, VRING_DESC_F_INDIRECT);
}

/* Frames arrive in buffers whose description changes all the time. */
static void play_netrestless(void)
{
	endure(2000, &arriving, fresh_net, receive_something, net_needs_reset);
}

/* Headers that were agreed on, but lie: the Host's kernel is to find out. Needs a tap. */
static void play_tap(void)
{
	static const struct virtio_net_hdr_v1 lies[] = {
		{ .flags = 1, .csum_start = 0xffff, .csum_offset = 0xffff },
		{ .flags = 1, .csum_start = 14, .csum_offset = 60000 },
		{ .flags = 1, .hdr_len = 0xffff, .csum_start = 34, .csum_offset = 16 },
		{ .gso_type = 1, .gso_size = 0 }, { .gso_type = 1, .gso_size = 1 },
		{ .flags = 1, .gso_type = 1, .gso_size = 1, .hdr_len = 54, .csum_start = 34, .csum_offset = 16 },
		{ .flags = 1, .gso_type = 0x81, .gso_size = 0xffff, .hdr_len = 0, .csum_start = 1, .csum_offset = 1 },
		{ .flags = 1, .gso_type = 4, .gso_size = 1448, .hdr_len = 74, .csum_start = 54, .csum_offset = 16 }
	};
	static const uint32_t lengths[] = { 0, 1, 13, 14, 60, 1514, 65535, 65553, 65554, 500000 };
	uint64_t offer;

	bring_up();
	bring_up_net(0);
	memcpy(&offer, offered(net), 8);
	expect(offer & FEATURE(VIRTIO_NET_F_CSUM) && offer & FEATURE(VIRTIO_NET_F_HOST_TSO4));
	bring_up_net(offer & ~FEATURE(VIRTIO_RING_F_EVENT_IDX));
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
			for (unsigned int j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++) {
				memcpy(base + 0x3000, &lies[i], HEADER_BYTES);
				leave(lengths[j], 0x45);
				expect(!net_needs_reset());
			}
		}
	}
	say("the tap survives\n");
}

/* All of the bus page is the Guest's to spoil. */
static void play_vandal(void)
{
	bring_up();
	for (uint32_t at = ram; at < ram + PAGE; at++)
		base[at] = at == ram + 4 ? READY : 0xff;
	say("unmoved\n");
	status(console, 0);
}

static void play_text(void)
{
	strcpy((char *)base + 0x3000, "early\n");
	notify(0x3000);
	memset(base + ram - 3, '!', 3);
	notify(ram - 3);
	memset(base + 0x4000, '?', 2 * PAGE);
	notify(0x4000);
}

static void play_reboot(void)
{
	bring_up();
	expect(memcmp(base + 0x100000, "KERN", 4) == 0);
	expect(base[0x200000] == 0 && base[0x3000] == 0);
	base[0x200000] = base[0x100000] = 1;
	say(lives == 1 ? "one\n" : lives == 2 ? "two\n" : "three\n");
	if (lives < 3)
		end(ERESTART, "again");
}

/* The boot parameters: offsets from Documentation/x86/zero-page.rst and boot.rst. */
static void play_boot(void)
{
	const unsigned char *p = base;
	uint64_t e820[2];
	uint32_t type, ramdisk, size;

	memcpy(e820, p + 0x2d0, 16);
	memcpy(&type, p + 0x2e0, 4);
	expect(p[0x1e8] == 1 && e820[0] == 0 && e820[1] == ram && type == 1);
	expect(memcmp(p + 0x202, "HdrS", 4) == 0 && p[0x210] == 0xff && p[0x23c] == 1);
	expect(p[0x229] == 0x10 && strcmp((char *)p + 0x1000, "boot two words") == 0);
	memcpy(&ramdisk, p + 0x218, 4);
	memcpy(&size, p + 0x21c, 4);
	expect(size == 5001 && ramdisk == ram - 2 * PAGE);
	expect(memcmp(p + ramdisk + 4997, "disk", 4) == 0);
}

static void play_power(void)
{
	bring_up();
	button = find_button();
	if (lives == 1)
		say("up\n");
	await(pressed);
	say("pressed\n");
}

static void play_power_reboot(void)
{
	if (lives == 2) {
		bring_up();
		expect(!*find_button());
		say("again\n");
	}
	play_power();
	if (lives == 1)
		end(ERESTART, "again");
}

static void *play(void *unused)
{
	static const struct { const char *name; void (*play)(void); } plays[] = {
		{ "echo", play_echo }, { "late", play_late }, { "ports", play_ports }, { "chatter", play_chatter }, { "turns", play_turns }, { "last", play_last },
		{ "polling", play_polling }, { "reset", play_reset }, { "broken", play_broken }, { "parting", play_parting },
		{ "features", play_features }, { "vandal", play_vandal }, { "text", play_text },
		{ "reboot", play_reboot }, { "boot", play_boot }, { "hang", play_hang }, { "roomless", play_roomless }, { "grumble", play_grumble },
		{ "doze", play_doze }, { "stuck", play_stuck }, { "patient", play_patient }, { "mute", play_mute }, { "deaf", play_deaf },
		{ "power-reboot", play_power_reboot }, { "power", play_power },
		{ "numbered", play_numbered }, { "disk", play_disk }, { "pieces", play_pieces },
		{ "only", play_readonly }, { "depth", play_depth }, { "cut", play_cut },
		{ "ahead", play_ahead }, { "tracks", play_tracks }, { "gone", play_gone }, { "refused", play_refused },
		{ "killed", play_killed }, { "flushed", play_flushed }, { "faulty", play_faulty }, { "failing", play_failing },
		{ "mixed", play_mixed }, { "full", play_full }, { "lost", play_lost }, { "owing", play_owing }, { "swapping", play_swapping },
		{ "unsynced", play_unsynced },
		{ "hostile", play_hostile }, { "restless", play_restless },
		{ "dice", play_dice }, { "drawn", play_drawn }, { "interrupted", play_interrupted }, { "balloon", play_balloon },
		{ "unfair", play_unfair },
		{ "clients", play_clients }, { "neighbours", play_neighbours }, { "fickle", play_fickle }, { "log", play_log },
		{ "netfoe", play_netfoe }, { "netrestless", play_netrestless }, { "netstall", play_netstall },
		{ "offstall", play_offstall },
		{ "net", play_net },
		{ "pulled", play_pulled },
		{ "tap", play_tap }
	};
	const char *name = (char *)base + 0x1000;

	(void)unused;
	sem_wait(&run);
	if (strcmp(name, "die") == 0)
		end(ENOENT, "it\nhad \033[31mred eyes");
	if (strcmp(name, "nowhere") == 0)
		notify(ram + 1);
	for (size_t i = 0; i < sizeof(plays) / sizeof(plays[0]); i++) {
		if (strncmp(name, plays[i].name, strlen(plays[i].name)) == 0) {
			plays[i].play();
			end(ESHUTDOWN, "done");
		}
	}
	end(ENOENT, "no such play");
}

/* --- the Host's side */

int __wrap_open(const char *name, int flags, ...)
{
	if (strcmp(name, "/dev/lguest") == 0)
		return door = eventfd(0, EFD_CLOEXEC);
	return __real_open(name, flags);
}

/* The sandbox is for a Launcher without a paper Host, and without sanitizers. */
void close_sandbox(const char *user, const char *root);
void close_sandbox(const char *user, const char *root)
{
	(void)user;
	(void)root;
}

#ifndef __i386__
/* The thread sanitizer is for 64 bits, and there the libraries are not. */
const char *unpack(const unsigned char *from, size_t length, unsigned char *to, size_t size);
const char *unpack(const unsigned char *from, size_t length, unsigned char *to, size_t size)
{
	(void)from, (void)length, (void)to, (void)size;
	return "there is nothing to unpack with";
}
#endif

static int another_guest(void)
{
	sem_init(&run, 0, 0);
	if (stop >= 0)
		__real_close(stop);
	stop = eventfd(0, EFD_CLOEXEC);
	waits = true;
	told = false;
	ended = 0;
	base = NULL;
	num_eventfds = 0;
	num_recalls = 0;
	memset(interrupts, 0, sizeof(interrupts));
	lives++;
	host = eventfd(0, EFD_CLOEXEC);
	return host;
}

void *__real_mmap64(void *at, size_t bytes, int access, int flags, int fd, int64_t from);
void *__wrap_mmap64(void *at, size_t bytes, int access, int flags, int fd, int64_t from)
{
	void *range = __real_mmap64(at, bytes, access, flags, fd, from);

	if (flags & MAP_FIXED)
		mapped = range;
	return range;
}

/* The address with the lower half @low that has its upper half, if this program has 64 bits, in common with @place. */
static void *beside(const void *place, uint32_t low)
{
	return (void *)(((uintptr_t)place & ~(uintptr_t)UINT32_MAX) | low);
}

ssize_t __wrap_write(int fd, const void *from, size_t bytes)
{
	const uint32_t *request = from;

	if (fd == door && request[0] == LHREQ_ANOTHER && bytes == 2 * sizeof(*request)) {
		*(int *)beside(from, request[1]) = another_guest();
		return bytes;
	}
	if (fd != host)
		return __real_write(fd, from, bytes);
	if (request[0] == LHREQ_INITIALIZE && bytes == 4 * sizeof(*request) && !base) {
		base = beside(mapped, request[1]);
		ram = (request[2] - 1 - LGUEST_DEVICE_PAGES) * PAGE;
		owner = pthread_self();
		alive = pthread_create(&guest, NULL, play, NULL) == 0;
	} else if (request[0] == LHREQ_IRQ && bytes == 2 * sizeof(*request) && request[1] < LINES) {
		interrupts[request[1]]++;
	} else if (request[0] == LHREQ_EVENTFD && bytes == 3 * sizeof(*request) && num_eventfds < MOST) {
		eventfds[num_eventfds].at = request[1];
		eventfds[num_eventfds++].fd = request[2];
	} else if (request[0] == LHREQ_RECALL && bytes == 3 * sizeof(*request) && num_recalls < MOST) {
		recalls[num_recalls].at = request[1];
		recalls[num_recalls++].fd = request[2];
	} else if (request[0] == LHREQ_EXITS && bytes == 2 * sizeof(*request)) {
		*(uint32_t *)beside(from, request[1]) = 4711;
	} else {
		errno = EINVAL;
		return -1;
	}
	return bytes;
}

/* Sleep until the Guest stops or somebody recalls the Launcher, and return the address. */
static unsigned long await_news(void)
{
	struct pollfd news[MOST + 1] = { { .fd = stop, .events = POLLIN } };
	uint64_t count;

	for (unsigned int i = 0; i < num_recalls; i++)
		news[i + 1] = (struct pollfd){ .fd = recalls[i].fd, .events = POLLIN };
	while (poll(news, num_recalls + 1, -1) <= 0)
		;
	for (unsigned int i = 0; i < num_recalls; i++)
		if (news[i + 1].revents && __real_read(recalls[i].fd, &count, sizeof(count)) > 0)
			return recalls[i].at;
	__real_read(stop, &count, sizeof(count));
	waits = true;
	return notified;
}

ssize_t __wrap_read(int fd, void *to, size_t bytes)
{
	uint32_t words[2] = { 0 };
	size_t length;

	if (fd != host)
		return __real_read(fd, to, bytes);
	if (!pthread_equal(pthread_self(), owner)) {
		errno = EPERM;
		return -1;
	}
	if (told) {
		length = strlen(reason);
		memcpy(to, reason, length < bytes ? length : bytes);
		return length < bytes ? length : bytes;
	}
	if (waits)
		sem_post(&run);
	waits = false;
	words[0] = await_news();
	words[1] = !waits;	/* it may well sleep */
	if (waits && ended) {
		told = true;
		errno = ended;
		return -1;
	}
	memcpy(to, words, sizeof(words));
	return sizeof(words);
}

int __wrap_close(int fd)
{
	if (fd == host) {
		host = -1;
		if (alive && told)
			pthread_join(guest, NULL);
		alive = false;
	}
	return __real_close(fd);
}
