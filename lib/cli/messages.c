/* Messages on standard error: errors, warnings, notes. */
#include "cli/cli.h"
#include "sdp/doc.h"
#include "sdp/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *program = "sdp";
static bool is_quiet, is_verbose;

void sdp_warn_setup(const char *program_name, bool quiet, bool verbose)
{
	program = program_name;
	is_quiet = quiet;
	is_verbose = verbose;
}

static void print_line(const char *kind, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));

/*
 * Prints "PROGRAM: KIND MESSAGE" as one line.  Control bytes, which names of files and columns may
 * contain, are replaced by '?'.  The line is written by one write(2), so that the lines of several
 * processes do not mix.
 */
static void print_line(const char *kind, const char *format, va_list ap)
{
	char line[1200];
	size_t n = (size_t)snprintf(line, sizeof line, "%s: %s", program, kind);
	n += sdp_format(line + n, sizeof line - n - 1, format, ap);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[n++] = '\n';
	sdp_write_all(STDERR_FILENO, line, n);
}

void sdp_print_error(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	print_line("", format, ap);
	va_end(ap);
}

void sdp_warn(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	if (!is_quiet)
		print_line("warning: ", format, ap);
	va_end(ap);
}

int sdp_warn_in(cJSON *warnings, struct sdp_err *err, const char *format, ...)
{
	char text[1000];
	va_list ap;
	va_start(ap, format);
	sdp_format(text, sizeof text, format, ap);
	va_end(ap);
	sdp_warn("%s", text);
	return sdp_doc_text(warnings, NULL, text, err);
}

int sdp_warn_left_out(cJSON *warnings, const struct sdp_schema *schema, const size_t *features,
		      size_t count, struct sdp_err *err)
{
	struct sdp_buf out = {0};
	int rc = 0;
	for (size_t c = 0, n = 0; rc == 0 && c < schema->count; c++) {
		if (n < count && features[n] == c)
			n++;
		else
			rc = sdp_buf_format(&out, err, "%s%s",
					    out.length ? ", " : "left out, not numeric: ",
					    schema->columns[c].name);
	}
	if (rc == 0 && out.length)
		rc = sdp_doc_text(warnings, NULL, out.data, err);
	sdp_buf_release(&out);
	return rc;
}

void sdp_say(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	if (!is_quiet)
		print_line("", format, ap);
	va_end(ap);
}

void sdp_note(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	if (is_verbose)
		print_line("", format, ap);
	va_end(ap);
}
