// SPDX-License-Identifier: GPL-2.0-only
/*
 * D3: linked with the learner's Launcher, by --wrap: behind a puppy's name there is something else. The agreement allows
 * it, and another Launcher may have it. And the third puppy fails, a second after it has been petted.
 */
#include <stdlib.h>
#include <string.h>

#include "devices.h"

#define PUPPY	254
#define BYTES	32

struct device *__real_plug_in(struct bus *bus, const struct device_model *model, const struct device_traits *traits);

static void fail(struct queue *queue)
{
	struct chain chain;

	do {
		if (queue_next(queue, &chain)) {
			queue_sleep(queue, false, -1, 1000);	/* whoever pets it goes to sleep, too */
			queue_break(queue, "it does not like this");
		}
	} while (queue_sleep(queue, true, -1, -1) != WAKE_END);
}

struct device *__wrap_plug_in(struct bus *bus, const struct device_model *model, const struct device_traits *traits)
{
	static unsigned int puppies;
	static struct device_model mute;
	struct device_traits other = *traits;
	unsigned char *config;

	if (model->type == PUPPY && ++puppies == 3) {
		mute = *model;
		mute.queues[0].serve = fail;
		mute.queues[0].kicked = NULL;
		model = &mute;
	}
	if (model->type == PUPPY && traits->config_bytes == BYTES) {
		config = malloc(BYTES);		/* as long-lived as the bus may want it */
		memcpy(config, traits->config, BYTES);
		if (config[0] < BYTES)
			memset(config + 1 + config[0], '#', BYTES - 1 - config[0]);
		other.config = config;
	}
	return __real_plug_in(bus, model, &other);
}
