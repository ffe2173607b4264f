/*
 * A sandbox for processes that parse untrusted input.  A process in the sandbox can compute, and
 * read and write the descriptors that it has open, and nothing else.
 */
#ifndef SDP_PDF_SANDBOX_H
#define SDP_PDF_SANDBOX_H

#include "sdp/err.h"

#include <stdbool.h>

struct sdp_sandbox {
	uint64_t memory;  /* bytes of address space that the process may add to what it has */
	uint64_t seconds; /* of CPU time, since the start of the process */
};

/*
 * Puts this process into the sandbox for the rest of its life.  It can no longer open files or
 * sockets, nor start programs or processes; such calls fail with EPERM (seccomp).  It dumps no
 * core.  When its CPU time is used up, the kernel kills it (SIGKILL).
 *
 * With a sanitizer, which needs more calls and memory, and on machines other than x86-64 and
 * AArch64, only the limit of CPU time is set.
 *
 * Returns 0, or -1 with SDP_SYSTEM if a limit cannot be set.
 */
int sdp_sandbox_enter(const struct sdp_sandbox *sandbox, struct sdp_err *err);

/* Returns whether the sandbox is written for this machine: x86-64 or AArch64. */
bool sdp_sandbox_available(void);

#endif
