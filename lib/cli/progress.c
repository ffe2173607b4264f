/* Prints the progress of a run as a bar or as JSON lines. */
#include "cli/progress.h"

#include "base/human.h"
#include "cli/terminal.h"
#include "document/text_table.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 30, DIGITS = 2 };

static double seconds(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

void sdp_progress_line_init(struct sdp_progress_line *line, const char *program,
			    const struct sdp_common *common)
{
	enum sdp_progress_when when = common->progress;
	*line = (struct sdp_progress_line){.program = program, .left = -1, .until = 1};
	if (when == SDP_PROGRESS_LINES)
		line->how = SDP_PROGRESS_JSON;
	else if (when == SDP_PROGRESS_ALWAYS ||
		 (when == SDP_PROGRESS_AUTO && !common->quiet && isatty(STDERR_FILENO)))
		line->how = SDP_PROGRESS_BAR;
	line->at_once = when != SDP_PROGRESS_AUTO;
	clock_gettime(CLOCK_MONOTONIC, &line->start);
	line->last = line->start;
}

/* Returns the estimate of the seconds left; a negative number if there is none. */
static double seconds_left(const struct sdp_progress_line *line, double fraction, double elapsed)
{
	if (line->left >= 0)
		return line->left;
	return line->eta && fraction > 0 ? elapsed / fraction - elapsed : -1;
}

/*
 * Replaces the line on the terminal.  It never gets as wide as the terminal, because a line that is
 * wrapped cannot be replaced: the bar is left out, then the phase is cut, then the line.
 */
static void put_line(const struct sdp_progress_line *line, const char *phase, const char *bar,
		     const char *rest)
{
	struct sdp_buf cut = {0}, text = {0}, shown = {0};
	struct sdp_err err;
	int width = 0, terminal = sdp_terminal_columns(STDERR_FILENO);
	size_t others = strlen(line->program) + strlen(rest) + 4;
	if (terminal && others + strlen(phase) + strlen(bar) >= (size_t)terminal)
		bar = "";
	int room = terminal > (int)others ? terminal - (int)others : 1;
	if (sdp_text_table_clean(&cut, phase, strlen(phase), terminal ? room : 0, &width, &err) ==
		    0 &&
	    sdp_buf_format(&text, &err, "%s: %-*s %s%s", line->program, *bar ? 14 : 0,
			   cut.data ? cut.data : "", bar, rest) == 0 &&
	    sdp_text_table_clean(&shown, text.data, text.length, terminal ? terminal - 1 : 0,
				 &width, &err) == 0)
		fprintf(stderr, "\r%s%s", shown.data, terminal ? "\033[K" : "");
	sdp_buf_release(&cut);
	sdp_buf_release(&text);
	sdp_buf_release(&shown);
}

static void show_bar(struct sdp_progress_line *line, const struct sdp_progress *p, double fraction,
		     double elapsed)
{
	char bar[WIDTH + 4] = "", rest[128], time[SDP_HUMAN_TEXT], left[SDP_HUMAN_TEXT] = "";
	double estimate = seconds_left(line, fraction, elapsed);
	sdp_human_seconds(time, elapsed, DIGITS);
	if (estimate >= 0)
		sdp_human_seconds(left, estimate, DIGITS);
	if (p->total) {
		memset(bar, ' ', WIDTH + 3);
		bar[0] = '[';
		bar[WIDTH + 1] = ']';
		memset(bar + 1, '#', (size_t)(fraction * WIDTH));
		snprintf(rest, sizeof rest, "%3.0f %% %s%s%s%s", fraction * 100, time,
			 *left ? ", " : "", left, *left ? " left" : "");
	} else {
		char size[SDP_HUMAN_TEXT];
		sdp_human_bytes(size, (double)p->done, SDP_HUMAN_DIGITS);
		snprintf(rest, sizeof rest, "%s %s", size, time);
	}
	put_line(line, p->phase, bar, rest);
}

void sdp_progress_line_show(void *context, const struct sdp_progress *p)
{
	struct sdp_progress_line *line = context;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double elapsed = seconds(&line->start, &now);
	/* With --progress=auto, a run of less than half a second shows no bar. */
	if (line->shown || !line->at_once)
		if (seconds(&line->last, &now) < 0.1 || (!line->at_once && elapsed < 0.5))
			return;
	line->last = now;
	line->shown = true;
	double fraction = p->total ? (double)p->done / (double)p->total : 0;
	if (fraction > 1)
		fraction = 1;
	fraction = line->from + (line->until - line->from) * fraction;
	double left = seconds_left(line, fraction, elapsed);
	if (line->how == SDP_PROGRESS_BAR)
		show_bar(line, p, fraction, elapsed);
	else if (p->total) {
		char eta[64] = "";
		if (left >= 0)
			snprintf(eta, sizeof eta, ",\"eta_seconds\":%.1f", left);
		fprintf(stderr,
			"{\"phase\":\"%s\",\"pass\":%d,\"progress\":%.4f,\"seconds\":%.1f%s}\n",
			p->phase, p->pass, fraction, elapsed, eta);
	} else
		fprintf(stderr, "{\"phase\":\"%s\",\"pass\":%d,\"bytes\":%llu,\"seconds\":%.1f}\n",
			p->phase, p->pass, (unsigned long long)p->done, elapsed);
}

void sdp_progress_line_clear(struct sdp_progress_line *line)
{
	if (line->how == SDP_PROGRESS_BAR && line->shown)
		fprintf(stderr, isatty(STDERR_FILENO) ? "\r\033[K" : "\n");
	line->shown = false;
}

void sdp_progress_line_end(struct sdp_progress_line *line)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (line->how == SDP_PROGRESS_JSON)
		fprintf(stderr, "{\"phase\":\"end\",\"seconds\":%.1f}\n",
			seconds(&line->start, &now));
	sdp_progress_line_clear(line);
}
