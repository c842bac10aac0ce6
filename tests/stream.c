// SPDX-License-Identifier: GPL-2.0-only
/*
 * stream send|take MEGABYTES PORT [ADDRESS]: send so many megabytes through TCP, or take as many as come. With an ADDRESS,
 * connect to it (for a minute, if nobody listens yet), else wait for a caller. Prints how many bytes there were and their
 * checksum. No two megabytes are the same. net.t runs it, on the Host and in Guests.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint32_t block[16384];

static void quit(const char *what)
{
	perror(what);
	exit(1);
}

static int caller(int port)
{
	struct sockaddr_in all = { .sin_family = AF_INET, .sin_port = htons(port) };
	int on = 1, door = socket(AF_INET, SOCK_STREAM, 0), peer;

	setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(door, (struct sockaddr *)&all, sizeof(all)) < 0 || listen(door, 1) < 0)
		quit("listen");
	peer = accept(door, NULL, NULL);
	if (peer < 0)
		quit("accept");
	return peer;
}

static int called(int port, const char *address)
{
	struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, address, &there.sin_addr);
	for (int i = 0; i < 600; i++) {
		int peer = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(peer, (struct sockaddr *)&there, sizeof(there)) == 0)
			return peer;
		close(peer);
		usleep(100000);
	}
	quit("connect");
	return -1;
}

int main(int argc, char **argv)
{
	const int send = strcmp(argv[1], "send") == 0;
	unsigned long long bytes = 0, left = strtoull(argv[2], NULL, 10) << 20;
	int peer = argc > 4 ? called(atoi(argv[3]), argv[4]) : caller(atoi(argv[3]));
	uint32_t random = 1, sum = 0, odd = 0;

	for (;;) {
		size_t got = 0;

		if (send) {
			for (size_t i = 0; i < sizeof(block) / 4; i++) {
				random ^= random << 13;
				random ^= random >> 17;
				random ^= random << 5;
				block[i] = random;
			}
			for (ssize_t n; got < sizeof(block) && left; got += n, left -= n) {
				n = write(peer, (char *)block + got, sizeof(block) - got);
				if (n < 0)
					quit("send");
			}
		} else {
			for (ssize_t n = 1; got < sizeof(block) && n; got += n) {
				n = read(peer, (char *)block + got, sizeof(block) - got);
				if (n < 0)
					quit("take");
			}
		}
		if (!got)
			break;
		for (size_t i = 0; i < got / 4; i++)
			sum = (sum << 5 | sum >> 27) * 3 + block[i];
		odd += got % 4;
		bytes += got;
	}
	if (send)
		shutdown(peer, SHUT_WR);
	while (send && read(peer, block, sizeof(block)) > 0)
		;		/* who sends waits for the other one's end: then all has arrived */
	close(peer);
	printf("%llu bytes, sum %08x%s\n", bytes, sum, odd ? ", cut off" : "");
	return 0;
}
