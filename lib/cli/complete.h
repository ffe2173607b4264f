/*
 * Completion of command lines for shells.
 *
 * The scripts for shells (cmd/completion) call PROGRAM --complete-line N WORD..., with all words
 * after the program's name, of which number N, from 0, is the one to complete; it may be empty.
 * They read from standard output a line "files" or "words", which says whether names of files
 * complete the word, too, and then one line per candidate: the whole word and, after a tab, what it
 * means.  Nothing else is ever printed, and the exit code is 0 whatever is wrong.
 */
#ifndef SDP_CLI_COMPLETE_H
#define SDP_CLI_COMPLETE_H

#include "cli/cli.h"

/*
 * Appends what completes a word.  arguments are those after --complete-line, count of them, and
 * follow that word in argv.  table and params are as for sdp_command_line_parse.  Returns 0, or -1
 * if memory runs out.
 */
int sdp_complete_line(const struct sdp_program *program, const struct sdp_option_table *table,
		      void *params, int count, char **arguments, struct sdp_buf *out,
		      struct sdp_err *err);

#endif
