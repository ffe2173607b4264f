/* Prints the progress of a run as a bar or as JSON lines. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 30 };

static double seconds(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

void sdp_progress_line_init(struct sdp_progress_line *line, const char *program,
			    const struct sdp_common *common)
{
	const char *how = common->progress ? common->progress : "never";
	*line = (struct sdp_progress_line){.program = program};
	if (strcmp(how, "json") == 0)
		line->how = SDP_PROGRESS_JSON;
	else if (strcmp(how, "always") == 0)
		line->how = SDP_PROGRESS_BAR;
	else if (strcmp(how, "auto") == 0 && !common->quiet && isatty(STDERR_FILENO))
		line->how = SDP_PROGRESS_BAR;
	line->at_once = strcmp(how, "auto") != 0;
	clock_gettime(CLOCK_MONOTONIC, &line->start);
	line->last = line->start;
}

static void show_bar(struct sdp_progress_line *line, const struct sdp_progress *p, double fraction,
		     double elapsed)
{
	char bar[WIDTH + 1];
	memset(bar, ' ', WIDTH);
	bar[WIDTH] = '\0';
	memset(bar, '#', (size_t)(fraction * WIDTH));
	if (p->total && line->eta && fraction > 0)
		fprintf(stderr, "\r%s: %-14s [%s] %3.0f %% %5.1f s, %.0f s left ", line->program,
			p->phase, bar, fraction * 100, elapsed, elapsed / fraction - elapsed);
	else if (p->total)
		fprintf(stderr, "\r%s: %-14s [%s] %3.0f %% %5.1f s", line->program, p->phase, bar,
			fraction * 100, elapsed);
	else
		fprintf(stderr, "\r%s: %-14s %10.1f MB %5.1f s", line->program, p->phase,
			(double)p->done / 1e6, elapsed);
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
	if (line->how == SDP_PROGRESS_BAR)
		show_bar(line, p, fraction, elapsed);
	else if (p->total && line->eta && fraction > 0)
		fprintf(stderr,
			"{\"phase\":\"%s\",\"progress\":%.4f,\"seconds\":%.1f,\"eta_seconds\":%.1f}"
			"\n",
			p->phase, fraction, elapsed, elapsed / fraction - elapsed);
	else if (p->total)
		fprintf(stderr,
			"{\"phase\":\"%s\",\"pass\":%d,\"progress\":%.4f,\"seconds\":%.1f}\n",
			p->phase, p->pass, fraction, elapsed);
	else
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
