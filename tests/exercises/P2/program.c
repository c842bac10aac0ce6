// SPDX-License-Identifier: GPL-2.0-only
/* P2: the learner's popf.c, as a part of this program, which looks at the flags before and after it. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define main popf_main
#include "popf.c"
#undef main

#define LASTING	0x244400u		/* direction, nested task, alignment check, identification: no arithmetic changes them */

static unsigned int flags_now(void)
{
	unsigned int value;

	__asm__ volatile("pushf; pop %0" : "=r" (value));
	return value;
}

int main(int argc, char *argv[])
{
	int (*const theirs)(int, char **) = (int (*)(int, char **))popf_main;	/* it may take no arguments */
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		const unsigned int before = flags_now();
		unsigned int changed;

		theirs(argc, argv);
		changed = (flags_now() ^ before) & LASTING;
		__asm__ volatile("push %0; popf" : : "r" (before) : "cc");
		if (changed)
			printf("left: flags 0x%x are now 0x%x\n", before & LASTING, (before ^ changed) & LASTING);
		fflush(stdout);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 2;
	if (WIFSIGNALED(status))
		printf("killed by signal %d\n", WTERMSIG(status));
	else
		printf("well\n");
	return 0;
}
