/* SPDX-License-Identifier: GPL-2.0-only */
/* What nearly every file has from the kernel's headers: for exercises that link files of the Guest's kernel. */
#ifndef KERNEL_BASE_H
#define KERNEL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/types.h>

#include <lguest.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define __init
#define __initdata
#undef __always_inline
#define __always_inline			inline __attribute__((always_inline))
#define __stringify_1(x)		#x
#define __stringify(x)			__stringify_1(x)
#define barrier()			__asm__ volatile("" : : : "memory")
#define READ_ONCE(x)			(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)		(*(volatile __typeof__(x) *)&(x) = (value))
#define smp_store_release(at, value)	__atomic_store_n(at, value, __ATOMIC_RELEASE)
#define container_of(at, type, member)	((type *)((char *)(at) - offsetof(type, member)))
#define unlikely(x)			(x)
#define likely(x)			(x)

#endif /* KERNEL_BASE_H */
