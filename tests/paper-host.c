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
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "lguest_device.h"
#include "lguest_launcher.h"

#define PAGE		4096u
#define MOST		8
#define LINES		32

int __real_open(const char *name, int flags, ...);
ssize_t __real_read(int fd, void *to, size_t bytes);
ssize_t __real_write(int fd, const void *from, size_t bytes);
int __real_close(int fd);

static int host = -1;			/* stands for /dev/lguest */
static unsigned char *base;		/* Guest physical 0 */
static uint32_t ram;			/* bytes */
static pthread_t owner, guest;
static bool alive;			/* the Guest's thread exists */
static sem_t run, stop;
static unsigned long notified;
static int ended;			/* errno that tells how, or 0 */
static const char *reason;
static unsigned int lives;
static atomic_uint interrupts[LINES];
static struct { unsigned long at; int fd; } eventfds[MOST];
static unsigned int num_eventfds;

/* --- the Guest's side */

static void __attribute__((noreturn)) end(int how, const char *why)
{
	ended = how;
	reason = why;
	sem_post(&stop);
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
	sem_post(&stop);
	sem_wait(&run);
}

struct end {
	struct vring ring;
	uint32_t at;
	unsigned int line;
	uint16_t seen;			/* used chains */
};

static struct lguest_device_desc *console;
static struct end input, output;

static void find_queue(struct end *queue, unsigned int n)
{
	struct lguest_vqconfig config;

	memcpy(&config, console->config + n * sizeof(config), sizeof(config));
	queue->at = config.pfn * PAGE;
	queue->line = config.irq;
	queue->seen = 0;
	expect(queue->at > ram && config.num == 64);
	vring_init(&queue->ring, config.num, base + queue->at, LGUEST_VRING_ALIGN);
}

static void find_console(void)
{
	console = (void *)(base + ram);
	expect(console->type == 3 && console->num_vq == 2 && console->feature_len == 8);
	find_queue(&input, 0);
	find_queue(&output, 1);
	expect(input.line == 1 && output.line == 2);
	expect(console->config[2 * sizeof(struct lguest_vqconfig) + 16] == 0);
}

static uint8_t status(uint8_t new)
{
	__atomic_store_n(&console->status, new, __ATOMIC_SEQ_CST);
	notify(ram);
	return __atomic_load_n(&console->status, __ATOMIC_SEQ_CST);
}

static uint8_t agree(uint64_t features)
{
	memcpy(console->config + 2 * sizeof(struct lguest_vqconfig) + 8, &features, 8);
	return status(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
		      VIRTIO_CONFIG_S_FEATURES_OK);
}

#define READY (VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | \
	       VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK)

static void bring_up(void)
{
	find_console();
	expect(status(0) == 0);
	expect(agree(UINT64_C(1) << VIRTIO_F_VERSION_1) & VIRTIO_CONFIG_S_FEATURES_OK);
	expect(status(READY) == READY);
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

static bool input_interrupt(void)
{
	return interrupts[input.line] > 0;
}

static void send(const char *text)
{
	strcpy((char *)base + 0x3000, text);
	offer(&output, 0x3000, strlen(text), 0);
}

static void say(const char *text)
{
	send(text);
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
	send("last ");
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
		send("x");
		if (i % 2)
			used(&output);
		offer(&input, 0x4000, 16, VRING_DESC_F_WRITE);
		expect(status(0) == 0);
		expect(output.ring.avail->idx == 0 && output.ring.used->idx == 0);
		expect(input.ring.desc[0].len == 0 && input.ring.avail->idx == 0);
	}
}

static void play_broken(void)
{
	bring_up();
	output.ring.avail->idx = 1000;
	notify(output.at);
	await(needs_reset);
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
	find_console();
	expect(!(agree(0) & VIRTIO_CONFIG_S_FEATURES_OK));
	status(0);
	expect(!(agree(UINT64_C(1) << VIRTIO_F_VERSION_1 | 2) & VIRTIO_CONFIG_S_FEATURES_OK));
	status(0);
	expect(status(READY & ~VIRTIO_CONFIG_S_FEATURES_OK) & VIRTIO_CONFIG_S_NEEDS_RESET);
	bring_up();
	status(READY | VIRTIO_CONFIG_S_FAILED);
}

/* All of the bus page is the Guest's to spoil. */
static void play_vandal(void)
{
	bring_up();
	for (uint32_t at = ram; at < ram + PAGE; at++)
		base[at] = at == ram + 4 ? READY : 0xff;
	say("unmoved\n");
	console->status = 0;
	notify(ram);
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

static void play_hang(void)
{
	bring_up();
	say("up\n");
	for (;;)
		pause();
}

static void *play(void *unused)
{
	static const struct { const char *name; void (*play)(void); } plays[] = {
		{ "echo", play_echo }, { "late", play_late }, { "last", play_last },
		{ "polling", play_polling }, { "reset", play_reset }, { "broken", play_broken },
		{ "features", play_features }, { "vandal", play_vandal }, { "text", play_text },
		{ "reboot", play_reboot }, { "boot", play_boot }, { "hang", play_hang }
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
	if (strcmp(name, "/dev/lguest") != 0)
		return __real_open(name, flags);
	sem_init(&run, 0, 0);
	sem_init(&stop, 0, 0);
	ended = 0;
	base = NULL;
	num_eventfds = 0;
	memset(interrupts, 0, sizeof(interrupts));
	lives++;
	host = eventfd(0, EFD_CLOEXEC);
	return host;
}

ssize_t __wrap_write(int fd, const void *from, size_t bytes)
{
	const unsigned long *request = from;

	if (fd != host)
		return __real_write(fd, from, bytes);
	if (request[0] == LHREQ_INITIALIZE && bytes == 4 * sizeof(long) && !base) {
		base = (unsigned char *)request[1];
		ram = (request[2] - 1 - LGUEST_DEVICE_PAGES) * PAGE;
		owner = pthread_self();
		alive = pthread_create(&guest, NULL, play, NULL) == 0;
	} else if (request[0] == LHREQ_IRQ && bytes == 2 * sizeof(long) && request[1] < LINES) {
		interrupts[request[1]]++;
	} else if (request[0] == LHREQ_EVENTFD && bytes == 3 * sizeof(long) && num_eventfds < MOST) {
		eventfds[num_eventfds].at = request[1];
		eventfds[num_eventfds++].fd = request[2];
	} else {
		errno = EINVAL;
		return -1;
	}
	return bytes;
}

ssize_t __wrap_read(int fd, void *to, size_t bytes)
{
	size_t length;

	if (fd != host)
		return __real_read(fd, to, bytes);
	if (!pthread_equal(pthread_self(), owner)) {
		errno = EPERM;
		return -1;
	}
	if (ended) {
		length = strlen(reason);
		memcpy(to, reason, length < bytes ? length : bytes);
		return length < bytes ? length : bytes;
	}
	sem_post(&run);
	while (sem_wait(&stop) < 0)
		;
	if (ended) {
		errno = ended;
		return -1;
	}
	memcpy(to, &notified, sizeof(notified));
	return sizeof(notified);
}

int __wrap_close(int fd)
{
	if (fd == host) {
		host = -1;
		if (alive && ended)
			pthread_join(guest, NULL);
		alive = false;
	}
	return __real_close(fd);
}
