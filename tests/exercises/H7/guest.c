// SPDX-License-Identifier: GPL-2.0-only
/* H7: a Guest that makes CALL FROM_RING times by the ring and AT_ONCE times directly, and one with NONSENSE in its ring. */
#include "rows.h"

LIVES(calls)
{
	for (u32 i = 0; i < FROM_RING; i++)
		queue(CALL, 0, 0, 0, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	for (u32 i = 0; i < AT_ONCE; i++)
		hcall(CALL, 0, 0, 0, 0);
	hcall(LHCALL_HALT, 0, 0, 0, 0);
}

DIES(nonsense, "2.1 ring: an unknown call", "unknown hypercall")
{
	queue(NONSENSE, 0, 0, 0, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
}
