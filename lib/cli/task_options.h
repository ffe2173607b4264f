/*
 * The options of another program of sdp, as its --options tells them: of a task's program, to which
 * sdp-bench and sdp-databricks pass them.
 */
#ifndef SDP_CLI_TASK_OPTIONS_H
#define SDP_CLI_TASK_OPTIONS_H

#include "sdp/buf.h"

#include <stdbool.h>

struct sdp_task_option {
	char letter;      /* its short name; a tab if there is none */
	const char *name; /* its long name, in the table */
	int length;       /* of the long name */
	bool value;       /* it takes a value: it is no flag */
};

/* Appends what the program prints with --options to table, unless table has it already. */
int sdp_task_options_read(const char *program, struct sdp_buf *table, struct sdp_err *err);

/*
 * Reads the next option.  at is the table first, and then what the last call returned.  Returns
 * NULL, with *option unchanged, after the last one.
 */
const char *sdp_task_options_next(const char *at, struct sdp_task_option *option);

#endif
