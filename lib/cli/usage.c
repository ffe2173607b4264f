/* The texts of --help and --options, made from the table of options. */
#include "cli/cli.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/num.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 80, HELP_COLUMN = 28, NAMES_COLUMN = 8 };

/* Appends unit, range and default as " (bytes; 3 to 100; default 3)", or nothing if it has none. */
static int add_limits(const struct sdp_option *o, struct sdp_buf *text, struct sdp_err *err)
{
	const char *join = " (";
	bool ranged = (o->min != 0 || o->max != 0) && o->type != SDP_SIZE && o->type != SDP_CHOICE;
	if (o->unit && *o->unit) {
		if (sdp_buf_format(text, err, "%s%s", join, o->unit) < 0)
			return -1;
		join = "; ";
	}
	if (ranged && isfinite(o->min) && isfinite(o->max)) {
		if (sdp_buf_format(text, err, "%s%.15g to %.15g", join, o->min, o->max) < 0)
			return -1;
		join = "; ";
	} else if (ranged && isfinite(o->min)) {
		if (sdp_buf_format(text, err, "%sat least %.15g", join, o->min) < 0)
			return -1;
		join = "; ";
	}
	if (o->default_value) {
		const char *quote = *o->default_value ? "" : "'";
		if (sdp_buf_format(text, err, "%sdefault %s%s%s", join, quote, o->default_value,
				   quote) < 0)
			return -1;
		join = "; ";
	}
	return *join == ';' ? sdp_buf_add_text(text, ")", err) : 0;
}

/* Where the text of help goes, and how it looks. */
struct help {
	struct sdp_buf *out;
	const struct sdp_option_table *table;
	size_t width;
	bool bold, brief; /* brief: the text of -h */
	struct sdp_err *err;
};

/* Appends the words of text, wrapped, and a line feed; every line begins in column at. */
static int wrap(const struct help *h, const char *text, size_t at)
{
	size_t column = at;
	bool first = true;
	while (*text) {
		size_t n = strcspn(text, " ");
		if (!first && column + 1 + n > h->width) {
			if (sdp_buf_format(h->out, h->err, "\n%*s", (int)at, "") < 0)
				return -1;
			column = at;
		} else if (!first) {
			if (sdp_buf_add(h->out, " ", 1, h->err) < 0)
				return -1;
			column++;
		}
		if (sdp_buf_add(h->out, text, n, h->err) < 0)
			return -1;
		column += n;
		text += n + (text[n] == ' ');
		first = false;
	}
	return sdp_buf_add(h->out, "\n", 1, h->err);
}

/*
 * Appends the name of an option and its argument.  If a list of choices is longer than a line, the
 * line is broken after a '|'.
 */
static int add_left(const struct help *h, const char *left)
{
	enum { INDENT = 8 };
	for (size_t room = h->width; strlen(left) > room; room = h->width - INDENT) {
		size_t n = room;
		while (n && left[n - 1] != '|')
			n--;
		if (!n)
			break;
		if (sdp_buf_format(h->out, h->err, "%.*s\n%*s", (int)n, left, INDENT, "") < 0)
			return -1;
		left += n;
	}
	return sdp_buf_add_text(h->out, left, h->err);
}

/* Returns whether -h prints the default: not if it is 0, -1 or empty, which turn an option off. */
static bool prints_default(const struct sdp_option *o)
{
	const char *text = o->default_value;
	return text && *text && *text != '-' && strcmp(text, "0") != 0;
}

/*
 * Appends the help of an option: all of it with its limits, or for -h what precedes a semicolon,
 * and the default if it fits into the same line.
 */
static int add_help(const struct help *h, const struct sdp_option *o, struct sdp_buf *text)
{
	if (h->brief) {
		size_t length = strcspn(o->help, ";");
		if (sdp_buf_add(text, o->help, length, h->err) < 0)
			return -1;
		return prints_default(o) && HELP_COLUMN + length + strlen(" (default )") +
							    strlen(o->default_value) <=
						    h->width
			       ? sdp_buf_format(text, h->err, " (default %s)", o->default_value)
			       : 0;
	}
	return sdp_buf_add_text(text, o->help, h->err) < 0 ? -1 : add_limits(o, text, h->err);
}

static int option_line(const struct help *h, const struct sdp_option *o)
{
	struct sdp_buf text = {0};
	char left[200], dash[5] = "    ";
	if (o->short_name)
		snprintf(dash, sizeof dash, "-%c, ", o->short_name);
	snprintf(left, sizeof left, "  %s--%s%s%s", dash, o->long_name, o->argument ? " " : "",
		 o->argument ? o->argument : "");
	int rc = add_help(h, o, &text);
	if (rc == 0 && strlen(left) + 2 <= HELP_COLUMN)
		rc = sdp_buf_format(h->out, h->err, "%-*s", HELP_COLUMN, left);
	else if (rc == 0 && (rc = add_left(h, left)) == 0)
		rc = sdp_buf_format(h->out, h->err, "\n%*s", HELP_COLUMN, "");
	if (rc == 0)
		rc = wrap(h, text.data, HELP_COLUMN);
	sdp_buf_release(&text);
	return rc;
}

static int add_heading(const struct help *h, const char *title)
{
	return sdp_buf_format(h->out, h->err, "%s%s%s:%s\n", h->brief ? "" : "\n",
			      h->bold ? SDP_BOLD : "", title, h->bold ? SDP_PLAIN : "");
}

static int add_usage(const struct help *h, const struct sdp_program *program)
{
	struct sdp_buf words = {0};
	int rc = sdp_buf_format(&words, h->err, "[OPTION]... %s",
				program->operands ? program->operands : "");
	if (rc == 0 && words.data[words.length - 1] == ' ')
		words.data[--words.length] = '\0';
	if (rc == 0)
		rc = sdp_buf_format(h->out, h->err, "usage: %s ", program->name);
	if (rc == 0)
		rc = wrap(h, words.data, strlen("usage:  ") + strlen(program->name));
	sdp_buf_release(&words);
	if (rc < 0 || wrap(h, program->summary, 0) < 0)
		return -1;
	if (program->examples && add_heading(h, "examples") < 0)
		return -1;
	for (const char *const *example = program->examples; example && *example; example++)
		if (sdp_buf_format(h->out, h->err, "  $ %s\n", *example) < 0)
			return -1;
	return 0;
}

/* Returns the option of a section's list, of which name is the rest, or NULL at its end. */
static const struct sdp_option *next_option(const struct help *h, const char **name)
{
	const char *word = *name + strspn(*name, " ");
	size_t length = strcspn(word, " ");
	const struct sdp_option *o = length ? sdp_option_find(h->table, word, length) : NULL;
	if (length && !o)
		SDP_BUG();
	*name = word + length;
	return o;
}

static int add_section(const struct help *h, const struct sdp_help_section *section)
{
	const char *names = section->options;
	if (add_heading(h, section->title) < 0)
		return -1;
	for (const struct sdp_option *o; (o = next_option(h, &names));)
		if (option_line(h, o) < 0)
			return -1;
	return 0;
}

/* Returns whether the option is in one of the program's own sections. */
static bool in_section(const struct sdp_program *program, const struct sdp_option *o)
{
	for (const struct sdp_help_section *s = program->sections; s && s->title; s++)
		if (sdp_option_is_listed(o, s->options))
			return true;
	return false;
}

static bool is_shared(const struct sdp_program *program, const struct sdp_help_section *section,
		      const struct sdp_option *o)
{
	return sdp_option_is_listed(o, section->options) && !in_section(program, o);
}

/* Appends the names of the options of a shared section as one line: those for which it has room. */
static int add_names(const struct help *h, const struct sdp_program *program,
		     const struct sdp_help_section *section, const char *manual)
{
	size_t used = NAMES_COLUMN + strlen(" ... ()") + strlen(manual), count = 0;
	for (size_t i = 0; i < h->table->count; i++) {
		const struct sdp_option *o = &h->table->options[i];
		const char name[3] = {'-', o->short_name, '\0'};
		/* The choices of -f. */
		const char *choices = o->short_name && o->type == SDP_CHOICE ? o->argument : "";
		size_t length = (o->short_name ? 3 : strlen(o->long_name) + 3) + strlen(choices) +
				(*choices != '\0');
		if (!is_shared(program, section, o))
			continue;
		if (count++ == 0 &&
		    sdp_buf_format(h->out, h->err, "%-*s", NAMES_COLUMN, section->title) < 0)
			return -1;
		if ((used += length) > h->width)
			return sdp_buf_format(h->out, h->err, " ... (%s)\n", manual);
		if (sdp_buf_format(h->out, h->err, " %s%s%s%s", o->short_name ? name : "--",
				   o->short_name ? "" : o->long_name, *choices ? " " : "",
				   choices) < 0)
			return -1;
	}
	return count ? sdp_buf_format(h->out, h->err, " (%s)\n", manual) : 0;
}

static int add_shared(const struct help *h, const struct sdp_program *program,
		      const struct sdp_help_section *section)
{
	bool any = false;
	for (size_t i = 0; i < h->table->count; i++) {
		const struct sdp_option *o = &h->table->options[i];
		if (!is_shared(program, section, o))
			continue;
		if ((!any && add_heading(h, section->title) < 0) || option_line(h, o) < 0)
			return -1;
		any = true;
	}
	return 0;
}

/* The sections of the common options, which are the same in all programs. */
static const struct {
	struct sdp_help_section section;
	const char *manual;
} shared[] = {
	{{"reading",
	  "columns where union source input-format pdf-table delimiter no-header types na decimal "
	  "thousands quote "
	  "escape comment skip ragged encoding records max-record"},
	 "sdp-csv(5)"},
	{{"output", "format print digits output quiet"}, "sdp(7)"},
	{{"running", "workers max-memory seed progress verbose"}, "sdp(7)"},
	{{"about", "help version options"}, "sdp(7)"},
};

int sdp_usage_help(const struct sdp_program *program, const struct sdp_option_table *table,
		   const struct sdp_usage_style *style, struct sdp_buf *out, struct sdp_err *err)
{
	const struct help h = {out,         table,        style->width ? style->width : WIDTH,
			       style->bold, style->brief, err};
	if (add_usage(&h, program) < 0)
		return -1;
	for (const struct sdp_help_section *s = program->sections; s && s->title; s++)
		if (add_section(&h, s) < 0)
			return -1;
	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
		if ((style->brief ? add_names(&h, program, &shared[i].section, shared[i].manual)
				  : add_shared(&h, program, &shared[i].section)) < 0)
			return -1;
	return style->brief ? sdp_buf_format(out, err, "%-*s %s --help, man %s\n", NAMES_COLUMN,
					     "more", program->name, program->name)
			    : 0;
}

/* Writes the limit v of the option to out, or "" if the option has no limit. */
static void limit(char out[32], const struct sdp_option *o, double v)
{
	if (o->type == SDP_CHOICE || (o->min == 0 && o->max == 0) || isinf(v))
		out[0] = '\0';
	else
		sdp_num_print(out, v);
}

int sdp_usage_options(const struct sdp_option_table *table, struct sdp_buf *out,
		      struct sdp_err *err)
{
	if (sdp_buf_add_text(out, "short\tlong\ttype\targument\tunit\tdefault\tmin\tmax\thelp\n",
			     err) < 0)
		return -1;
	for (size_t i = 0; i < table->count; i++) {
		const struct sdp_option *o = &table->options[i];
		char name[2] = {o->short_name, '\0'}, min[32], max[32];
		limit(min, o, o->min);
		limit(max, o, o->max);
		if (sdp_buf_format(out, err, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name,
				   o->long_name, sdp_option_type_name(o->type),
				   o->argument ? o->argument : "", o->unit ? o->unit : "",
				   o->default_value ? o->default_value : "", min, max, o->help) < 0)
			return -1;
	}
	return 0;
}
