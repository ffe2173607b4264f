/* Ends the program when a library cannot go on without memory. */
#define _GNU_SOURCE
#include "base/need_memory.h"

#include "base/signals.h"
#include "sdp/buf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pid_t program; /* the process that main runs in; 0 before this is known */

__attribute__((constructor)) static void note_program(void)
{
	program = getpid();
}

void *sdp_need_memory(void *memory)
{
	char message[300];
	if (memory)
		return memory;
	if (!program || getpid() == program) {
		sdp_signals_remove_files();
		snprintf(message, sizeof message, "%.200s: out of memory\n",
			 program_invocation_short_name);
		(void)sdp_write_all(STDERR_FILENO, message, strlen(message));
	}
	_exit(SDP_SYSTEM);
}
