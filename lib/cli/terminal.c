/* What terminals can show. */
#include "cli/terminal.h"

#include "base/env.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int sdp_terminal_columns(int fd)
{
	struct winsize size;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int sdp_terminal_width(bool terminal)
{
	int shown = terminal ? sdp_terminal_columns(STDOUT_FILENO) : 0;
	if (shown > 0)
		return shown;
	const char *text = sdp_env("COLUMNS");
	long columns = text ? strtol(text, NULL, 10) : 0;
	if (columns >= 20 && columns <= 10000)
		return (int)columns;
	return terminal ? 80 : 0;
}

bool sdp_terminal_bold(void)
{
	const char *term = sdp_env("TERM");
	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0 && !sdp_env("NO_COLOR");
}

bool sdp_terminal_gets(const char *output)
{
	return (!output || strcmp(output, "-") == 0) && isatty(STDOUT_FILENO);
}

void sdp_terminal_style(const char *output, struct sdp_doc_style *style)
{
	bool terminal = sdp_terminal_gets(output);
	style->width = sdp_terminal_width(terminal);
	style->bold = terminal && sdp_terminal_bold();
}

/* Returns the length of what stands at the start of text and is sent to a terminal, or 0. */
static size_t sent(const char *text, size_t length)
{
	static const char *const own[] = {"\n", "\t", "\r\n", SDP_BOLD, SDP_PLAIN};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (length >= strlen(own[i]) && memcmp(text, own[i], strlen(own[i])) == 0)
			return strlen(own[i]);
	return sdp_utf8_shown(text, length);
}

ssize_t sdp_terminal_add(struct sdp_buf *out, const char *text, size_t length, bool end,
			 struct sdp_err *err)
{
	enum { LONGEST = 4 }; /* of a sequence of UTF-8, and of what is sent as it is */
	size_t i = 0;
	while (i < length) {
		size_t n = sent(text + i, length - i);
		if (!n && !end && length - i < LONGEST)
			break;
		if ((n ? sdp_buf_add(out, text + i, n, err)
		       : sdp_buf_format(out, err, "\\x%02x", (unsigned char)text[i])) < 0)
			return -1;
		i += n + !n;
	}
	return (ssize_t)i;
}
