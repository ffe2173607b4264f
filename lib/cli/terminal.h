/* What terminals can show. */
#ifndef SDP_CLI_TERMINAL_H
#define SDP_CLI_TERMINAL_H

#include <stdbool.h>

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

#endif
