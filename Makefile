# SPDX-License-Identifier: GPL-2.0-only
# Every verb of the journey: `make help` lists them. How the pieces are made stands in chapter P:020 and those after it;
# here is only what must be known before the chapters are tangled.
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
FLAVOUR ?= 686
GUEST := $(or $(GUEST),$(patsubst debug%,686%,$(FLAVOUR)))
Q := $(if $(V),,@)
export V

parts := Preparation Guest Drivers Launcher Host Switcher Mastery
chapters := $(addprefix journey/,$(shell sed -e 's/[[:space:]]*\#.*//' -e '/^$$/d' journey/order))

.PHONY: all boot boot-debian host native bench bench-boot fuzz fuzz-ring check check-debug book $(parts) $(parts:=!) Beer clean help
all:

# First the tools, then the sources; make starts afresh when either is new. Both are needless to clean up or to help.
ifneq ($(filter-out clean help,$(or $(MAKECMDGOALS),all)),)
include build/tangled.mk
endif

build/setup: tangle/setup
	$(Q)sh tangle/setup
	$(Q)mkdir -p $(@D) && touch $@

build/tangled.mk: journey/order $(chapters) $(wildcard tangle/*) | build/setup
	$(Q)sh tangle/tangle >&2
	$(Q)echo 'include build/src/lab/build.mk' >$@

# What several tests use, or what takes long to make, is made before they start: they run side by side.
check: all
	$(Q)$(MAKE) FLAVOUR=686-pae GUEST=686-pae all build/lab/debian.img build/usernet/complete
	$(Q)env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS prove --timer --jobs "$${JOBS:-$$(nproc)}" tests

fuzz: all fuzz-ring
	$(Q)env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS SEED="$${SEED:-$$(date +%s)}" ROUNDS="$${ROUNDS:-4000000000}" \
		DURATION="$${DURATION:-600}" sh tests/fuzz.t

book: build/book
build/book: build/tangled.mk $(wildcard weave/*) $(wildcard build/bench/bench.csv)
	$(Q)sh weave/weave
	$(Q)touch $@

$(parts) $(parts:=!):
	@sh weave/terminal $(@:!=)

Beer:
	@for part in $(parts); do sh weave/terminal $$part || exit; done
	@sh build/src/lab/puppy

clean:
	rm -rf build book

help:
	@sed -n 's/^#: \{0,1\}//p' Makefile

#: make boot            a Linux Guest's shell on this terminal (exit leaves; Ctrl-C three times stops the Guest)
#: make boot CMD='...'  run a command in the Guest: its output, its exit status
#: make boot DISK=image an ext4 image of yours is the Guest's root, and starts its own init if it has one
#: make boot-debian     a small Debian on a disk of its own: log in as root, without a password; `poweroff` leaves
#: make host [CMD=]     the same on the Host, with lg.ko loaded, lguest and lgstat in PATH
#: make native [CMD=]   the same on the Guest's kernel, natively
#:   FLAVOUR=686, 686-pae, debug or debug-pae (the Host)  GUEST=686 or 686-pae (its Guest; as FLAVOUR)  SMP=1  CPU=core2duo
#:   MEM=512M (the Host's)  GUESTMEM=64M  TIMEOUT=seconds  LAB_ACCEL=tcg
#:   EXTRA=folder HOSTEXTRA=folder (copied over the root)  GUESTARGS= HOSTARGS= (kernel arguments)
#: make bench           what operations cost, natively and in a Guest (ROWS="fork pipe" ROUNDS=5), in build/bench/bench.csv
#: make bench-boot      the Guest's boot time beside the native one
#: make fuzz-ring       let a fuzzer invent rings for the Launcher to walk (ROUNDS=1000000)
#: make check           build everything and run every test (one of them: prove -v tests/NAME.t; one at a time: JOBS=1)
#: make fuzz [SEED= DURATION=600 ROUNDS=]   hostile Guests, a hostile Launcher and hostile rings, ten minutes long
#: make check-debug     run the Host's tests on kernels that check themselves (an hour; FLAVOURS= TESTS=)
#: make book            the book, in book/html
#: make Preparation! (Guest Drivers Launcher Host Switcher Mastery)   read a part in the terminal
#: make Beer            read all of it
#: make clean           remove what was made here (downloads and kernels stay in the cache)
#: V=1 shows the commands.
