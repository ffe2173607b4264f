/*
 * The description of a program: one const struct sdp_program per program, in cmd/NAME/main.c.
 * main() of lib/cli/main.c runs it.
 *
 * A program has one table of options.  It drives the parser, -h, --options (TSV) and the test
 * that compares the man page with the program.  Options that several programs have in common come
 * in groups, which are appended to the program's own options.  Only lib/cli prints, exits and
 * reads argv.
 */
#ifndef SDP_PROGRAM_H
#define SDP_PROGRAM_H

#include "sdp/err.h"
#include "sdp/messages.h"
#include "sdp/schema.h"

#include <stdbool.h>

#define SDP_VERSION "0.2.0"

/* The type of an option decides how its value is parsed and which member it is stored in. */
enum sdp_option_type {
	SDP_FLAG,    /* bool */
	SDP_INTEGER, /* int64_t between min and max */
	SDP_REAL,    /* double between min and max */
	SDP_SHARE,   /* double between 0 and 1, which are min and max: 0.2 or 20% */
	SDP_SIZE,    /* uint64_t, in bytes: 512, 64K, 256M, 2G (powers of 1024) */
	SDP_CHAR,    /* char: one byte, or \t or "tab" for a tab */
	SDP_TEXT,    /* const char *, points into argv */
	/*
	 * An enum: the index of the word in argument ("auto|always|never"), counted from min.  min
	 * is 0 if the enum begins with the first word, and more if 0 means that there is no choice.
	 */
	SDP_CHOICE,
	SDP_LIST, /* struct sdp_list: the option may be given several times */
};

/* The values of an option of type SDP_LIST, in the order of the command line. */
struct sdp_list {
	const char **items; /* point into argv; main() frees the array */
	size_t count;
};

/* One option of a program. */
struct sdp_option {
	char short_name;       /* 0: the option has no short name */
	const char *long_name; /* without the dashes */
	enum sdp_option_type type;
	size_t offset;             /* of the member in the parameters, by offsetof */
	const char *argument;      /* "N", "FILE", "auto|always|never"; NULL for a flag */
	const char *unit;          /* "bytes", "rows", …; may be NULL */
	const char *default_value; /* as typed; NULL (always for a list): the member is zero */
	double min, max;  /* of numbers and sizes; both 0, or infinite: no limit; SDP_CHOICE */
	const char *help; /* one line, lower case, no full stop */
};

/* The choices of common options. */
enum sdp_result_format { /* -f */
			 SDP_RESULT_DEFAULT,
			 SDP_RESULT_JSON,
			 SDP_RESULT_CSV,
			 SDP_RESULT_TSV,
			 SDP_RESULT_TABLE,
			 SDP_RESULT_NDJSON
};
enum sdp_input_format {                /* --input-format */
			SDP_INPUT_ANY, /* detected */
			SDP_INPUT_CSV,
			SDP_INPUT_TSV,
			SDP_INPUT_JSON,
			SDP_INPUT_NDJSON,
			SDP_INPUT_TXT,
			SDP_INPUT_PDF
};
enum sdp_escape { SDP_ESCAPE_NONE, SDP_ESCAPE_BACKSLASH };
enum sdp_progress_when {
	SDP_PROGRESS_AUTO,
	SDP_PROGRESS_ALWAYS,
	SDP_PROGRESS_LINES, /* json */
	SDP_PROGRESS_NEVER
};

/*
 * The common options.  The parameters of every program begin with this struct.  Texts point into
 * argv or into the tables of options.  A member without an option in the program is zero, or has
 * the default that main() sets.
 */
struct sdp_common {
	int64_t workers; /* processes, 1 to 256; main() sets the default, the cores */
	enum sdp_result_format format;
	const char *output; /* -o; NULL or "-": standard output */
	char delimiter;     /* of the input; 0: detected from the header */
	const char *quote;  /* one character or "none"; NULL: a double quote */
	enum sdp_escape escape;
	bool lines; /* set by programs that read lines of text instead of a table */
	/* Set by such a program: the advice in the error message for JSON input; NULL: none. */
	const char *no_lines;
	/* Set by programs that want the lists of one column of JSON, even if all are empty. */
	const char *list;
	char decimal;          /* decimal point of the input; main() sets the default '.' */
	const char *thousands; /* a character, which separates groups of three digits; or NULL */
	char comment;          /* lines that begin with it are skipped; 0: none */
	int64_t skip;          /* lines before the header that are skipped */
	bool no_header;        /* the first record of the input is data */
	/*
	 * Set by programs that want only the first records: of JSON, these alone decide what
	 * columns there are.  0: all records do.
	 */
	uint64_t first_records;
	bool follow;      /* the only FILE grows, and is read as long as it does */
	bool rows_follow; /* Set by programs that print rows after a task, for its progress. */
	bool quiet;
	bool verbose;
	enum sdp_input_format input_format;
	const char *pdf_table; /* "auto" or the number of a table of a PDF; NULL: not given */
	const char *encoding;  /* NULL: UTF-8, or UTF-16 if there is a byte order mark of UTF-16 */
	const char *records;   /* JSON pointer (RFC 6901) to the array of records; may be NULL */
	const char *columns;   /* -x, see sdp/columns.h; NULL: all columns */
	bool unite;            /* files may have different columns, by name */
	const char *label;     /* the column with the name of the file; NULL: none */
	const char *where;     /* the rows that are wanted, see sdp-csv(5); NULL: all */
	enum sdp_ragged ragged;
	const char *types;   /* "COL=TYPE,…"; NULL: no type is fixed */
	const char *na;      /* texts that mean null, see sdp_nulls_init; NULL: the default */
	uint64_t max_record; /* longest record of the input in bytes */
	uint64_t max_memory; /* bytes; main() sets the default, half of sdp_memory_limit() */
	int64_t seed;        /* of random numbers */
	int64_t digits;      /* significant digits of printed reals; 0: shortest round-trip */
	/* The part of a document that CSV, TSV and table show; NULL: see sdp_doc_print. */
	const char *print;
	/* The part that they show together with the plain members if print is NULL; may be NULL. */
	const char *rows;
	enum sdp_progress_when progress;
	/*
	 * The options on the command line, each once, in the order of their first use, followed by
	 * NULL.  May be NULL.
	 */
	const struct sdp_option **given;
};

/*
 * Groups of common options.  All programs have --help, --version, --options, --quiet and --output.
 */
enum {
	SDP_GROUP_WORKERS = 1, /* -j */
	/* How tables are read: -d --no-header --input-format --records --types --na --decimal … */
	SDP_GROUP_TABLE = 2,
	SDP_GROUP_COLUMNS = 4,    /* -x, --columns */
	SDP_GROUP_DOCUMENT = 8,   /* -f json|csv|tsv|table, --print, --digits */
	SDP_GROUP_ROWS = 16,      /* -f csv|tsv|table|ndjson */
	SDP_GROUP_MEMORY = 32,    /* --max-memory */
	SDP_GROUP_SEED = 64,      /* --seed */
	SDP_GROUP_PROGRESS = 128, /* --progress, --verbose */
	SDP_GROUP_PDF = 256       /* --pdf-table, which SDP_GROUP_TABLE has, too */
};

struct sdp_task;
struct sdp_decoding;

/* A section of -h and --help: a title, and long names of options, separated by blanks. */
struct sdp_help_section {
	const char *title, *options;
};

/* Values of an option for completion, separated by blanks; NULL: the operands of the program. */
struct sdp_option_values {
	const char *option, *values; /* option: its long name */
};

/*
 * A program.  At least one of task and run is set.  If run is set, it is called, and the task is
 * what it passes on and what the laws test runs.
 */
struct sdp_program {
	const char *name;     /* "sdp-stats" */
	const char *summary;  /* "descriptive statistics of every column" */
	const char *operands; /* "[FILE...]"; NULL: the program takes no operands */
	/*
	 * Returns operand number i of those that the program knows by name, and what it is, or NULL
	 * after the last one.  The function is NULL if operands are files or commands.
	 */
	const char *(*operand)(size_t i, const char **help);
	const char *const *examples;      /* two command lines for -h, ended by NULL */
	const struct sdp_option *options; /* the program's own, ended by {0}; may be NULL */
	/*
	 * All own options, and common options that belong to them, in sections; ended by {0}.  The
	 * other common options are shown in sections of their own.  NULL: no own options.
	 */
	const struct sdp_help_section *sections;
	/*
	 * What completion offers for options of which the table does not say it; ended by {0}, may
	 * be NULL.  The values of print are the parts that a document of the program may have.
	 */
	const struct sdp_option_values *values;
	unsigned groups;    /* SDP_GROUP_… bits */
	size_t params_size; /* bytes of the parameters */
	/*
	 * Converts a PDF or text input to CSV (see struct sdp_decoder in table/source.h; the
	 * context is the parameters).  NULL: it is done as --pdf-table says (cli/decode.h).
	 */
	int (*decode)(const void *params, const struct sdp_decoding *what, struct sdp_err *err);
	/*
	 * Takes an option that the table does not have, because it belongs to a program that this
	 * one runs elsewhere.  word is the option as typed ("-y", "--every=1d"), next the word
	 * after it, or NULL.  Returns the number of words it took (1 or 2), 0 if it does not know
	 * the option either, or -1.  NULL: every unknown option is an error.
	 */
	int (*foreign)(void *params, const char *word, const char *next, struct sdp_err *err);
	/* The program runs this task over the operands as one table and prints its document. */
	const struct sdp_task *task;
	/*
	 * Returns the task that run runs with these parameters, which is then the one whose laws
	 * are tested.  NULL: it is always task.
	 */
	const struct sdp_task *(*choose_task)(const void *params);
	/* The program calls this function, which returns 0 or -1. */
	int (*run)(void *params, int count, char **operands, struct sdp_err *err);
};

/*
 * The next three functions check which options were given.  names are long names separated by
 * blanks.  An option counts as given also if its value on the command line is the default.
 */

/* Returns whether one of the named options was given. */
bool sdp_given(const struct sdp_common *common, const char *names);

/*
 * Fails with SDP_USAGE if one of the named options was given, with the message "--restarts has no
 * effect with --predict".  where is the end of the message: "with --predict".
 */
int sdp_refuse_given(const struct sdp_common *common, const char *names, const char *where,
		     struct sdp_err *err);

/* Fails in the same way if any option was given that is not named. */
int sdp_refuse_others(const struct sdp_common *common, const char *names, const char *where,
		      struct sdp_err *err);

/* The description of this program; each cmd/NAME/main.c defines it. */
extern const struct sdp_program sdp_program;

/*
 * Returns the number of the table that --pdf-table names, 0 if it is "auto" or was not given, or -1
 * if it is something else, which main() refuses.
 */
int64_t sdp_common_pdf_table(const struct sdp_common *common);

/* Returns the word of --input-format for a format, "csv", or NULL for SDP_INPUT_ANY. */
const char *sdp_input_format_name(enum sdp_input_format format);

/*
 * Prints messages of another program on standard error, with control characters other than line
 * ends and tabs as '?', and a line end after them.
 */
void sdp_pass_on_messages(const char *text, size_t length);

#endif
