/* SPDX-License-Identifier: GPL-2.0-only */
/* For the exercises' programs, which are linked with files of the Launcher: what those want, and a word. */
#ifndef NATIVE_H
#define NATIVE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* For message.c: there is no terminal. */
bool terminal_is_raw(void)
{
	return false;
}

void leave_terminal(void)
{
}

/* Say what was seen, in a line that begins with what it is about, and end. */
#define tell(...) do { printf(__VA_ARGS__); putchar('\n'); exit(0); } while (0)

#endif /* NATIVE_H */
