// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked into the Launcher with --wrap=ring_next, this makes it believe that the driver of a
 * disk breaks its ring: after the hundredth request. block.t looks at what the Guest does then.
 */
#include <stdio.h>

#include "../build/src/launcher/ring.h"

int __real_ring_next(struct ring *ring, struct chain *chain);
int __wrap_ring_next(struct ring *ring, struct chain *chain);

int __wrap_ring_next(struct ring *ring, struct chain *chain)
{
	static unsigned int requests;
	const int got = __real_ring_next(ring, chain);

	if (got != 1 || ring->tables.num != RING_MOST || ++requests != 100)
		return got;
	snprintf(ring->why, sizeof(ring->why), "somebody said so");
	return -1;
}
