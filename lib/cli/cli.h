/*
 * The parts of lib/cli that its files share: the table of options, the parser of the command line,
 * --help, --options, and messages.  The options themselves are described in sdp/program.h.
 *
 * Functions that return int return 0, or -1 with err set.
 */
#ifndef SDP_CLI_CLI_H
#define SDP_CLI_CLI_H

#include "sdp/buf.h"
#include "sdp/program.h"

/* What the command line asks main to do: run the program, or print something and end. */
enum sdp_request {
	SDP_REQUEST_RUN,
	SDP_REQUEST_SUMMARY, /* -h */
	SDP_REQUEST_HELP,
	SDP_REQUEST_VERSION,
	SDP_REQUEST_OPTIONS
};

/* The offset of a flag such as --help, which sets a request and not a member of the parameters. */
#define SDP_REQUEST_OFFSET(request) (SIZE_MAX - (size_t)(request))

/*
 * All options of a program: first its own, then the common options of its groups.  An own option
 * replaces the common option with the same long name.  If an own and a common option have the same
 * short name, the own option keeps it.  The table owns the array options.
 */
struct sdp_option_table {
	struct sdp_option *options;
	size_t count, own; /* own: how many of them are the program's own */
};

int sdp_option_table_make(struct sdp_option_table *table, const struct sdp_program *program,
			  struct sdp_err *err);
void sdp_option_table_release(struct sdp_option_table *table);

/* Return the option of this long name (length bytes) or this letter, or NULL. */
const struct sdp_option *sdp_option_find(const struct sdp_option_table *table, const char *name,
					 size_t length);
const struct sdp_option *sdp_option_find_short(const struct sdp_option_table *table, char name);

/*
 * Copies the common options of these groups (SDP_GROUP_…) to out, in the order of --help, and
 * returns their number.  room is the size of out; it is a bug if that is too small.  The texts of
 * the options are static.
 */
size_t sdp_common_options(unsigned groups, struct sdp_option *out, size_t room);

/*
 * Sets the defaults that depend on the machine (workers, memory) and refuses combinations of
 * options that contradict each other (SDP_USAGE).
 */
int sdp_common_finish(struct sdp_common *common, struct sdp_err *err);

/*
 * Returns the character that --quote names, LF for none, or '\0' if the option was not given or is
 * not one ASCII character.
 */
char sdp_common_quote(const struct sdp_common *common);

/* A parsed command line.  It owns the array operands; the strings belong to argv. */
struct sdp_command_line {
	enum sdp_request request;
	bool libraries;  /* of SDP_REQUEST_VERSION: print the versions of the libraries, too */
	char **operands; /* pointers into argv, ended by NULL */
	int count;       /* of operands */
};

/*
 * Parses argv.  params has program->params_size bytes, is zeroed, and begins with struct
 * sdp_common; it receives the defaults and then the values of the options.  command receives the
 * request and the operands.  Parsing stops at the first --help, --version or --options; only
 * --version looks for a -v after it, which programs without such an option accept, too.
 *
 * Returns -1 for a usage error (SDP_USAGE) or if there is no memory.  Call
 * sdp_command_line_release in any case.
 */
int sdp_command_line_parse(struct sdp_command_line *command, const struct sdp_program *program,
			   const struct sdp_option_table *table, void *params, int argc,
			   char **argv, struct sdp_err *err);
/* Frees what the parser allocated in command and in params (lists, common->given). */
void sdp_command_line_release(struct sdp_command_line *command,
			      const struct sdp_option_table *table, void *params);

/*
 * Converts text to the type of the option and stores the value in params.  Text is stored as a
 * pointer to it.  An error (SDP_USAGE) names the option.
 */
int sdp_option_set(const struct sdp_option *option, void *params, const char *text,
		   struct sdp_err *err);

/* Returns the name of a type as --options prints it: "flag", "integer", … */
const char *sdp_option_type_name(enum sdp_option_type type);

/*
 * Completes the message of a run that failed because it could not open an operand: if there is no
 * such file, but an option of this name, the message asks whether that was meant.
 */
void sdp_hint_option(const struct sdp_command_line *command, const struct sdp_option_table *table,
		     struct sdp_err *err);

/* Returns whether the option's long name is in names, which are separated by blanks. */
bool sdp_option_is_listed(const struct sdp_option *option, const char *names);

struct sdp_usage_style {
	size_t width; /* of a line; 0: 80 */
	bool bold;    /* of headings */
	bool brief;   /* -h: one screen; otherwise --help: everything */
};

/* Appends the text of -h or --help. */
int sdp_usage_help(const struct sdp_program *program, const struct sdp_option_table *table,
		   const struct sdp_usage_style *style, struct sdp_buf *out, struct sdp_err *err);
/* Appends the text of --options: TSV with a header and one line per option. */
int sdp_usage_options(const struct sdp_option_table *table, struct sdp_buf *out,
		      struct sdp_err *err);

/*
 * Appends the text of --version: the name and the version of the program.  If libraries is set, a
 * line with name and version follows for each library that the program links, sorted by name.
 */
int sdp_versions(bool libraries, struct sdp_buf *out, struct sdp_err *err);

/* Prints the error with which a program ends, as "PROGRAM: MESSAGE" on standard error. */
void sdp_print_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Sets the name that precedes all messages.  quiet suppresses warnings and sdp_say; sdp_note prints
 * only if verbose is set.  program_name must stay valid.
 */
void sdp_warn_setup(const char *program_name, bool quiet, bool verbose);

/*
 * Sets how a table is read, as the common options say.  Texts belong to common.  Returns 0 or -1.
 */
struct sdp_source_options;
int sdp_run_source_options(const struct sdp_common *common, struct sdp_source_options *options,
			   struct sdp_err *err);

/*
 * Runs the task of the program over its operands as one table and prints the document
 * (run_table.c).  It is what main does for a program without a run function.
 */
int sdp_run_task(const struct sdp_program *program, void *params, int count, char **operands,
		 struct sdp_err *err);

#endif
