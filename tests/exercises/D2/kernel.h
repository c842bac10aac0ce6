/* SPDX-License-Identifier: GPL-2.0-only */
/* D2: what lguest_device.c has from the kernel's headers, each of which is this file here. */
#ifndef D2_KERNEL_H
#define D2_KERNEL_H

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>

#include <lguest_device.h>
#include "kernel/base.h"

#define postcore_initcall(function)
#define late_initcall_sync(function)
#define HZ				100
#define GFP_KERNEL			0
#define MEMREMAP_WB			1
#define IRQF_SHARED			0x80
#define virt_rmb()			barrier()
#define cpu_relax()			barrier()
#define get_unaligned(at)		({ __typeof__(*(at)) got; memcpy(&got, at, sizeof(got)); got; })
#define min_t(type, a, b)		((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define le64_to_cpu(x)			(x)
#define cpu_to_le64(x)			(x)
#define ERR_PTR(error)			((void *)(long)(error))
#define PTR_ERR(at)			((long)(at))
#define IS_ERR(at)			((unsigned long)(at) >= -4095ul)
#define is_power_of_2(n)		((n) != 0 && ((n) & ((n) - 1)) == 0)
#define time_before(a, b)		((long)((a) - (b)) < 0)
#define dev_err(device, ...)		((void)(device))
#define dev_warn_once(device, ...)	((void)(device))
#define dev_name(device)		((void)(device), "paper")

struct list_head { struct list_head *next, *prev; };
struct device {
	struct device *parent;
	void (*release)(struct device *device);
};
struct irq_affinity;
struct virtqueue;
struct virtio_config_ops;
struct virtio_device {
	struct device dev;
	struct { u32 device; } id;
	const struct virtio_config_ops *config;
	struct list_head vqs;
	u64 features;
};
typedef void vq_callback_t(struct virtqueue *vq);
struct virtqueue {
	struct list_head list;
	struct virtio_device *vdev;
	unsigned int num_max;
	void *priv;
};
struct virtio_config_ops {
	void (*get)(struct virtio_device *vdev, unsigned int offset, void *buf, unsigned int len);
	void (*set)(struct virtio_device *vdev, unsigned int offset, const void *buf, unsigned int len);
	u32 (*generation)(struct virtio_device *vdev);
	u8 (*get_status)(struct virtio_device *vdev);
	void (*set_status)(struct virtio_device *vdev, u8 status);
	void (*reset)(struct virtio_device *vdev);
	u64 (*get_features)(struct virtio_device *vdev);
	int (*finalize_features)(struct virtio_device *vdev);
	int (*find_vqs)(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
			vq_callback_t *callbacks[], const char * const names[], const bool *ctx,
			struct irq_affinity *desc);
	void (*del_vqs)(struct virtio_device *vdev);
	void (*synchronize_cbs)(struct virtio_device *vdev);
	const char *(*bus_name)(struct virtio_device *vdev);
};
typedef enum { IRQ_NONE, IRQ_HANDLED } irqreturn_t;
typedef irqreturn_t irq_handler_t(int irq, void *argument);
typedef struct { int counter; } atomic_t;

#define dev_to_virtio(device)	container_of(device, struct virtio_device, dev)
#define list_for_each_entry_safe(entry, after, head, member) \
	for (entry = container_of((head)->next, __typeof__(*entry), member); \
	     &entry->member != (head) && \
	     (after = container_of(entry->member.next, __typeof__(*entry), member), true); entry = after)
#define virtio_device_for_each_vq(vdev, vq) \
	for (vq = container_of((vdev)->vqs.next, struct virtqueue, list); &vq->list != &(vdev)->vqs; \
	     vq = container_of(vq->list.next, struct virtqueue, list))

extern unsigned long jiffies, lguest_ram_end;

/* What is only called by functions that the exercise doesn't ask about. */
int atomic_xchg(atomic_t *number, int value);
void *console_device(int *index);
unsigned long hcall(unsigned long call, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
void orderly_poweroff(bool force);
void put_device(struct device *device);
int register_virtio_device(struct virtio_device *vdev);
struct device *root_device_register(const char *name);
void root_device_unregister(struct device *root);
long schedule_timeout_uninterruptible(long ticks);
void synchronize_irq(unsigned int irq);
bool __virtio_test_bit(const struct virtio_device *vdev, unsigned int bit);
void virtio_config_changed(struct virtio_device *vdev);
void __virtqueue_break(struct virtqueue *vq);
void vring_transport_features(struct virtio_device *vdev);

/* And what program.c looks at. */
void *kzalloc(size_t bytes, int how);
void kfree(const void *at);
void *memremap(u64 pa, size_t bytes, int how);
void memunmap(void *at);
void *cleared(void *at, int c, size_t bytes);
int request_irq(unsigned int irq, irq_handler_t *handler, unsigned long flags, const char *name, void *argument);
void free_irq(unsigned int irq, void *argument);
irqreturn_t vring_interrupt(int irq, void *vq);
struct virtqueue *vring_new_virtqueue(unsigned int index, unsigned int num, unsigned int align,
				      struct virtio_device *vdev, bool weak, bool ctx, void *pages,
				      bool (*notify)(struct virtqueue *vq), vq_callback_t *callback, const char *name);
void vring_del_virtqueue(struct virtqueue *vq);
#define memset(at, c, bytes)	cleared(at, c, bytes)

#endif /* D2_KERNEL_H */
