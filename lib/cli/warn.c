#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *name = "sdp";
static bool silent;

void sdp_warn_setup(const char *program_name, bool quiet)
{
	name = program_name;
	silent = quiet;
}

void sdp_warn(const char *format, ...)
{
	char line[1200];
	va_list ap;
	if (silent)
		return;
	size_t n = (size_t)snprintf(line, sizeof line, "%s: warning: ", name);
	va_start(ap, format);
	vsnprintf(line + n, sizeof line - n - 1, format, ap);
	va_end(ap);
	n = strlen(line);
	line[n++] = '\n';
	/* One write, so that lines of several processes do not mix. */
	sdp_write_all(STDERR_FILENO, line, n);
}
