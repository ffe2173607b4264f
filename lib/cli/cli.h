/*
 * What the files of lib/cli share.  The command line is described by the tables of
 * sdp/program.h; here it becomes a parsed command, its help, and what main does with it.
 */
#ifndef SDP_CLI_CLI_H
#define SDP_CLI_CLI_H

#include "sdp/buf.h"
#include "sdp/program.h"

enum sdp_request { SDP_REQUEST_RUN, SDP_REQUEST_HELP, SDP_REQUEST_VERSION, SDP_REQUEST_OPTIONS };

/* The offset of a flag that is no member of the parameters but asks main for something. */
#define SDP_REQUEST_OFFSET(request) (SIZE_MAX - (size_t)(request))

/*
 * All options of a program: its own, then those of its groups.  An own option replaces a common
 * one of the same long name, and takes the short name from a common one that has the same.
 */
struct sdp_option_table {
	struct sdp_option *options;
	size_t count, own;
};

int sdp_option_table_make(struct sdp_option_table *table, const struct sdp_program *program,
			  struct sdp_err *err);
void sdp_option_table_release(struct sdp_option_table *table);

/* The common options of these groups, in the order of the help; *count of them, static. */
size_t sdp_common_options(unsigned groups, struct sdp_option *out, size_t room);

/* Puts in the defaults that depend on the machine; checks what goes together. */
int sdp_common_finish(struct sdp_common *common, struct sdp_err *err);

struct sdp_command_line {
	enum sdp_request request;
	char **operands; /* into argv, ended by NULL */
	int count;
};

/*
 * Fills params (zeroed, program->params_size bytes) from the defaults and argv, and command with
 * the rest.  Stops at the first --help, --version or --options.  -1: usage error (or no memory).
 * Release with sdp_command_line_release in any case.
 */
int sdp_command_line_parse(struct sdp_command_line *command, const struct sdp_program *program,
			   const struct sdp_option_table *table, void *params, int argc,
			   char **argv, struct sdp_err *err);
void sdp_command_line_release(struct sdp_command_line *command,
			      const struct sdp_option_table *table, void *params);

/* Stores text as the option's value in params; the error names the option. */
int sdp_option_set(const struct sdp_option *option, void *params, const char *text,
		   struct sdp_err *err);

/* The long name nearest to a mistyped one, or NULL if none is near. */
const char *sdp_option_nearest(const struct sdp_option_table *table, const char *name,
			       size_t length);

/* "flag", "integer", … */
const char *sdp_option_type_name(enum sdp_option_type type);

/* -h, and --options. */
int sdp_usage_help(const struct sdp_program *program, const struct sdp_option_table *table,
		   struct sdp_buf *out, struct sdp_err *err);
int sdp_usage_options(const struct sdp_option_table *table, struct sdp_buf *out,
		      struct sdp_err *err);

/* The message that ends a program. */
void sdp_print_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whose warnings and notes are printed, and whether at all. */
void sdp_warn_setup(const char *program_name, bool quiet, bool verbose);

/*
 * lib/cli/decode_exec.c: struct sdp_decoder of a program that has none of its own; context is its
 * parameters.
 */
struct sdp_decoding;
int sdp_decode_by_sdp_cat(const void *context, const struct sdp_decoding *what,
			  struct sdp_err *err);

/* lib/cli/run_table.c: a program that is a task. */
int sdp_run_task(const struct sdp_program *program, void *params, int count, char **operands,
		 struct sdp_err *err);

#endif
