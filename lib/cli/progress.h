/*
 * The progress display on standard error: a bar for people, or JSON lines for programs.
 *
 *	sdp_progress_line_init  ->  sdp_progress_line_show, many times  ->  sdp_progress_line_end
 *
 * The struct owns nothing and needs no release.
 */
#ifndef SDP_CLI_PROGRESS_H
#define SDP_CLI_PROGRESS_H

#include "sdp/engine.h"
#include "sdp/program.h"

#include <time.h>

struct sdp_progress_line {
	enum { SDP_PROGRESS_NONE, SDP_PROGRESS_BAR, SDP_PROGRESS_JSON } how;
	const char *program;
	bool shown;   /* a line has been printed since the start or the last clear */
	bool at_once; /* the first line is printed even if the run is short */
	/*
	 * Set it after init if the steps take equal time: each line then has an estimate of the
	 * time left.
	 */
	bool eta;
	double left; /* seconds left, if the caller knows them better; negative: unknown */
	/*
	 * The part of the program's work that this line shows, between 0 and 1; after init all of
	 * it.  Programs that run the engine several times have a line for each run.
	 */
	double from, until;
	struct timespec start, last; /* of the run, of the last line; CLOCK_MONOTONIC */
};

/*
 * Starts the clock and chooses the display: --progress decides; "auto" shows a bar if standard
 * error is a terminal and --quiet is not given.  program must outlive the line.
 */
void sdp_progress_line_init(struct sdp_progress_line *line, const char *program,
			    const struct sdp_common *common);

/*
 * Prints the progress; context is the line.  It has the type of the progress function in struct
 * sdp_engine_options.  It prints at most ten lines per second, and with --progress=auto none in the
 * first half second.
 */
void sdp_progress_line_show(void *context, const struct sdp_progress *progress);

/* Ends the display: removes the bar, or prints the last JSON line. */
void sdp_progress_line_end(struct sdp_progress_line *line);

/*
 * Removes the bar from the terminal (elsewhere it ends the line), so that other output can be
 * printed.  The next call of sdp_progress_line_show prints it again.
 */
void sdp_progress_line_clear(struct sdp_progress_line *line);

#endif
