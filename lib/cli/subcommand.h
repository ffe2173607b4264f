/*
 * Subcommands, such as "status" in "sdp-job status ID".  A program declares them in an array of
 * structs whose first member is struct sdp_subcommand:
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
	int least, most; /* number of operands after the name; most -1: no limit */
	/* the operands as messages show them; NULL hides the subcommand from messages */
	const char *operands;
	/* long names of the options that it accepts, separated by blanks; others are refused */
	const char *options;
};

/* The options that every subcommand accepts that prints a document. */
#define SDP_COMMAND_OUTPUT "output format print digits progress quiet verbose"

/*
 * Finds the subcommand that operands[0] names.  first is the first of count array elements, which
 * are stride bytes apart.
 *
 * Returns its index, or -1 with SDP_USAGE if there is no such subcommand, the number of operands is
 * wrong, or an option was given that it does not accept.
 */
int sdp_subcommand_find(const struct sdp_subcommand *first, size_t stride, size_t count,
			const struct sdp_common *common, int operand_count, char **operands,
			struct sdp_err *err);

#endif
