/* What terminals can show. */
#ifndef SDP_CLI_TERMINAL_H
#define SDP_CLI_TERMINAL_H

#include "sdp/doc.h"

#include <sys/types.h>

/* Returns the number of columns of the terminal at fd, or 0 if fd is none or does not tell. */
int sdp_terminal_columns(int fd);

/*
 * Returns the number of columns of a text.  terminal tells that it goes to the terminal at standard
 * output: then it is that terminal's width, or 80 if it does not tell.  Otherwise it is the
 * environment's COLUMNS if that is 20 to 10,000, or 0, which means any width.
 */
int sdp_terminal_width(bool terminal);

/*
 * Returns whether headings may be bold: standard output is a terminal, TERM is neither unset nor
 * "dumb", and NO_COLOR is unset or empty.
 */
bool sdp_terminal_bold(void);

/* Returns whether the argument of -o, which may be NULL, is standard output and a terminal. */
bool sdp_terminal_gets(const char *output);

/* Sets the width and bold of a table that goes to the argument of -o, which may be NULL. */
void sdp_terminal_style(const char *output, struct sdp_doc_style *style);

/*
 * Appends text for a terminal: each byte of a character that the terminal would obey, or not show,
 * becomes \xNN (base/utf8.h); line ends, tabs, SDP_BOLD and SDP_PLAIN remain.  Returns the number
 * of bytes of text that were taken.  It takes all bytes if end is set; otherwise an incomplete
 * character at the end is left over.  Returns -1 if memory is exhausted.
 */
ssize_t sdp_terminal_add(struct sdp_buf *out, const char *text, size_t length, bool end,
			 struct sdp_err *err);

#endif
