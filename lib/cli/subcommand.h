/*
 * Programs of commands: "sdp-job status ID".  A program keeps an array of structs that begin with
 * this one:
 *
 *	static const struct {
 *		struct sdp_subcommand command;
 *		int (*run)(…);
 *	} commands[] = {{{"status", 1, 1, "ID", SDP_COMMAND_OUTPUT " follow"}, show_status}, …};
 */
#ifndef SDP_CLI_SUBCOMMAND_H
#define SDP_CLI_SUBCOMMAND_H

#include "sdp/program.h"

struct sdp_subcommand {
	const char *name;
	int least, most; /* operands behind it; most -1: any number */
	/* as a message shows them; NULL: a command that users are not told of */
	const char *operands;
	/* long names, with blanks between, of those that it heeds; others are refused */
	const char *options;
};

/* Options that all heed which print a document. */
#define SDP_COMMAND_OUTPUT "output format print digits progress quiet verbose"

/*
 * The index of operands[0] among count commands, stride bytes apart; -1 (SDP_USAGE) if there is
 * none, or where the number of operands or an option does not go with it.
 */
int sdp_subcommand_find(const struct sdp_subcommand *first, size_t stride, size_t count,
			const struct sdp_common *common, int operand_count, char **operands,
			struct sdp_err *err);

#endif
