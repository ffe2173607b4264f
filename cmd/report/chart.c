/*
 * Draws charts with gnuplot, which reads a script from an unlinked file.
 *
 * The only parts of a document that get into a script are numbers, and names in single quotes. In
 * single quotes gnuplot knows no escapes, commands or macros. A quote in a name is replaced by an
 * apostrophe (’): gnuplot 5.4 reads two quotes as one character, but four of them as the end of the
 * string.
 *
 * The functions that write a script do not report that memory is exhausted: write_script checks err
 * at its end.
 */
#include "report.h"

#include "base/utf8.h"
#include "process/find.h"
#include "process/measure.h"
#include "sdp/mem.h"
#include "sdp/program.h"
#include "table/source.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The style below replaces the colour INK by the colour of text. No line has this colour. */
#define INK "#010203"
#define INKED(colour)                                                                              \
	"[fill=\"rgb(1,2,3)\"]{fill:" colour                                                       \
	"}[stroke=\"rgb(  1,   2,   3)\"],.gridline{stroke:" colour "}"
static const char style[] = "<style>svg{background:#fff}.gridline{opacity:.25}" INKED(
	"#1f2328") "@media(prefers-color-scheme:dark){svg{background:#"
		   "0d1117}" INKED("#e6edf3") "}</style>\n";

/* These colours are visible on white and on black. Lines also differ in their points and dashes. */
static const char *const colours[] = {"#3b82c4", "#e07b00", "#2a9d6f", "#d1497a",
				      "#8a63d2", "#a8842c", "#1c9cb5", "#7a7f87"};
static const int points[] = {7, 5, 9, 13, 11, 15, 6, 4};
enum { COLOURS = sizeof colours / sizeof *colours, LEGEND = 30, TICS = 12 };

static const char *const ylabels[] = {"seconds", "speedup", "efficiency",
				      "throughput of one worker"};

void report_clean(struct sdp_buf *out, const char *text, struct sdp_err *err)
{
	static const char *const forbidden[] = {"\xef\xbf\xbe", "\xef\xbf\xbf"};
	for (size_t length; *text; text += length) {
		size_t rest = strlen(text);
		bool bad = !sdp_utf8_shown(text, rest) || strncmp(text, forbidden[0], 3) == 0 ||
			   strncmp(text, forbidden[1], 3) == 0;
		length = sdp_utf8_sequence(text, rest);
		length += length == 0;
		sdp_buf_add(out, bad ? "\xef\xbf\xbd" : text, bad ? 3 : length, err);
	}
}

/* Appends a title as a string constant of gnuplot, cut to the length of a legend. */
static void quote(struct sdp_buf *out, const char *title, struct sdp_err *err)
{
	struct sdp_buf clean = {0};
	report_clean(&clean, *title ? title : " ", err);
	const char *at = clean.data ? clean.data : "";
	sdp_buf_add_text(out, "'", err);
	for (size_t i = 0; *at && i < LEGEND; i++) {
		size_t length = sdp_utf8_sequence(at, strlen(at));
		if (*at == '\'')
			sdp_buf_add_text(out, "’", err);
		else
			sdp_buf_add(out, at, length, err);
		at += length;
	}
	sdp_buf_add_text(out, *at ? "…'" : "'", err);
	sdp_buf_release(&clean);
}

/* A point of a chart. If the interval is not known, low and high are equal to value. */
struct point {
	double value, low, high;
};

static struct point point_of(enum report_chart chart, const struct report_series *s,
			     const struct report_run *r)
{
	double share = s->runs[0].workers / r->workers;
	struct point p = {r->median, r->low, r->high};
	if (chart == REPORT_SPEEDUP)
		p = (struct point){r->speedup, r->speedup_low, r->speedup_high};
	else if (chart == REPORT_EFFICIENCY)
		p = (struct point){r->efficiency, r->speedup_low * share, r->speedup_high * share};
	else if (chart == REPORT_THROUGHPUT)
		p = (struct point){1 / (r->median * s->fit.gamma), 1 / (r->high * s->fit.gamma),
				   1 / (r->low * s->fit.gamma)};
	if (!(p.low > 0 && p.low <= p.value && p.high >= p.value && isfinite(p.high)))
		p.low = p.high = p.value;
	return p;
}

static bool drawable(enum report_chart chart, const struct report_series *s)
{
	if (chart == REPORT_THROUGHPUT)
		return s->fit.there && s->fit.gamma > 0 && s->fit.alpha >= 0 && s->fit.beta >= 0;
	return chart == REPORT_TIME || s->count > 1;
}

/* The ranges of the axes, over all drawable lines of a chart. */
struct span {
	double least, most;               /* numbers of workers */
	double low, high;                 /* values */
	double tics[TICS], cores;         /* cores: NaN if the documents differ */
	size_t tic_count, lines, longest; /* longest: characters of the longest title */
};

static void note_tic(struct span *span, double workers)
{
	for (size_t i = 0; i < span->tic_count; i++)
		if (i == TICS || span->tics[i] == workers)
			return;
	if (span->tic_count < TICS)
		span->tics[span->tic_count] = workers;
	span->tic_count += span->tic_count <= TICS;
}

static size_t characters(const char *title)
{
	size_t n = 0;
	for (; *title; title++)
		n += ((unsigned char)*title & 0xc0) != 0x80;
	return n < LEGEND ? n : LEGEND;
}

static struct span measure(enum report_chart chart, const struct report_line *lines, size_t count)
{
	struct span span = {.least = INFINITY, .low = INFINITY};
	for (size_t i = 0; i < count; i++) {
		const struct report_series *s = lines[i].series;
		if (!drawable(chart, s))
			continue;
		span.cores = span.lines++ == 0 || span.cores == s->document->cores
				     ? s->document->cores
				     : NAN;
		if (span.longest < characters(lines[i].title))
			span.longest = characters(lines[i].title);
		for (size_t k = 0; k < s->count; k++) {
			struct point p = point_of(chart, s, &s->runs[k]);
			span.least = fmin(span.least, s->runs[k].workers);
			span.most = fmax(span.most, s->runs[k].workers);
			span.low = fmin(span.low, p.low);
			span.high = fmax(span.high, p.high);
			note_tic(&span, s->runs[k].workers);
		}
	}
	return span;
}

static void put_data(enum report_chart chart, const struct report_line *line, size_t number,
		     struct sdp_buf *out, struct sdp_err *err)
{
	const struct report_series *s = line->series;
	sdp_buf_format(out, err, "$d%zu << EOD\n", number);
	for (size_t k = 0; k < s->count; k++) {
		struct point p = point_of(chart, s, &s->runs[k]);
		if (isfinite(p.value) && p.value > 0)
			sdp_buf_format(out, err, "%.0f %.9g %.9g %.9g\n", s->runs[k].workers,
				       p.value, p.low, p.high);
	}
	sdp_buf_add_text(out, "EOD\n", err);
}

static void put_axes(enum report_chart chart, const struct span *span, struct sdp_buf *out,
		     struct sdp_err *err)
{
	bool wide = chart == REPORT_THROUGHPUT;
	size_t entries = span->lines + (chart != REPORT_TIME),
	       rows = span->longest > 20 ? entries : (entries + 1) / 2;
	sdp_buf_format(
		out, err,
		"set terminal svg size 480,%zu fixed noenhanced font 'sans-serif,13' linewidth "
		"1.5\n"
		"set encoding utf8\nset border 3 lc rgb '" INK "'\n"
		"set tics nomirror textcolor rgb '" INK "'\nset grid ytics lc rgb 'gray'\n"
		"set key below vertical Left reverse samplen 2 maxrows %zu textcolor rgb '" INK
		"'\n"
		"set xlabel 'workers' textcolor rgb '" INK "'\n"
		"set ylabel '%s' textcolor rgb '" INK "'\n",
		300 + 18 * rows, rows, ylabels[chart]);
	if (wide)
		sdp_buf_format(out, err,
			       "set samples 200\nset logscale xy 2\nset xrange [0.9:%.0f]\n",
			       2 * span->most);
	else
		sdp_buf_format(out, err, "set logscale x 2\nset xrange [%.9g:%.9g]\n",
			       span->least / 1.15, span->most * 1.15);
	if (!wide && span->tic_count <= TICS) {
		sdp_buf_add_text(out, "set xtics (1", err);
		for (size_t i = 0; i < span->tic_count; i++)
			sdp_buf_format(out, err, ", %.0f", span->tics[i]);
		sdp_buf_add_text(out, ")\n", err);
	}
	if (chart == REPORT_SPEEDUP)
		sdp_buf_add_text(out, "set logscale y 2\n", err);
	else if (chart == REPORT_TIME && span->high > 8 * span->low)
		sdp_buf_add_text(out, "set logscale y 10\n", err);
	else if (!wide)
		sdp_buf_add_text(out, "set yrange [0:*]\n", err);
	if (span->cores > span->least && span->cores < span->most)
		sdp_buf_format(out, err,
			       "set arrow from first %.0f, graph 0 to first %.0f, graph 1 "
			       "nohead dt 3 lc rgb '" INK
			       "'\nset label '%.0f cores' at first %.0f, graph 1.04 center "
			       "textcolor rgb '" INK "'\n",
			       span->cores, span->cores, span->cores, span->cores);
}

static void put_line(enum report_chart chart, const struct report_line *line, size_t number,
		     struct sdp_buf *out, struct sdp_err *err)
{
	const char *colour = colours[number % COLOURS];
	const struct report_fit *fit = &line->series->fit;
	char lines[48];
	int point = points[(number + number / COLOURS) % COLOURS],
	    dash = 1 + (int)(number / COLOURS) % 4;
	if (chart == REPORT_THROUGHPUT)
		sdp_buf_format(
			out, err,
			"x/(1+%.9g*(x-1)+%.9g*x*(x-1)) with lines dt %d lc rgb '%s' notitle, "
			"$d%zu using 1:2:3:4 with yerrorbars ps 0 lc rgb '%s' notitle, ",
			fit->alpha, fit->beta, dash, colour, number, colour);
	snprintf(lines, sizeof lines, "1:2:3:4 with yerrorlines dt %d", dash);
	sdp_buf_format(out, err, "$d%zu using %s pt %d ps 0.6 lc rgb '%s' title ", number,
		       chart == REPORT_THROUGHPUT ? "1:2 with points" : lines, point, colour);
	quote(out, line->title, err);
	sdp_buf_add_text(out, ", ", err);
}

static int write_script(enum report_chart chart, const struct report_line *lines, size_t count,
			const struct span *span, struct sdp_buf *out, struct sdp_err *err)
{
	bool flat = chart == REPORT_EFFICIENCY, one = flat || chart == REPORT_THROUGHPUT;
	err->code = SDP_OK;
	put_axes(chart, span, out, err);
	for (size_t i = 0; i < count; i++)
		if (drawable(chart, lines[i].series))
			put_data(chart, &lines[i], i, out, err);
	sdp_buf_add_text(out, "plot ", err);
	for (size_t i = 0; i < count; i++)
		if (drawable(chart, lines[i].series))
			put_line(chart, &lines[i], i, out, err);
	if (chart == REPORT_TIME)
		sdp_buf_add_text(out, "1/0 notitle\n", err);
	else
		sdp_buf_format(out, err,
			       "%s/%.0f with lines dt 2 lw 0.7 lc rgb '" INK "' title 'ideal'\n",
			       flat ? "1." : "x", one ? 1 : span->least);
	return sdp_err_result(err);
}

/*
 * Fails with the last line of gnuplot's standard error. gnuplot shows the faulty line first and
 * then the reason.
 */
static int fail_gnuplot(const struct sdp_buf *said, struct sdp_err *err)
{
	const char *end = said->data + said->length, *start;
	while (end > said->data && strchr("\n \t", end[-1]))
		end--;
	for (start = end; start > said->data && start[-1] != '\n';)
		start--;
	if (start == end)
		return sdp_fail(err, SDP_SYSTEM, "gnuplot failed: it printed no SVG");
	return sdp_fail(err, SDP_SYSTEM, "gnuplot failed: %.*s",
			(int)(end - start < 300 ? end - start : 300), start);
}

/* Runs gnuplot on the script, an open file, and captures the SVG that it prints. */
static int run(int script, struct sdp_buf *svg, struct sdp_err *err)
{
	char place[32];
	char *words[] = {"gnuplot", "-d", place, NULL};
	struct sdp_buf path = {0};
	struct sdp_measure m = {0};
	struct sdp_measure_command command = {.words = words, .inherit = script, .capture = svg};

	snprintf(place, sizeof place, "/dev/fd/%d", script);
	if (sdp_find_program(words[0], &path, err) < 0) {
		sdp_buf_release(&path);
		return sdp_fail(err, SDP_SYSTEM,
				"charts are drawn by gnuplot, which is not here: apt-get install "
				"gnuplot-nox");
	}
	command.path = path.data;
	int rc = sdp_measure_run(&command, &m, err);
	if (rc == 0 && (!WIFEXITED(m.status) || WEXITSTATUS(m.status) || !svg->length ||
			!strstr(svg->data, "</svg>")))
		rc = fail_gnuplot(&m.messages, err);
	sdp_buf_release(&m.messages);
	sdp_buf_release(&path);
	return rc;
}

/* Copies the SVG and inserts the style after the tag of its root. */
static int add_style(const struct sdp_buf *plain, struct sdp_buf *svg, struct sdp_err *err)
{
	const char *root = strstr(plain->data, "<svg"), *end = root ? strchr(root, '>') : NULL;
	if (!end)
		return sdp_fail(err, SDP_SYSTEM, "gnuplot failed: no SVG");
	end += end[1] == '\n' ? 2 : 1;
	err->code = SDP_OK;
	sdp_buf_add(svg, plain->data, (size_t)(end - plain->data), err);
	sdp_buf_add_text(svg, style, err);
	sdp_buf_add_text(svg, end, err);
	return sdp_err_result(err);
}

int report_draw(enum report_chart chart, const struct report_line *lines, size_t count,
		struct sdp_buf *svg, struct sdp_err *err)
{
	struct span span = measure(chart, lines, count);
	struct sdp_buf script = {0}, plain = {0};
	if (span.lines == 0)
		return 0;
	int rc = -1, fd = sdp_spool_new(err);
	if (fd < 0 || write_script(chart, lines, count, &span, &script, err) < 0)
		goto out;
	if (sdp_write_all(fd, script.data, script.length) < 0)
		rc = sdp_fail_errno(err, "cannot write to a temporary file in %s",
				    sdp_temporary_folder());
	else if (run(fd, &plain, err) == 0)
		rc = add_style(&plain, svg, err);
out:
	if (fd >= 0)
		close(fd);
	sdp_buf_release(&script);
	sdp_buf_release(&plain);
	return rc;
}
