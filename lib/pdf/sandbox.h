/*
 * A process that can do nothing but compute, read and write what it has open: for parsers of what
 * others wrote.
 */
#ifndef SDP_PDF_SANDBOX_H
#define SDP_PDF_SANDBOX_H

#include "sdp/err.h"

#include <stdbool.h>

struct sdp_sandbox {
	uint64_t memory;  /* bytes of address space that may be taken yet */
	uint64_t seconds; /* of processor time */
};

/*
 * From here on this process cannot open files or sockets, nor start programs or processes, and dies
 * of SIGXCPU when its time is up.  Calls that are not allowed fail with EPERM.  There is no way
 * back.
 *
 * With a sanitizer, which needs more calls and memory, and on machines other than x86-64 and
 * AArch64, only the limit of time is set.
 */
int sdp_sandbox_enter(const struct sdp_sandbox *sandbox, struct sdp_err *err);

/* Does it do all that on this machine, as this program is built? */
bool sdp_sandbox_whole(void);

#endif
