/* The progress line on stderr: a bar on a terminal, JSON lines for programs. */
#ifndef SDP_CLI_PROGRESS_H
#define SDP_CLI_PROGRESS_H

#include "sdp/engine.h"
#include "sdp/program.h"

#include <time.h>

struct sdp_progress_line {
	enum { SDP_PROGRESS_NONE, SDP_PROGRESS_BAR, SDP_PROGRESS_JSON } how;
	const char *program;
	bool shown, at_once; /* at_once: however short the run */
	/* to be set by who shows steps of even speed: says how long it will take */
	bool eta;
	int pass;
	struct timespec start, last;
};

/* What --progress, -q and the terminal say. */
void sdp_progress_line_init(struct sdp_progress_line *line, const char *program,
			    const struct sdp_common *common);

/* For sdp_engine_options; context is the line.  Shows at most ten times a second. */
void sdp_progress_line_show(void *context, const struct sdp_progress *progress);

/* Wipes a bar from a terminal, ends its line elsewhere. */
void sdp_progress_line_end(struct sdp_progress_line *line);

/* Takes the line away, for something else to be shown; it comes again with the next figures. */
void sdp_progress_line_clear(struct sdp_progress_line *line);

#endif
