// SPDX-License-Identifier: GPL-2.0-only
/* P3: Guests that give a reason for their end: of one line, of two lines, and one that fills all the 128 bytes. */
#include "rows.h"

static void end(const char *reason)
{
	static char text[128];

	for (u32 i = 0; i < sizeof(text); i++)
		text[i] = *reason ? *reason++ : '\0';
	hcall(LHCALL_SHUTDOWN, (u32)text, LGUEST_SHUTDOWN_PANIC, 0, 0);
	print("lives\n");
	flush();
	hcall(~0, 0, 0, 0, 0);	/* no call has this number */
}

LIVES(plain)
{
	end(FIRST);
}

LIVES(lines)
{
	end(FIRST "\n" SECOND);
}

LIVES(full)
{
	char text[129];

	memset(text, 'x', sizeof(text));
	memcpy(text, FIRST, sizeof(FIRST) - 1);
	text[128] = '\0';
	end(text);
}
