/*
 * What a program of the toolkit is: one const struct in cmd/sdp-NAME.c, run by lib/cli/main.c.
 *
 * One table of options a program drives the parser, -h, --options (TSV) and the test that holds
 * the man page to it.  Options common to several programs come in groups, added behind the
 * program's own; a program takes only the groups it has a use for.  Only lib/cli prints,
 * exits and reads argv.
 */
#ifndef SDP_PROGRAM_H
#define SDP_PROGRAM_H

#include "sdp/err.h"

#include <stdbool.h>

#define SDP_VERSION "0.1.0"

enum sdp_option_type {
	SDP_FLAG,    /* bool */
	SDP_INTEGER, /* int64_t between min and max */
	SDP_REAL,    /* double between min and max */
	SDP_SIZE,    /* uint64_t bytes: 512, 64K, 256M, 2G (powers of 1024) */
	SDP_CHAR,    /* char: one byte, or \t or tab for TAB */
	SDP_TEXT,    /* const char *, into argv */
	SDP_CHOICE,  /* const char *, one of the words of argument ("auto|always|never") */
	SDP_LIST,    /* struct sdp_list: may be given several times */
};

struct sdp_list {
	const char **items; /* into argv; the array is freed by the parser's caller, main */
	size_t count;
};

struct sdp_option {
	char short_name; /* 0 if it has none */
	const char *long_name;
	enum sdp_option_type type;
	size_t offset;             /* of the member in the program's parameters */
	const char *argument;      /* "N", "FILE", "auto|always|never"; NULL for a flag */
	const char *unit;          /* "bytes", "rows", … or NULL */
	const char *default_value; /* as typed; NULL (always for a list): the member stays zero */
	double min, max;           /* numbers and sizes; both 0, or infinite: no limit */
	const char *help;          /* one line, lower case, no full stop */
};

/* Every program's parameters begin with this. */
struct sdp_common {
	int64_t workers; /* 0 until main puts the core count there */
	const char *format;
	const char *output;
	char delimiter;       /* 0: by the input's format */
	const char *no_lines; /* with LF: what to do if the input is no lines of text but a table */
	char decimal;
	char thousands, comment; /* 0: none */
	bool no_header;
	bool quiet;
	bool verbose;
	const char *input_format;
	const char *encoding; /* NULL: UTF-8, or UTF-16 with a mark */
	const char *records;  /* of JSON: a pointer */
	const char *columns;
	const char *ragged;
	const char *types;
	const char *na;      /* NULL: the default list */
	uint64_t max_record; /* bytes */
	uint64_t max_memory; /* bytes; 0 until main puts the default there */
	int64_t seed;
	int64_t digits; /* 0: shortest round-trip */
	/* which part of a document CSV, TSV and table show; NULL: its first array */
	const char *print;
	/*
	 * the part that they show beside the plain values if print is NULL; NULL: the first array
	 */
	const char *rows;
	const char *progress;
	/* those of the command line, each once, ended by NULL; NULL: none */
	const struct sdp_option **given;
};

/* Groups of common options; help, version, options, quiet, verbose and output come always. */
enum {
	SDP_GROUP_WORKERS = 1, /* -j */
	/* -d --no-header --input-format --records --types --na --decimal …: how tables are read */
	SDP_GROUP_TABLE = 2,
	SDP_GROUP_COLUMNS = 4,   /* -x, --columns */
	SDP_GROUP_DOCUMENT = 8,  /* -f json|csv|tsv|table, --print, --digits */
	SDP_GROUP_ROWS = 16,     /* -f csv|tsv|ndjson */
	SDP_GROUP_MEMORY = 32,   /* --max-memory */
	SDP_GROUP_SEED = 64,     /* --seed */
	SDP_GROUP_PROGRESS = 128 /* --progress */
};

struct sdp_task;
struct sdp_decoding;

struct sdp_program {
	const char *name;                 /* "sdp-stats" */
	const char *summary;              /* "descriptive statistics of every column" */
	const char *operands;             /* "[FILE...]"; NULL: there may be none */
	const struct sdp_option *options; /* ends with a {0} */
	unsigned groups;
	size_t params_size;
	/*
	 * Decodes PDF and text (struct sdp_decoder, its context the parameters); NULL: sdp-cat does
	 * it.
	 */
	int (*decode)(const void *params, const struct sdp_decoding *what, struct sdp_err *err);
	/*
	 * Takes options that the table lacks, those of programs that this one has run elsewhere:
	 * word as typed ("-y", "--every=1d"), next the word behind it or NULL.  How many words it
	 * took; 0: none, it knows no such option either; -1.  NULL: all of them are errors.
	 */
	int (*foreign)(void *params, const char *word, const char *next, struct sdp_err *err);
	/* Either a task, run over the operands as one table … */
	const struct sdp_task *task;
	/* … or a function of its own; returns 0 or -1. */
	int (*run)(void *params, int count, char **operands, struct sdp_err *err);
};

/*
 * For options that only some ways to use a program heed.  names are long ones, with blanks between:
 * was one of them given on the command line (its default too)?
 */
bool sdp_given(const struct sdp_common *common, const char *names);

/*
 * A usage error if one was: "--restarts has no effect with --predict"; where is the text from
 * "with" on.
 */
int sdp_refuse_given(const struct sdp_common *common, const char *names, const char *where,
		     struct sdp_err *err);

/* A usage error if any other was. */
int sdp_refuse_others(const struct sdp_common *common, const char *names, const char *where,
		      struct sdp_err *err);

/* Each cmd/sdp-NAME.c defines it. */
extern const struct sdp_program sdp_program;

/* A warning on stderr ("sdp-stats: warning: …"), unless -q. */
void sdp_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A message on stderr ("sdp-sample: …"), unless -q. */
void sdp_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What -v shows on stderr ("sdp-stats: …"). */
void sdp_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
