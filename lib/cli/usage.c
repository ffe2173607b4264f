/* The texts of --help and --options, made from the table of options. */
#include "cli/cli.h"
#include "sdp/num.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 80, HELP_COLUMN = 28 };

/* Appends unit, range and default as " (bytes; 3 to 100; default 3)", or nothing if it has none. */
static int add_limits(const struct sdp_option *o, struct sdp_buf *text, struct sdp_err *err)
{
	const char *join = " (";
	bool ranged = (o->min != 0 || o->max != 0) && o->type != SDP_SIZE;
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

/* Appends the words of text, wrapped, and a line feed; every line begins in column at. */
static int wrap(struct sdp_buf *out, const char *text, size_t at, struct sdp_err *err)
{
	size_t column = at;
	bool first = true;
	while (*text) {
		size_t n = strcspn(text, " ");
		if (!first && column + 1 + n > WIDTH) {
			if (sdp_buf_format(out, err, "\n%*s", (int)at, "") < 0)
				return -1;
			column = at;
		} else if (!first) {
			if (sdp_buf_add(out, " ", 1, err) < 0)
				return -1;
			column++;
		}
		if (sdp_buf_add(out, text, n, err) < 0)
			return -1;
		column += n;
		text += n + (text[n] == ' ');
		first = false;
	}
	return sdp_buf_add(out, "\n", 1, err);
}

/*
 * Appends the name of an option and its argument.  If a list of choices is longer than a line, the
 * line is broken after a '|'.
 */
static int add_left(struct sdp_buf *out, const char *left, struct sdp_err *err)
{
	enum { INDENT = 8 };
	for (size_t room = WIDTH; strlen(left) > room; room = WIDTH - INDENT) {
		size_t n = room;
		while (n && left[n - 1] != '|')
			n--;
		if (!n)
			break;
		if (sdp_buf_format(out, err, "%.*s\n%*s", (int)n, left, INDENT, "") < 0)
			return -1;
		left += n;
	}
	return sdp_buf_add_text(out, left, err);
}

static int option_line(const struct sdp_option *o, struct sdp_buf *out, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	char left[200], dash[5] = "    ";
	if (o->short_name)
		snprintf(dash, sizeof dash, "-%c, ", o->short_name);
	snprintf(left, sizeof left, "  %s--%s%s%s", dash, o->long_name, o->argument ? " " : "",
		 o->argument ? o->argument : "");
	int rc = sdp_buf_add_text(&text, o->help, err);
	if (rc == 0)
		rc = add_limits(o, &text, err);
	if (rc == 0 && strlen(left) + 2 <= HELP_COLUMN)
		rc = sdp_buf_format(out, err, "%-*s", HELP_COLUMN, left);
	else if (rc == 0 && (rc = add_left(out, left, err)) == 0)
		rc = sdp_buf_format(out, err, "\n%*s", HELP_COLUMN, "");
	if (rc == 0)
		rc = wrap(out, text.data, HELP_COLUMN, err);
	sdp_buf_release(&text);
	return rc;
}

int sdp_usage_help(const struct sdp_program *program, const struct sdp_option_table *table,
		   struct sdp_buf *out, struct sdp_err *err)
{
	struct sdp_buf words = {0};
	int rc = sdp_buf_format(&words, err, "[OPTION]... %s",
				program->operands ? program->operands : "");
	if (rc == 0 && words.data[words.length - 1] == ' ')
		words.data[--words.length] = '\0';
	if (rc == 0)
		rc = sdp_buf_format(out, err, "usage: %s ", program->name);
	if (rc == 0)
		rc = wrap(out, words.data, strlen("usage:  ") + strlen(program->name), err);
	sdp_buf_release(&words);
	if (rc < 0 || sdp_buf_format(out, err, "%s\n", program->summary) < 0)
		return -1;
	for (size_t i = 0; i < table->count; i++) {
		if (i == 0 && table->own && sdp_buf_add_text(out, "\noptions:\n", err) < 0)
			return -1;
		if (i == table->own &&
		    sdp_buf_add_text(out, table->own ? "\ncommon options:\n" : "\noptions:\n",
				     err) < 0)
			return -1;
		if (option_line(&table->options[i], out, err) < 0)
			return -1;
	}
	return 0;
}

/* Writes the limit v of the option to out, or "" if the option has no limit. */
static void limit(char out[32], const struct sdp_option *o, double v)
{
	if ((o->min == 0 && o->max == 0) || isinf(v))
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
