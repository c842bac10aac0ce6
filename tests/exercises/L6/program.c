// SPDX-License-Identifier: GPL-2.0-only
/* L6: a disk with tracks, on a Host that has no room for a while. The Host's file is an array here. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "native.h"
#include "tracks.h"

#define SECTORS	4096u
#define BLOCK	4096u
#define AROUND	3			/* blocks */

static unsigned char file[SECTORS * SECTOR];
static atomic_bool full;
static atomic_uint tries;		/* of writes, while it was full */
static struct backing backing = {
	.name = "paper", .fd = -1, .direct = true, .is_file = true, .sectors = SECTORS, .block = SECTOR
};
static struct tracks *tracks;
static const char *what = "hangs: nothing has begun\n";

ssize_t __wrap_preadv64v2(int fd, const struct iovec *pieces, int number, off_t at, int flags)
{
	ssize_t bytes = 0;

	(void)fd, (void)flags;
	for (int i = 0; i < number; i++) {
		memcpy(pieces[i].iov_base, file + at + bytes, pieces[i].iov_len);
		bytes += pieces[i].iov_len;
	}
	return bytes;
}

ssize_t __wrap_pwritev64v2(int fd, const struct iovec *pieces, int number, off_t at, int flags)
{
	ssize_t bytes = 0;

	(void)fd, (void)flags;
	if (full) {
		tries++;
		errno = ENOSPC;
		return -1;
	}
	for (int i = 0; i < number; i++) {
		memcpy(file + at + bytes, pieces[i].iov_base, pieces[i].iov_len);
		bytes += pieces[i].iov_len;
	}
	return bytes;
}

int __wrap_fdatasync(int fd)
{
	(void)fd;
	return 0;
}

static void late(int signal)
{
	(void)signal;
	if (write(STDOUT_FILENO, what, strlen(what)) < 0)
		_exit(2);
	_exit(0);
}

/* What the disk does with a request: in the tracks alone, if that can be, or else like a helper. */
static int move(bool write, unsigned int block, unsigned int blocks, void *data, bool *early)
{
	struct iovec piece = { data, blocks * BLOCK };
	struct transfer transfer = { write, (uint64_t)block * BLOCK, &piece, 1, blocks * BLOCK };

	if (write)
		forget_tracks(tracks);
	*early = write ? write_early(tracks, &transfer) : read_early(tracks, &transfer, true);
	return *early ? 0 : move_settled(tracks, &transfer);
}

static _Alignas(BLOCK) unsigned char data[(2 * AROUND + 1) * BLOCK];

static void put(unsigned int block, int c)
{
	bool early;
	int error;

	memset(data, c, BLOCK);
	error = move(true, block, 1, data, &early);
	if (error || !early)
		tell("refused: a write was not taken in advance, though nothing had failed (error %d)", error);
}

/* Read around @block, which must be full of @c, and what is around it of zeros. */
static void look(unsigned int block, int c, unsigned int around)
{
	bool early;
	int error;

	memset(data, 0xee, sizeof(data));
	error = move(false, block - around, 2 * around + 1, data, &early);
	if (error)
		tell("unread: reading %u blocks around what was written fails with error %d", 2 * around + 1, error);
	for (unsigned int i = 0; i < (2 * around + 1) * BLOCK; i++) {
		const int right = i / BLOCK == around ? c : 0;

		if (data[i] != right)
			tell("forgot: a Guest that writes %d, is told that this is done, and reads, gets %d (%u blocks at once)",
			     right, data[i], 2 * around + 1);
	}
}

int main(int argc, char *argv[])
{
	const unsigned int first = argc > 1 ? strtoul(argv[1], NULL, 0) : 10;
	const unsigned int second = argc > 2 ? strtoul(argv[2], NULL, 0) : 100;
	const int c = argc > 3 ? strtoul(argv[3], NULL, 0) : 7;
	unsigned int before;
	bool early;
	int error;

	signal(SIGALRM, late);
	alarm(20);
	tracks = create_tracks(&backing);
	start_tracks(tracks);
	what = "hangs: a flush on a Host with room is not answered\n";
	put(first, c);
	look(first, c, 0);
	error = flush_tracks(tracks);
	if (error || file[first * BLOCK] != c)
		tell("refused: on a Host with room, a write and a flush: error %d, and byte %d in the file", error,
		     file[first * BLOCK]);

	full = true;
	what = "hangs: the keeper never tries to write what it has\n";
	put(second, c + 1);
	while (tries == 0)
		usleep(1000);
	what = "hangs: on a full Host, a read is not answered\n";
	usleep(20000);
	look(second, c + 1, 0);
	before = tries;
	usleep(300000);
	if (tries - before > 10)
		tell("busy: in 0.3 seconds, in which nobody asked for anything, the keeper has tried %u times to write",
		     tries - before);
	what = "hangs: on a full Host, a flush is not answered\n";
	error = flush_tracks(tracks);
	if (error == 0)
		tell("promise: the Host has no room, and a flush was answered with 0, that all is kept");
	what = "hangs: on a full Host, a read of more than what was written is not answered\n";
	look(second, c + 1, AROUND);
	memset(data, c + 2, BLOCK);
	what = "hangs: on a full Host, a write is not answered\n";
	error = move(true, second + 9, 1, data, &early);
	if (early)
		tell("more: the last write could not be kept, and another one was answered all the same before it was tried");
	if (!error)
		tell("more: a write that the Host had no room for was answered with 0");
	look(second, c + 1, AROUND);

	full = false;
	what = "hangs: when the Host has room again, a flush is not answered\n";
	error = flush_tracks(tracks);
	if (error)
		tell("later: the Host has room again, and a flush still fails with error %d", error);
	if (file[second * BLOCK] != c + 1)
		tell("promise: the Host has room again, a flush was answered with 0, and the file has %d and not %d",
		     file[second * BLOCK], c + 1);
	look(second, c + 1, AROUND);
	what = "hangs: the tracks cannot be stopped\n";
	stop_tracks(tracks);
	give_up_tracks(tracks);
	if (backing.lost)
		tell("later: all is written, and the Launcher says that something is lost");
	printf("well\n");
	return 0;
}
