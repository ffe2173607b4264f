/*
 * The options of a task's program, which that program prints with --options.  sdp-bench and
 * sdp-databricks take them, and pass them to the task.
 */
#ifndef SDP_CLI_TASK_OPTIONS_H
#define SDP_CLI_TASK_OPTIONS_H

#include "sdp/buf.h"

#include <stdbool.h>

struct sdp_task_option {
	char letter;      /* its short name; a tab if there is none */
	const char *name; /* its long name, in the table */
	int length;       /* of the long name */
	bool value;       /* it takes a value; false: it is a flag */
};

/* Appends what the program prints with --options to table, unless table has it already. */
int sdp_task_options_read(const char *program, struct sdp_buf *table, struct sdp_err *err);

/*
 * Reads the next option.  at is the table at the first call, and then the result of the last call.
 * Returns NULL, with *option unchanged, after the last option.
 */
const char *sdp_task_options_next(const char *at, struct sdp_task_option *option);

#endif
