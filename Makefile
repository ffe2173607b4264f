# sdp: one Makefile, objects and programs in build/$(MODE)/.  `make help` lists the targets.
MODE ?= release
CC ?= cc
PREFIX ?= /usr/local
PKG_CONFIG ?= pkg-config
B := build/$(MODE)

CFLAGS_release := -O2 -g -DNDEBUG
CFLAGS_debug   := -O0 -g3
CFLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS_asan   := -fsanitize=address,undefined
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
PACKAGES := libcjson mpfr gmp zlib
SDP_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -Ilib -ffp-contract=off $(WARNINGS) $(CFLAGS_$(MODE)) $(shell $(PKG_CONFIG) --cflags $(PACKAGES)) $(CFLAGS)
SDP_LIBS := $(LDFLAGS_$(MODE)) $(LDFLAGS) -Wl,--as-needed $(shell $(PKG_CONFIG) --libs $(PACKAGES)) -lcsv -lm

LIB_SOURCES := $(sort $(wildcard lib/*/*.c))
LIB_OBJECTS := $(LIB_SOURCES:%.c=$B/%.o)
PROGRAMS := $(patsubst cmd/%.c,%,$(sort $(wildcard cmd/sdp-*.c)))
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/test_*.c)))

all: $(PROGRAMS:%=$B/%) ## build the library and all programs

$B/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(SDP_CFLAGS) -MMD -MP -c -o $@ $<

$B/libsdp.a: $(LIB_OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

$B/sdp-%: $B/cmd/sdp-%.o $B/libsdp.a
	$(CC) -o $@ $^ $(SDP_LIBS)

$B/tests/%: $B/tests/unit/%.o $B/libsdp.a
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(SDP_LIBS) -lcmocka

check-unit: $(UNIT_TESTS:%=$B/tests/%)
	@set -e; for t in $^; do $$t; done

clean: ## remove build/
	rm -rf build

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: all check-unit clean help
.SECONDARY:
-include $(shell find $B -name '*.d' 2>/dev/null)
