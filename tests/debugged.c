// SPDX-License-Identifier: GPL-2.0-only
/* What gdb.t debugs in the Guest. */
static volatile int total, limit = 5;

static __attribute__((noinline)) int twice(int n)
{
	return 2 * n;
}

static __attribute__((noinline)) void add(int n)
{
	total += n;
}

int main(void)
{
	int i;

	for (i = 1; i <= limit; i++)
		add(twice(i));
	return total;
}
