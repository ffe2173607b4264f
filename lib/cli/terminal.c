/* What terminals can show. */
#include "cli/terminal.h"

#include "base/env.h"

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
