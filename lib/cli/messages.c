/* Messages on standard error: errors, warnings, notes. */
#include "base/names.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "sdp/doc.h"
#include "sdp/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *program = "sdp";
static bool is_quiet, is_verbose;

static void print_line(const char *kind, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));

/*
 * Prints "PROGRAM: KIND MESSAGE" as one line.  Control characters, which names of files and columns
 * may contain, are replaced by '?'.  The line is written by one write(2), so that the lines of
 * several processes do not mix.
 */
static void print_line(const char *kind, const char *format, va_list ap)
{
	char room[1200], *line = room;
	struct sdp_buf longer = {0};
	struct sdp_err err;
	va_list again;
	va_copy(again, ap);
	size_t size =
		strlen(program) + strlen(kind) + 4 + (size_t)vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (size <= sizeof room)
		size = sizeof room;
	else if (sdp_buf_reserve(&longer, size, &err) == 0)
		line = longer.data;
	else
		size = sizeof room;
	size_t n = (size_t)snprintf(line, size, "%s: %s", program, kind);
	n += sdp_format(line + n, size - n - 1, format, ap);
	n = sdp_utf8_clean(line, n, "");
	line[n++] = '\n';
	sdp_write_all(STDERR_FILENO, line, n);
	sdp_buf_release(&longer);
}

void sdp_print_error(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	print_line("", format, ap);
	va_end(ap);
}

static void print_message(enum sdp_message kind, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void print_message(enum sdp_message kind, const char *format, va_list ap)
{
	if (kind == SDP_NOTE ? is_verbose : !is_quiet)
		print_line(kind == SDP_WARNING ? "warning: " : "", format, ap);
}

void sdp_warn_setup(const char *program_name, bool quiet, bool verbose)
{
	program = program_name;
	is_quiet = quiet;
	is_verbose = verbose;
	sdp_messages_to(print_message);
}

void sdp_pass_on_messages(const char *text, size_t length)
{
	struct sdp_buf clean = {0};
	struct sdp_err err;
	if (!length || sdp_buf_add(&clean, text, length, &err) < 0)
		return;
	clean.length = sdp_utf8_clean(clean.data, length, "\n\t");
	if (sdp_write_all(STDERR_FILENO, clean.data, clean.length) == 0 && text[length - 1] != '\n')
		sdp_write_all(STDERR_FILENO, "\n", 1);
	sdp_buf_release(&clean);
}

int sdp_warn_in(cJSON *warnings, struct sdp_err *err, const char *format, ...)
{
	struct sdp_buf text = {0};
	va_list ap;
	va_start(ap, format);
	int rc = sdp_buf_vformat(&text, err, format, ap);
	va_end(ap);
	if (rc == 0) {
		sdp_warn("%s", text.data);
		rc = sdp_doc_text(warnings, NULL, text.data, err);
	}
	sdp_buf_release(&text);
	return rc;
}

int sdp_warn_left_out(cJSON *warnings, const struct sdp_schema *schema, const size_t *features,
		      size_t count, struct sdp_err *err)
{
	struct sdp_names names = {0};
	char text[SDP_NAMES_BYTES + 80];
	for (size_t c = 0, n = 0; c < schema->count; c++) {
		if (n < count && features[n] == c)
			n++;
		else
			sdp_names_add(&names, schema->columns[c].name);
	}
	const char *list = sdp_names_end(&names);
	snprintf(text, sizeof text, "left out, not numeric: %s", list);
	return *list ? sdp_doc_text(warnings, NULL, text, err) : 0;
}
