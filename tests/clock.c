// SPDX-License-Identifier: GPL-2.0-only
/* Time in the Guest: it moves in small steps, never back, and an idle Guest is left alone. Argument: its clocksource. Prints TAP. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND	1000000000ll

static int count, failed;

static void report(int good, const char *what, long long saw)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, what);
	if (!good)
		printf("# saw %lld\n", saw);
	failed |= !good;
}

static long long now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static void nap(long long ns)
{
	struct timespec time = { .tv_sec = ns / SECOND, .tv_nsec = ns % SECOND };

	nanosleep(&time, NULL);
}

/* How often line 0 has interrupted the Guest. */
static long long ticks(void)
{
	FILE *file = fopen("/proc/interrupts", "r");
	char line[256];
	long long n = -1;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " 0: %lld", &n) == 1)
			break;
	if (file)
		fclose(file);
	return n;
}

/* Look at @clock for a second, as often as we can. */
static void steps(clockid_t clock, const char *name)
{
	long long start = now(clock), last = start, time, smallest = SECOND, moved = 0, back = 0;
	char text[100];

	while (last - start < SECOND) {
		time = now(clock);
		if (time < last)
			back++;
		if (time > last) {
			moved++;
			if (time - last < smallest)
				smallest = time - last;
		}
		last = time;
	}
	snprintf(text, sizeof(text), "2.7 clock: %s never goes back", name);
	report(!back, text, back);
	/* A clock that is frozen between interrupts moves a hundred times in a second. */
	snprintf(text, sizeof(text), "2.7 clock: %s moves between interrupts", name);
	report(moved > 1000, text, moved);
	snprintf(text, sizeof(text), "2.7 clock: %s moves in steps below a tenth of a millisecond", name);
	report(smallest < SECOND / 10000, text, smallest);
}

int main(int argc, char **argv)
{
	long long start, wall, before, i;
	char source[64] = "";
	FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "r");

	setvbuf(stdout, NULL, _IONBF, 0);
	if (file && fgets(source, sizeof(source), file))
		source[strcspn(source, "\n")] = '\0';
	report(argc > 1 && !strcmp(source, argv[1]), "2.7 clocksource: it is the one that the Host's counter allows", 0);
	steps(CLOCK_MONOTONIC, "the monotonic clock");
	steps(CLOCK_REALTIME, "the time of day");

	start = now(CLOCK_MONOTONIC);
	for (i = 0; i < 100; i++)
		nap(SECOND / 500);
	start = now(CLOCK_MONOTONIC) - start;
	report(start >= SECOND / 5, "2.7 SET_CLOCKEVENT: a hundred naps of two milliseconds take a fifth of a second", start);

	start = now(CLOCK_MONOTONIC);
	wall = now(CLOCK_REALTIME);
	before = ticks();
	nap(4 * SECOND);
	before = ticks() - before;
	start = now(CLOCK_MONOTONIC) - start;
	wall = now(CLOCK_REALTIME) - wall;
	report(start >= 4 * SECOND, "2.7 HALT: four seconds asleep are four seconds", start);
	report(wall - start < SECOND / 100 && start - wall < SECOND / 100, "2.7 wall clock: the time of day agrees", wall - start);
	/* 100 a second would be 400 and more. */
	report(before >= 1 && before < 100, "2.7 NO_HZ: an idle Guest is seldom woken by its timer", before);
	printf("1..%d\n", count);
	return failed;
}
