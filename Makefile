# SPDX-License-Identifier: GPL-2.0-only
# Every verb of the journey: `make help` lists them. How the pieces are made stands in chapter W:020 and those after it;
# here is only what must be known before the chapters are tangled.
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:

# What stands on the command line means what it says: no dollar in it is make's (W:021). Of the environment we want neither
# what would change our tools nor words that others use, too.
$(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(eval override export $(name) := $$(value $(name)))))
$(foreach name,CPU CSV DISK E JSON LOG MEM SLURM SMP STAT TREE TREES,$(if $(filter environment%,$(origin $(name))),$(eval override undefine $(name))))
unexport CDPATH MAKEFILES CPATH LIBRARY_PATH POSIXLY_CORRECT
export LC_ALL := C.UTF-8
# Where gcc -m32 finds <asm/types.h> on amd64 (W:030).
export C_INCLUDE_PATH := /usr/include/x86_64-linux-gnu

FLAVOUR := $(or $(FLAVOUR),686)
# A Host of 64 bits has none of its own kind (W:020).
GUEST := $(or $(GUEST),$(patsubst debug%,686%,$(patsubst amd64%,686-pae,$(FLAVOUR))))
INIT := $(or $(INIT),sysvinit)
Q := $(if $(V),,@)
export V

# one of WORDS,NAME: complain unless the variable NAME is one of the words.
one-of = $(if $(and $(filter 1,$(words $($2))),$(filter $1,$($2))),,$(error $2=$($2): it can be $1))
$(call one-of,686 686-pae debug debug-pae amd64 amd64-6.12,FLAVOUR)
$(call one-of,686 686-pae 686-full 686-pae-full,GUEST)
$(call one-of,sysvinit systemd,INIT)

# The kernel's own make cannot work in a folder with one of these in its name, and says strange things.
cache := $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/lguest-journey
comma := ,
hash := \#
$(foreach path,CURDIR cache,$(if $(filter-out 1,$(words $($(path)))),$(error the folder '$($(path))' has a blank in its name: \
	the kernel cannot be built there; choose another place$(if $(filter cache,$(path)), (XDG_CACHE_HOME)))) \
	$(foreach sign,: % $(comma) $(hash) $$ ' " ` \ & ; ( ) < > | * ? [ ] { } ! =,$(if $(findstring $(sign),$($(path))),$(error the \
	folder '$($(path))' has a $(sign) in its name: the kernel cannot be built there; choose another place))))

# Is this only a question (make -n, -q, -t, or a shell that completes a word)? Then nothing is installed, built or booted.
dry := $(strip $(foreach flag,n q t,$(findstring $(flag),$(filter-out --%,$(firstword -$(MAKEFLAGS))))))

parts := Preparation Guest Drivers Launcher Host Switcher Mastery Workshop
chapters := $(addprefix journey/,$(shell sed -e 's/[[:space:]]*\#.*//' -e '/^$$/d' journey/order))

.PHONY: all boot boot-debian host native gdb bench bench-boot fuzz fuzz-ring check check-amd64 check-options check-debug check-exercises check-classes book book-all record
.PHONY: $(parts) $(parts:=!) Beer update clean distclean help missing
all:

# First the tools, then the sources; make starts afresh when either is new. Both are needless to read, clean up or help.
ifneq ($(filter-out clean distclean help Beer $(parts) $(parts:=!),$(or $(MAKECMDGOALS),all)),)
# Who asks about exercises is to be told which chapter is at fault, and so doesn't begin with it (W:420).
ifeq ($(dry)$(if $(filter learn exercises hint grade,$(MAKECMDGOALS)),$(wildcard build/src/lab/grade)),)
include build/tangled.mk
else
-include $(wildcard build/src/lab/build.mk)
endif
endif

build/setup: tangle/setup weave/packages
	$(Q)sh tangle/setup
	$(Q)mkdir -p $(@D) && touch $@

build/setup-reading: tangle/setup weave/packages
	$(Q)sh tangle/setup reading
	$(Q)mkdir -p $(@D) && touch $@

build/setup-forms: tangle/setup weave/packages
	$(Q)sh tangle/setup forms
	$(Q)mkdir -p $(@D) && touch $@

build/setup-gdb: tangle/setup
	$(Q)sh tangle/setup gdb
	$(Q)mkdir -p $(@D) && touch $@

build/setup-classes: tangle/setup weave/packages
	$(Q)sh tangle/setup classes
	$(Q)mkdir -p $(@D) && touch $@

# A chapter that is missing has no date: then tangle is asked, and says which it is.
there := $(wildcard $(chapters))
build/tangled.mk: journey/order $(there) $(if $(filter-out $(there),$(chapters)),missing) $(wildcard tangle/*) | build/setup
	$(Q)sh tangle/tangle >&2
	$(Q)echo 'include build/src/lab/build.mk' >$@.part
	$(Q)mv $@.part $@

check:
	$(Q)sh tests/check

check-options: all
	$(Q)$(MAKE) FLAVOUR=686 GUEST=686-full all
	$(Q)$(MAKE) FLAVOUR=686-pae GUEST=686-pae-full all
	$(Q)env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS GUESTS='686-full 686-pae-full' prove --timer tests/options.t

check-amd64: all
	$(Q)$(MAKE) FLAVOUR=amd64 all
	$(Q)$(MAKE) FLAVOUR=amd64-6.12 all
	$(Q)env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS HOSTS='amd64 amd64-6.12' prove --timer tests/amd64.t

check-exercises: all
	$(Q)env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS EXERCISES=all prove --timer -v tests/exercises.t

check-classes: all build/setup-classes
	$(Q)env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS SLURM=1 prove --timer -v tests/classes.t

fuzz: all fuzz-ring
	$(Q)env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS SEED="$${SEED:-$$(date +%s)}" ROUNDS="$${ROUNDS:-4000000000}" \
		DURATION="$${DURATION:-600}" sh tests/fuzz.t

book: build/book
build/book: build/tangled.mk $(wildcard weave/*) $(wildcard build/bench/bench.csv)
	$(Q)sh weave/weave
	$(Q)touch $@

book-all: book/lguest-journey.pdf book/lguest-journey.epub
book/lguest-journey.epub: build/book
	$(Q)sh weave/forms epub
book/lguest-journey.pdf: build/book | build/setup-forms
	$(Q)sh weave/forms pdf

$(parts) $(parts:=!): build/setup-reading
	@sh weave/terminal $(@:!=)

Beer: build/setup-reading
	@sh weave/terminal Beer
	@notangle -Rlab/puppy journey/W-Workshop/040-two-systems.nw | sh

clean:
	rm -rf build book

# The cache belongs to all checkouts. It can be made again, and whatever is in it is made again when it is asked for.
distclean: clean
	rm -rf '$(cache)'

help:
	@sed -n 's/^#: \{0,1\}//p' Makefile

#: make boot            a Linux Guest's shell on this terminal (exit leaves; Ctrl-C three times stops the Guest)
#: make boot CMD='...'  run a command in the Guest: its output, its exit status
#: make boot DISK=image an ext4 image of yours is the Guest's root, and starts its own init if it has one
#: make boot-debian     a small Debian on a disk of its own: log in as root, without a password; `poweroff` leaves
#:                      (INIT=systemd: one with systemd)
#: make host [CMD=]     the same on the Host, with lg.ko loaded, lguest and lgstat in PATH
#: make native [CMD=]   the same on the Guest's kernel, natively
#: make gdb [CMD=]      the lab under gdb, with the names of all five programs: a Guest, or a command on the Host
#:                      (GDB=file: gdb's commands, and no questions)
#:   FLAVOUR=686, 686-pae, debug, debug-pae, amd64 or amd64-6.12 (the Host)  SMP=1  CPU=core2duo
#:   GUEST=686, 686-pae (its Guest; -full: all options)
#:   MEM=512M (the Host's)  GUESTMEM=64M  TIMEOUT=seconds  LAB_ACCEL=tcg  LAB_QEMU=options
#:   EXTRA=folder HOSTEXTRA=folder (copied over the root)  GUESTARGS= HOSTARGS= (kernel arguments)
#:   LOG=1 prints the kernel's log at the end (else it is in build/log/boot.log, host.log or native.log)
#:   STAT=1 prints what the Guests of this run made the Host do, as lgstat shows it
#: make bench           what operations cost, natively and in a Guest (ROWS="fork pipe" ROUNDS=5), in build/bench/bench.csv
#: make bench-boot      the Guest's boot time beside the native one
#: make fuzz-ring       let a fuzzer invent rings for the Launcher to walk (ROUNDS=1000000)
#: make check           build everything and run every test (one of them: prove -v tests/NAME.t; one at a time: JOBS=1)
#: make check-options   the Guest's kernels with everything switched on (each takes some minutes to build)
#: make check-amd64     Hosts of 64 bits, also the newer one, which `make check` leaves out (a download of 120 MB)
#: make fuzz [SEED= DURATION=600 ROUNDS=]   hostile Guests, a hostile Launcher and hostile rings, ten minutes long
#: make check-debug     run the Host's tests on kernels that check themselves (an hour; FLAVOURS= TESTS=)
#: make learn TREE=folder   a tree of your own, to learn in
#: make exercises       the exercises that can be graded, and what you have done (E=H1 or E=H: only those; TREE=whose)
#: make hint E=H1       the next hint
#: make grade [E='H1 H2'] [TREE=folder] [JSON=file]   build, boot, and say how far it is
#: make grade-all TREES=folder [E=] [CSV=file] [JOBS=8] [SLURM=1]   grade many trees, each in a sandbox; a table and a page
#: make check-exercises   that each exercise's solution passes, and its wrong answers are explained (an hour)
#: make check-classes   grade-all, and with Slurm's daemons on this computer if slurm-wlm is installed
#: make record          run every command that the chapters say was run, and write what it printed (ONLY=pattern)
#: make book            the book, in book/html: open index.html
#: make book-all        the same, and as a PDF and an EPUB, in book (some minutes, and some more packages)
#: make Preparation! (Guest Drivers Launcher Host Switcher Mastery Workshop)   read a part in the terminal
#: make Beer            read all of it
#: make update          get newer packages (security updates of Host and Guest kernel), and drop the old ones from the cache
#: make clean           remove what was made here (downloads and kernels stay in the cache)
#: make distclean       remove the cache of all checkouts, too: the next make starts from nothing
#: V=1 shows the commands.
