# sdp: one Makefile; objects and programs of a mode lie in build/MODE, programs directly there.
# `make help` lists the targets.  B=DIR builds elsewhere.
MODE ?= release
CC ?= cc
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
PKG_CONFIG ?= pkg-config
INSTALL ?= install
# What `make install` removes symbols and debug information with; STRIP= keeps them.
STRIP ?= $(if $(filter release,$(MODE)),strip)
B := build/$(MODE)
VERSION := $(shell sed -n 's/.*SDP_VERSION "\(.*\)"/\1/p' lib/sdp/program.h)

# --- libraries ------------------------------------------------------------------------------
# Every program may use BASE_PACKAGES (names of pkg-config) and BASE_LIBS; the linker drops those
# that it does not use.  What only some programs need stands in their cmd/NAME/deps, one name per
# line: a package of pkg-config, or X where LIBS_X is defined here.
BASE_PACKAGES := libcjson libpcre2-8 mpfr gmp zlib libzstd liblzma
BASE_LIBS := -lcsv -lbz2 -lm

# mupdf is a static library; these are the libraries that it needs.
LIBS_mupdf := -lmupdf -lmupdf-third -lmujs -lgumbo -lopenjp2 -ljbig2dec -ljpeg -lfreetype -lharfbuzz

# The Debian package that holds a package of pkg-config.
package_of_libcjson := libcjson-dev
package_of_libpcre2-8 := libpcre2-dev
package_of_mpfr := libmpfr-dev
package_of_gmp := libgmp-dev
package_of_zlib := zlib1g-dev
package_of_libzstd := libzstd-dev
package_of_liblzma := liblzma-dev
package_of_gsl := libgsl-dev
package_of_libcurl := libcurl4-openssl-dev
package_of_libcrypto := libssl-dev

# Debian packages, for `make deps`: to build; to test; to fuzz; to make packages.
BUILD_DEPS := gcc libc6-dev pkg-config libcsv-dev libcjson-dev libpcre2-dev libmpfr-dev libgmp-dev zlib1g-dev libzstd-dev liblzma-dev libbz2-dev libxxhash-dev libgsl-dev tzdata \
	libcurl4-openssl-dev libssl-dev \
	libmupdf-dev libmujs-dev libgumbo-dev libopenjp2-7-dev libjbig2dec0-dev libjpeg-dev libfreetype-dev libharfbuzz-dev
TEST_DEPS := libcmocka-dev g++ clang mandoc groff-base shellcheck jq python3 python3-jsonschema gzip zstd xz-utils bzip2 openssl procps strace gnuplot-nox parallel clang-format-14 zsh fish
FUZZ_DEPS := clang libclang-rt-dev
# LINTIAN= makes packages without checking them.
LINTIAN ?= lintian
PACKAGE_DEPS := build-essential debhelper $(LINTIAN)
INTEGRATION_DEPS := openjdk-17-jre-headless python3-venv chromium debootstrap $(PACKAGE_DEPS)

# --- flags ----------------------------------------------------------------------------------
# C needs no tables for unwinding at run time; debuggers have those of -g.
# Each function has a section of its own, so that programs leave out those that they do not call.
CFLAGS_release := -O2 -g -DNDEBUG -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections
LDFLAGS_release := -Wl,--gc-sections
CFLAGS_debug   := -O0 -g3
CFLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS_asan   := -fsanitize=address,undefined
COUNTED := --coverage -fprofile-update=atomic -include tests/coverage/exit.h
CFLAGS_coverage := -O0 -g $(COUNTED)
LDFLAGS_coverage := --coverage
CFLAGS_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS_fuzz   := -fsanitize=address,undefined
# What hardens programs against faults in them; HARDENING= builds without it.  Every compiler knows
# the flags in HARDENED_…; of the others, those that it knows are used: it is asked once, by the rule
# of .hardening.  A sanitizer sees more than they do.
HARDENING_release := -fstack-clash-protection -fcf-protection -mbranch-protection=standard
HARDENING_debug := $(HARDENING_release)
HARDENING ?= $(HARDENING_$(MODE))
FORTIFY := $(if $(HARDENING),-D_FORTIFY_SOURCE=3 -D_FORTIFY_SOURCE=2)
HARDENED_COMPILE := -fPIE -fstack-protector-strong
HARDENED_LINK := -fPIE -pie -Wl,-z,relro,-z,now,-z,noexecstack
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla

PROGRAMS := $(patsubst cmd/%/main.c,sdp-%,$(sort $(wildcard cmd/*/main.c)))
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
MANUALS := $(sort $(wildcard man/*.[1-8]))
HEADERS := $(sort $(wildcard lib/sdp/*.h))
NOTEBOOK := notebooks/spark_ml_jobs.py
EXAMPLES := $(filter-out data report,$(patsubst examples/%/README.md,%,$(wildcard examples/*/README.md)))

# deps_of and objects_of take NAME for the program sdp-NAME.
deps_of = $(shell cat cmd/$1/deps 2>/dev/null)
packages_in = $(foreach d,$1,$(if $(LIBS_$d),,$d))
libs_in = $(if $(strip $(call packages_in,$1)),$(shell $(PKG_CONFIG) --libs $(call packages_in,$1) 2>/dev/null)) $(foreach d,$1,$(LIBS_$d))
ALL_DEPS := $(sort $(shell cat cmd/*/deps 2>/dev/null))
ALL_LIBS := $(call libs_in,$(ALL_DEPS))
ALL_PACKAGES := $(sort $(BASE_PACKAGES) $(call packages_in,$(ALL_DEPS)))
PACKAGE_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(ALL_PACKAGES) 2>/dev/null)
PACKAGE_LIBS := $(shell $(PKG_CONFIG) --libs $(BASE_PACKAGES) 2>/dev/null)
SDP_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -Ilib -ffp-contract=off -fno-math-errno $(WARNINGS) $(CFLAGS_$(MODE)) \
	$(if $(HARDENING),$(HARDENED_COMPILE)) \
	$(PACKAGE_CFLAGS) $(CPPFLAGS) $(CFLAGS)
SDP_LDFLAGS := $(LDFLAGS_$(MODE)) $(if $(HARDENING),$(HARDENED_LINK)) $(LDFLAGS) -Wl,--as-needed
SDP_LIBS := $(PACKAGE_LIBS) $(BASE_LIBS)

LIB_OBJECTS := $(patsubst %.c,$B/%.o,$(sort $(wildcard lib/*/*.c lib/*/*/*.c)))
PROGRAM_FILES := $(PROGRAMS:%=$B/%)
objects_of = $(patsubst %.c,$B/%.o,$(sort $(wildcard cmd/$1/*.c)))
# The programs that are tasks: tests/laws/laws.c is linked with each.
TASKS := $(patsubst cmd/%/main.c,sdp-%,$(sort $(shell grep -l '^[[:space:]]*\.task = ' cmd/*/main.c 2>/dev/null)))
TEST_FILES := $(UNIT_TESTS:%=$B/tests/%) $(FUZZERS:%=$B/tests/replay_%) $(TASKS:%=$B/tests/laws_%) \
	$B/tests/rows $B/tests/faults.so

# A recursive make over all cores, unless -j was given.
CORES := $(shell nproc 2>/dev/null || echo 2)
SUBMAKE = $(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(CORES))
RUN_TESTS = SDP_BIN='$(abspath $B)' MODE=$(MODE) CC='$(CC)' tests/run.sh

# Completion for bash, zsh and fish: cmd/completion/SHELL with what makes it that of these programs.
COMPLETIONS := $(PROGRAMS:%=bash/%) zsh/_sdp $(PROGRAMS:%=fish/%.fish)
completion_dir_bash = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSH_COMPLETIONS ?= $(PREFIX)/share/zsh/site-functions
completion_dir_zsh = $(DESTDIR)$(ZSH_COMPLETIONS)
completion_dir_fish = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
installed_completion = $(completion_dir_$(patsubst %/,%,$(dir $1)))/$(notdir $1)

all: $(PROGRAM_FILES) $B/libsdp.a $(COMPLETIONS:%=$B/completion/%) ## build the library and all programs (MODE=release|debug|asan)
	$(next_step)

# What to do after `make` or `make all`, unless -s or another make calls for silence.
ifeq ($(MAKELEVEL)$(filter-out all,$(MAKECMDGOALS)),0)
next_step = $(if $(findstring s,$(firstword -$(MAKEFLAGS))),,@printf '%s\n' 'sdp is built. Try:' \
	'  export PATH="$(abspath $B):$$PATH"; sdp-sample iris | sdp-stats -f table')
endif

# What is being made, or with V=1 how.
run = $(if $(V),,@printf '  %-3s %s\n' $1 $2; )

# --- building -------------------------------------------------------------------------------
# Says once what is missing, by its Debian name, before the compiler can say it in its own words.
$B/.needs: $(wildcard cmd/*/deps)
	@lack=; \
	command -v $(firstword $(CC)) >/dev/null || lack="$$lack gcc"; \
	if command -v $(PKG_CONFIG) >/dev/null; then \
		$(foreach p,$(ALL_PACKAGES),$(PKG_CONFIG) --exists $p || lack="$$lack $(or $(package_of_$p),$p)";) \
	else lack="$$lack pkg-config"; fi; \
	if command -v $(firstword $(CC)) >/dev/null; then \
		for h in csv.h/libcsv-dev bzlib.h/libbz2-dev xxhash.h/libxxhash-dev mupdf/fitz.h/libmupdf-dev; do \
			echo "#include <$${h%/*}>" | $(CC) -Ilib $(CPPFLAGS) $(CFLAGS) -E -o /dev/null -x c - 2>/dev/null || lack="$$lack $${h##*/}"; \
		done; fi; \
	if [ -n "$$lack" ]; then \
		echo "sdp: these Debian packages are missing:$$lack (make deps installs them)" >&2; exit 1; fi
	@mkdir -p $(@D) && touch $@

# Writes a text to the target, which stays as it is, and as old, if it holds that already.
note = @mkdir -p $(@D); echo "$1" | cmp -s - $@ || echo "$1" >$@

# It is rewritten, and so everything is rebuilt, when the flags are not those of the last build.
$B/.cflags: FORCE
	$(call note,$(CC) $(SDP_CFLAGS) $(SMALL_$(MODE)) $(HARDENING))

# The hardening flags that the compiler knows.  Without optimization, glibc ignores _FORTIFY_SOURCE.
$B/.hardening: $B/.cflags
	@knows() { printf '%s\n' '#include <stdlib.h>' '#if defined CHECKED && __USE_FORTIFY_LEVEL < 2' '#error' '#endif' | \
		$(CC) $(SDP_CFLAGS) -Werror "$$@" -c -x c - -o $@.o 2>/dev/null; }; \
	{ for f in $(HARDENING); do if knows $$f; then echo $$f; fi; done; \
	for f in $(FORTIFY); do if knows -DCHECKED -U_FORTIFY_SOURCE $$f; then echo -U_FORTIFY_SOURCE $$f; break; fi; done; } >$@
	@rm -f $@.o

$B/.ldflags: FORCE
	$(call note,$(SDP_LDFLAGS) $(SDP_LIBS))

# The command line is parsed once: a release compiles it for size, as each program has it.
SMALL_release := -Os
$B/lib/cli/%.o: SDP_CFLAGS += $(SMALL_$(MODE))

$B/%.o: %.c $B/.cflags $B/.hardening | $B/.needs
	@mkdir -p $(@D)
	$(call run,CC,$@)$(CC) $(SDP_CFLAGS) @$B/.hardening -MMD -MP -c -o $@ $<

# What embeds files (.incbin) depends on all that is embedded: the compiler does not list it.
EMBEDDING := $(shell grep -l incbin cmd/*/*.c)
$(EMBEDDING:%.c=$B/%.o): $(wildcard examples/data/*) $(NOTEBOOK)

# The notebook is one file for Databricks and spark-submit, and it is committed; its parts are what is edited.
notebook: ## join the parts of the notebook, notebooks/sdp_spark/*.py
	@python3 notebooks/join.py '$(VERSION)' $(sort $(wildcard notebooks/sdp_spark/*.py)) >$(NOTEBOOK).new
	@mv -f $(NOTEBOOK).new $(NOTEBOOK)

# It lists the library's files, so that a file that was removed leaves the archive.
$B/.files: FORCE
	$(call note,$(LIB_OBJECTS:$B/%=%))

$B/libsdp.a: $(LIB_OBJECTS) $B/.files
	@mkdir -p $(@D); rm -f $@.new
	$(call run,AR,$@)$(AR) qcs $@.new $(LIB_OBJECTS)
	@mv -f $@.new $@

.SECONDEXPANSION:
$B/sdp-%: $$(call objects_of,$$*) $$(wildcard cmd/$$*/deps) $B/libsdp.a $B/.ldflags
	$(call run,CC,$@)$(CC) $(SDP_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(call libs_in,$(call deps_of,$*)) $(SDP_LIBS)

$B/completion/bash/%: cmd/completion/bash
	@mkdir -p $(@D); { cat $<; echo 'complete -F _sdp $*'; } >$@
$B/completion/zsh/_sdp: cmd/completion/zsh $B/.programs
	@mkdir -p $(@D); { echo '#compdef $(PROGRAMS)'; cat $<; } >$@
$B/completion/fish/%.fish: cmd/completion/fish
	@mkdir -p $(@D); { cat $<; echo "complete -k -c $* -f -a '(__sdp_complete)'"; } >$@

# It is rewritten when the list of programs changes.
$B/.programs: FORCE
	$(call note,$(PROGRAMS))

$B/tests/test_%: $B/tests/unit/test_%.o $B/libsdp.a $B/.ldflags
	@mkdir -p $(@D)
	$(call run,CC,$@)$(CC) $(SDP_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(ALL_LIBS) $(SDP_LIBS) -lcmocka

$B/tests/laws_sdp-%: $B/tests/laws/laws.o $$(call objects_of,$$*) $$(wildcard cmd/$$*/deps) $B/libsdp.a $B/.ldflags
	@mkdir -p $(@D)
	$(call run,CC,$@)$(CC) $(SDP_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(call libs_in,$(call deps_of,$*)) $(SDP_LIBS)

# A program of its own, for tests/scenarios/rows.sh.
$B/tests/rows: $B/tests/scenarios/rows.o $B/libsdp.a $B/.ldflags
	$(call run,CC,$@)$(CC) $(SDP_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(SDP_LIBS)

# What makes calls of the programs fail, for tests/faults.
$B/tests/faults.so: tests/faults/preload.c $B/.cflags
	@mkdir -p $(@D)
	$(call run,CC,$@)$(CC) $(filter-out $(COUNTED),$(SDP_CFLAGS)) -U_FORTIFY_SOURCE -fPIC -shared -o $@ $<

# All programs' tables of options, for fuzz_options: each program as one object, its description by a name of its own.
$B/tests/programs/sdp-%.o: $$(call objects_of,$$*)
	@mkdir -p $(@D)
	@$(CC) -r -nostdlib -o $@ $^
	@objcopy $(foreach s,sdp_program __odr_asan.sdp_program __odr_asan_gen_sdp_program,--redefine-sym $s=$s_$*) $@

# It is rewritten when the list of programs changes.
$B/tests/programs.c: FORCE
	@mkdir -p $(@D)
	@{ echo '#include "sdp/program.h"'; \
	$(foreach p,$(PROGRAMS:sdp-%=%),echo 'extern const struct sdp_program sdp_program_$p;';) \
	echo 'extern const struct sdp_program *const sdp_programs[];'; \
	echo 'const struct sdp_program *const sdp_programs[] = {$(PROGRAMS:sdp-%=&sdp_program_%,) NULL};'; } >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$B/tests/programs.o: $B/tests/programs.c $B/.cflags $B/.hardening
	@$(CC) $(SDP_CFLAGS) @$B/.hardening -c -o $@ $<

OBJECTS_fuzz_options := $B/tests/programs.o $(PROGRAMS:%=$B/tests/programs/%.o)
LIBS_fuzz_options = $(ALL_LIBS)

# The corpus of a fuzz target replayed by plain code, no fuzzer needed.
$B/tests/replay_fuzz_%: $B/tests/fuzz/fuzz_%.o $B/tests/fuzz/replay.o $$(OBJECTS_fuzz_$$*) $B/libsdp.a $B/.ldflags
	@mkdir -p $(@D)
	$(call run,CC,$@)$(CC) $(SDP_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS_fuzz_$*) $(SDP_LIBS)

$B/tests/fuzz_%: $B/tests/fuzz/fuzz_%.o $$(OBJECTS_fuzz_$$*) $B/libsdp.a $B/.ldflags
	@mkdir -p $(@D)
	$(call run,CC,$@)$(CC) -fsanitize=fuzzer $(SDP_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS_fuzz_$*) $(SDP_LIBS)

tests: all $(TEST_FILES) ## build the programs and the unit tests

# --- dependencies ---------------------------------------------------------------------------
# DEPS=no skips the step, where packages come some other way.
ifeq ($(DEPS),no)
install_packages = :
else
install_packages = \
	if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then \
		echo "sdp: no apt here; install what these Debian packages hold, then use make DEPS=no:" >&2; \
		echo "sdp: $1" >&2; exit 1; fi; \
	have=" $$(dpkg-query -W -f='$${Package}:$${db:Status-Status} ' $1 2>/dev/null)"; \
	lack=; for p in $1; do case "$$have" in *" $$p:installed "*) ;; *) lack="$$lack $$p";; esac; done; \
	if [ -n "$$lack" ]; then \
		sudo=; \
		if [ "$$(id -u)" != 0 ]; then sudo=sudo; command -v sudo >/dev/null || { \
			echo "sdp: neither root nor sudo; have an administrator run: apt-get install$$lack" >&2; exit 1; }; fi; \
		echo "sdp: installing$$lack"; \
		$$sudo apt-get update -q && \
		$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends$$lack; \
	fi
endif

deps: ## install by apt what building and testing need and this machine lacks
	@$(call install_packages,$(BUILD_DEPS) $(TEST_DEPS))

build-deps: ## the same for building only
	@$(call install_packages,$(BUILD_DEPS))

# --- what a newcomer runs -------------------------------------------------------------------
# Each runs make again after the packages are there, so that pkg-config is asked anew.
demo: ## install what is missing, build, describe real data, find clusters, measure both with 1 to 8 workers
	@$(call install_packages,$(BUILD_DEPS))
	@$(SUBMAKE) all
	@SDP_BIN='$(abspath $B)' examples/demo.sh

report: ## measure all tasks with 1 to 8 workers, beside others, into examples/report/performance_report.md (some minutes)
	@$(call install_packages,$(BUILD_DEPS) gnuplot-nox python3-venv)
	@$(SUBMAKE) all
	@SDP_BIN='$(abspath $B)' examples/report/run.sh

examples: ## draw the pictures of examples/ again, but those of the report (a minute or two)
	@$(call install_packages,$(BUILD_DEPS) gnuplot-nox jq parallel)
	@$(SUBMAKE) all
	@export PATH='$(abspath $B)':"$$PATH"; unset SDP_FORMAT; $(foreach e,$(EXAMPLES),echo examples/$e; \
		$(if $(wildcard examples/$e/run.sh),examples/$e/run.sh,$(SUBMAKE) -s -B -C examples/$e) || exit;)

check: ## install what is missing, build, and run all tests (some minutes)
	@$(call install_packages,$(BUILD_DEPS) $(TEST_DEPS))
	@$(SUBMAKE) tests
	@$(RUN_TESTS) --all

check-quick: ## the tests for the inner loop: under a minute
	@$(call install_packages,$(BUILD_DEPS) $(TEST_DEPS))
	@$(SUBMAKE) tests
	@$(RUN_TESTS) --quick

# Apache Spark, from Python packages in a folder of their own, made anew when their list changes.
INTEGRATION := build/integration
check-integration: ## install what is missing, then hold results to those of Apache Spark, uploads to an S3 server, pages to Chromium, Databricks to its SDK, Terraform to its judges, packages to bare systems (half an hour)
	@$(call install_packages,$(BUILD_DEPS) $(TEST_DEPS) $(INTEGRATION_DEPS))
	@$(SUBMAKE) tests $(INTEGRATION)/.ready
	@SDP_PYTHON='$(abspath $(INTEGRATION))/venv/bin/python' $(RUN_TESTS) --integration

$(INTEGRATION)/.ready: tests/integration/requirements.txt
	@rm -rf $(@D) && mkdir -p $(@D)
	python3 -m venv $(@D)/venv
	$(@D)/venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# Tests that compare what is printed may fail here: what matters is which lines ran.
coverage: ## the share of lines that the tests run, by folder (a quarter of an hour)
	@$(call install_packages,$(BUILD_DEPS) $(TEST_DEPS))
	@$(SUBMAKE) MODE=coverage tests
	@find build/coverage -name '*.gcda' -delete
	@GCOV_ERROR_FILE='$(abspath build/coverage/gcov.txt)' MODE=coverage SDP_BIN='$(abspath build/coverage)' CC='$(CC)' tests/run.sh --all >build/coverage/tests.txt 2>&1 || true
	@tail -n 1 build/coverage/tests.txt
	@python3 tests/coverage/report.py build/coverage --not-run build/coverage/not-run.txt

check-unit: tests
	@$(RUN_TESTS) --unit

check-scenarios: tests ## only the scenarios: faults, signals, full disks
	@$(RUN_TESTS) --scenarios

lint: all ## the checks of the source: layers, banned functions, man pages, examples
	@$(RUN_TESTS) --lint

FUZZ_SECONDS ?= 60
fuzz: ## each fuzz target for FUZZ_SECONDS (60), by clang's libFuzzer
	@$(call install_packages,$(BUILD_DEPS) $(FUZZ_DEPS))
	@$(SUBMAKE) MODE=fuzz CC=clang fuzz-run

# New inputs go to build/, the corpus in the repository only grows by hand.
fuzz-run: $(FUZZERS:%=$B/tests/%)
	@set -e; for f in $(FUZZERS); do \
		mkdir -p $B/corpus/$$f tests/fuzz/corpus/$${f#fuzz_}; \
		echo "$$f"; $B/tests/$$f -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -artifact_prefix=$B/$$f- \
			$B/corpus/$$f tests/fuzz/corpus/$${f#fuzz_}; done

html: ## write the manuals as HTML to build/html
	@$(call install_packages,mandoc)
	@man/html.sh build/html
	@echo 'build/html/index.html'

# --- installing -----------------------------------------------------------------------------
DOCUMENTS := LICENSE README.md DATA.md changelog nightly.sh nightly.cron
doc_dir = $(DESTDIR)$(PREFIX)/share/doc/sdp
man_dir = $(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $1))
INSTALLED = $(PROGRAMS:%=$(DESTDIR)$(PREFIX)/bin/%) $(HEADERS:lib/%=$(DESTDIR)$(PREFIX)/include/%) \
	$(DESTDIR)$(LIBDIR)/libsdp.a $(DESTDIR)$(LIBDIR)/pkgconfig/sdp.pc \
	$(foreach m,$(MANUALS),$(call man_dir,$m)/$(notdir $m)) $(DOCUMENTS:%=$(doc_dir)/%) \
	$(foreach f,$(COMPLETIONS),$(call installed_completion,$f))

$B/sdp.pc: FORCE
	@mkdir -p $(@D); { echo 'prefix=$(PREFIX)'; \
	echo 'libdir=$(LIBDIR:$(PREFIX)/%=$${prefix}/%)'; \
	echo 'Name: sdp'; \
	echo 'Description: exact, parallel statistics over tables'; \
	echo 'Version: $(VERSION)'; \
	echo 'Requires.private: $(BASE_PACKAGES)'; \
	echo 'Cflags: -I$${prefix}/include'; \
	echo 'Libs: -L$${libdir} -lsdp'; \
	echo 'Libs.private: $(BASE_LIBS)'; } >$@

install: all $B/sdp.pc ## install programs, manuals, library and headers (PREFIX, LIBDIR, DESTDIR; STRIP= keeps debug information)
	@mkdir -p $(sort $(dir $(INSTALLED)))
	$(if $(PROGRAMS),$(INSTALL) -m 755 $(PROGRAM_FILES) $(DESTDIR)$(PREFIX)/bin)
	$(INSTALL) -m 644 $B/libsdp.a $(DESTDIR)$(LIBDIR)
	$(if $(STRIP),$(STRIP) $(PROGRAMS:%=$(DESTDIR)$(PREFIX)/bin/%))
	$(if $(STRIP),$(STRIP) --strip-debug $(DESTDIR)$(LIBDIR)/libsdp.a)
	$(INSTALL) -m 644 $B/sdp.pc $(DESTDIR)$(LIBDIR)/pkgconfig
	$(INSTALL) -m 644 $(HEADERS) $(DESTDIR)$(PREFIX)/include/sdp
	$(foreach m,$(MANUALS),$(INSTALL) -m 644 $m $(call man_dir,$m) &&) :
	$(foreach f,$(COMPLETIONS),$(INSTALL) -m 644 $B/completion/$f $(call installed_completion,$f) &&) :
	$(INSTALL) -m 644 LICENSE README.md examples/nightly/nightly.cron $(doc_dir)
	$(INSTALL) -m 755 examples/nightly/nightly.sh $(doc_dir)
	$(INSTALL) -m 644 examples/data/README.md $(doc_dir)/DATA.md
	$(INSTALL) -m 644 infrastructure/debian/changelog $(doc_dir)

uninstall: ## remove what install put there
	rm -f $(INSTALLED)
	@rmdir $(DESTDIR)$(PREFIX)/include/sdp $(doc_dir) 2>/dev/null || :

# --- packages -------------------------------------------------------------------------------
# What belongs to the project: what git tracks, and of an unpacked archive everything but build/.
project_files = if [ -e .git ]; then git ls-files -z --cached; \
	else find . -path ./build -prune -o -name __pycache__ -prune -o ! -type d -printf '%P\0'; fi
# The time of every file in the archive: SOURCE_DATE_EPOCH, that of the commit, or that in the archive.
dist_time = $${SOURCE_DATE_EPOCH:-$$(if [ -e .git ]; then git log -1 --format=%ct; else stat -c %Y Makefile; fi)}
DIST := build/sdp-$(VERSION).tar.gz

dist: ## write build/sdp-VERSION.tar.gz, the same bytes for the same files
	@mkdir -p build && { $(project_files); } | LC_ALL=C sort -z >$(DIST).files && test -s $(DIST).files
	@time=$(dist_time) && test -n "$$time" && \
	LC_ALL=C tar --create --null --files-from=$(DIST).files --transform='flags=r;s,^,sdp-$(VERSION)/,' \
		--format=gnu --owner=0 --group=0 --numeric-owner --mode=u+rw,go=u,go-w --mtime="@$$time" --file=$(DIST).tar
	@gzip -9 -n <$(DIST).tar >$(DIST).new && mv -f $(DIST).new $(DIST) && rm -f $(DIST).tar $(DIST).files
	@echo $(DIST)

check_packages = $(LINTIAN) --allow-root --fail-on error,warning build/deb/*.changes

# Built from the archive, with the flags of Debian and not with those of this make.
deb: ## install what is missing, then build Debian packages into build/deb and check them with lintian
	@$(call install_packages,$(BUILD_DEPS) $(PACKAGE_DEPS))
	@$(SUBMAKE) dist
	@rm -rf build/deb && mkdir -p build/deb && tar -x -z -C build/deb -f $(DIST)
	@cp -R infrastructure/debian build/deb/sdp-$(VERSION)/debian
	@cd build/deb/sdp-$(VERSION) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u CPPFLAGS -u CFLAGS -u LDFLAGS -u B -u MODE CC='$(CC)' \
		dpkg-buildpackage -us -uc -b -j$(CORES) >../build.log 2>&1 || { tail -n 50 ../build.log >&2; exit 1; }
	@$(if $(LINTIAN),$(check_packages))
	@rm -rf build/deb/sdp-$(VERSION)
	@ls build/deb/*.deb

clean: ## remove build/
	rm -rf build

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 16

.PHONY: all notebook tests deps build-deps demo report examples check check-quick check-integration coverage check-unit check-scenarios lint fuzz fuzz-run \
	html install uninstall dist deb clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:
-include $(wildcard $B/*/*/*.d $B/*/*/*/*.d)
