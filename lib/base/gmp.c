/* The functions that GMP allocates with. */
#define _GNU_SOURCE
#include "base/gmp.h"

#include "base/signals.h"
#include "sdp/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const int sdp_gmp = 1;

static pid_t program; /* the process that main runs in */

static void *check(void *memory)
{
	char message[300];
	if (memory)
		return memory;
	if (getpid() == program) {
		sdp_signals_remove_files();
		snprintf(message, sizeof message, "%.200s: out of memory\n",
			 program_invocation_short_name);
		(void)sdp_write_all(STDERR_FILENO, message, strlen(message));
	}
	_exit(SDP_SYSTEM);
}

static void *allocate(size_t size)
{
	return check(malloc(size));
}

static void *reallocate(void *old, size_t old_size, size_t size)
{
	(void)old_size;
	return check(realloc(old, size));
}

static void release(void *memory, size_t size)
{
	(void)size;
	free(memory);
}

__attribute__((constructor)) static void set_functions(void)
{
	program = getpid();
	mp_set_memory_functions(allocate, reallocate, release);
}
