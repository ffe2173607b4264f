/* The options that programs have in common, and the checks of their combinations. */
#include "base/utf8.h"
#include "cli/cli.h"
#include "sdp/engine.h"
#include "sdp/mem.h"

#include <string.h>

enum {
	FORMATS = SDP_GROUP_DOCUMENT | SDP_GROUP_ROWS,
	ALWAYS = 1 << 30,
};

/* A program has the option if it asks for at least one of these groups. */
struct common_option {
	unsigned groups;
	struct sdp_option option;
};

#define AT(member)       offsetof(struct sdp_common, member)
#define REQUEST(request) SDP_REQUEST_OFFSET(SDP_REQUEST_##request)

/* In the order of --help.  -h has room for the first options for reading: those needed most. */
static const struct common_option all[] = {
	{SDP_GROUP_WORKERS,
	 {'j', "workers", SDP_INTEGER, AT(workers), "N", NULL, NULL, 1, SDP_WORKERS_MAX,
	  "worker processes; by default the cores that sdp may use"}},
	{SDP_GROUP_COLUMNS,
	 {'x', "columns", SDP_TEXT, AT(columns), "LIST", NULL, NULL, 0, 0,
	  "columns to use: names, numbers, ranges a:f, /regex/"}},
	{SDP_GROUP_TABLE,
	 {0, "where", SDP_TEXT, AT(where), "EXPR", NULL, NULL, 0, 0,
	  "rows to use: \"price > 10 and kind in ('a', 'b')\""}},
	{SDP_GROUP_TABLE,
	 {'d', "delimiter", SDP_CHAR, AT(delimiter), "CHAR", NULL, NULL, 0, 0,
	  "character between cells; by default detected in the header: , tab ; or |"}},
	{SDP_GROUP_TABLE,
	 {0, "no-header", SDP_FLAG, AT(no_header), NULL, NULL, NULL, 0, 0,
	  "the first record is data; columns are named c1, c2, ..."}},
	{SDP_GROUP_TABLE,
	 {0, "types", SDP_TEXT, AT(types), "COL=TYPE,...", NULL, NULL, 0, 0,
	  "fix types: boolean, integer, real, date, datetime, string"}},
	{SDP_GROUP_TABLE,
	 {0, "na", SDP_TEXT, AT(na), "LIST", NULL, NULL, 0, 0,
	  "cells that mean null; by default empty, NA, N/A, NaN, nan, null, NULL"}},
	{SDP_GROUP_TABLE,
	 {0, "union", SDP_FLAG, AT(unite), NULL, NULL, NULL, 0, 0,
	  "the files may have different columns; those that a file lacks are null"}},
	{SDP_GROUP_TABLE,
	 {0, "source", SDP_TEXT, AT(label), "NAME", NULL, NULL, 0, 0,
	  "add a column of this name with the name of the file"}},
	{SDP_GROUP_TABLE,
	 {0, "decimal", SDP_CHAR, AT(decimal), "CHAR", NULL, ".", 0, 0,
	  "decimal point of numbers in the input"}},
	{SDP_GROUP_TABLE,
	 {0, "thousands", SDP_TEXT, AT(thousands), "CHAR", NULL, NULL, 0, 0,
	  "separator of groups of three digits in the input"}},
	{SDP_GROUP_TABLE,
	 {0, "encoding", SDP_TEXT, AT(encoding), "NAME", NULL, NULL, 0, 0,
	  "encoding of the input, a name of iconv; by default UTF-8, or as its byte order mark "
	  "says"}},
	{SDP_GROUP_TABLE,
	 {0, "input-format", SDP_CHOICE, AT(input_format), "csv|tsv|json|ndjson|txt|pdf", NULL,
	  NULL, SDP_INPUT_CSV, 0,
	  "format of the input; by default detected by content; csv: the delimiter is a comma, "
	  "whatever the header has"}},
	{SDP_GROUP_TABLE | SDP_GROUP_PDF,
	 {0, "pdf-table", SDP_TEXT, AT(pdf_table), "N|auto", NULL, NULL, 0, 0,
	  "table N of a PDF; auto: the only table, or the lines if there is none"}},
	{SDP_GROUP_TABLE,
	 {0, "records", SDP_TEXT, AT(records), "POINTER", NULL, NULL, 0, 0,
	  "JSON pointer to the array of records: /data/rows"}},
	{SDP_GROUP_TABLE,
	 {0, "comment", SDP_CHAR, AT(comment), "CHAR", NULL, NULL, 0, 0,
	  "skip lines of the input that begin with CHAR"}},
	{SDP_GROUP_TABLE,
	 {0, "skip", SDP_INTEGER, AT(skip), "N", NULL, "0", 0, 1e9,
	  "skip N lines before the header of each input"}},
	{SDP_GROUP_TABLE,
	 {0, "ragged", SDP_CHOICE, AT(ragged), "error|pad|skip", NULL, "error", 0, 0,
	  "records with too few or too many cells; error: refuse them, pad: fill short ones with "
	  "nulls, skip: skip them"}},
	{SDP_GROUP_TABLE,
	 {0, "quote", SDP_TEXT, AT(quote), "CHAR|none", NULL, NULL, 0, 0,
	  "quote character of the input; none: quotes are plain text"}},
	{SDP_GROUP_TABLE,
	 {0, "escape", SDP_CHOICE, AT(escape), "none|backslash", NULL, "none", 0, 0,
	  "escape character in cells of the input"}},
	{SDP_GROUP_TABLE,
	 {0, "max-record", SDP_SIZE, AT(max_record), "SIZE", "bytes", "256M", 0x1p20, 0x1p30,
	  "longest record that is accepted"}},
	{SDP_GROUP_MEMORY,
	 {0, "max-memory", SDP_SIZE, AT(max_memory), "SIZE", "bytes", NULL, 1 << 20, 0x1p50,
	  "memory for data, beyond which files are used; by default half of the machine's"}},
	{SDP_GROUP_SEED,
	 {0, "seed", SDP_INTEGER, AT(seed), "N", NULL, "1", 0, 0, "seed of the random numbers"}},
	{SDP_GROUP_DOCUMENT,
	 {'f', "format", SDP_CHOICE, AT(format), "json|csv|tsv|table", NULL, NULL, SDP_RESULT_JSON,
	  0, "output format; by default table on a terminal, else json"}},
	{SDP_GROUP_ROWS,
	 {'f', "format", SDP_CHOICE, AT(format), "json|csv|tsv|table|ndjson", NULL, NULL,
	  SDP_RESULT_JSON, 0, "output format; by default csv"}},
	{FORMATS,
	 {'f', "format", SDP_CHOICE, AT(format), "json|csv|tsv|table|ndjson", NULL, NULL,
	  SDP_RESULT_JSON, 0,
	  "output format; documents by default table on a terminal, else json; rows csv"}},
	{SDP_GROUP_DOCUMENT,
	 {0, "print", SDP_TEXT, AT(print), "NAME", NULL, NULL, 0, 0,
	  "part of the document that csv, tsv and table show"}},
	{SDP_GROUP_DOCUMENT,
	 {0, "digits", SDP_INTEGER, AT(digits), "N", NULL, NULL, 1, 17,
	  "significant digits of printed reals; by default as many as they have"}},
	{ALWAYS,
	 {'o', "output", SDP_TEXT, AT(output), "FILE", NULL, NULL, 0, 0,
	  "write to FILE, which changes only on success"}},
	{SDP_GROUP_PROGRESS,
	 {0, "progress", SDP_CHOICE, AT(progress), "auto|always|json|never", NULL, "auto", 0, 0,
	  "progress on standard error"}},
	{ALWAYS,
	 {'q', "quiet", SDP_FLAG, AT(quiet), NULL, NULL, NULL, 0, 0,
	  "no warnings, and no progress unless asked for"}},
	{SDP_GROUP_PROGRESS,
	 {'v', "verbose", SDP_FLAG, AT(verbose), NULL, NULL, NULL, 0, 0,
	  "print details of the run on standard error"}},
	{ALWAYS,
	 {'h', "help", SDP_FLAG, REQUEST(HELP), NULL, NULL, NULL, 0, 0,
	  "print this help; -h: in brief"}},
	{ALWAYS,
	 {0, "version", SDP_FLAG, REQUEST(VERSION), NULL, NULL, NULL, 0, 0,
	  "print the version; with -v also the libraries'"}},
	{ALWAYS,
	 {0, "options", SDP_FLAG, REQUEST(OPTIONS), NULL, NULL, NULL, 0, 0,
	  "print the table of options as TSV"}},
};

/* There are three options -f; both format groups together decide which one a program has. */
static bool is_wanted(const struct common_option *c, unsigned groups)
{
	if (c->option.short_name == 'f')
		return c->groups == (groups & FORMATS);
	return c->groups & (groups | ALWAYS);
}

size_t sdp_common_options(unsigned groups, struct sdp_option *out, size_t room)
{
	size_t n = 0;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (is_wanted(&all[i], groups)) {
			if (n == room)
				SDP_BUG();
			out[n++] = all[i].option;
		}
	return n;
}

/* Returns whether an option of one character, which may be 0, is this one. */
static int refuse_same(const char *option, char a, const char *other, char b, struct sdp_err *err)
{
	return a && a == b
		       ? sdp_fail(err, SDP_USAGE, "--%s and --%s are both '%c'", option, other, a)
		       : 0;
}

/* Checks --quote and --escape with the other characters of the input. */
static int check_quotes(const struct sdp_common *c, struct sdp_err *err)
{
	char quote = sdp_common_quote(c), escape = c->escape == SDP_ESCAPE_BACKSLASH ? '\\' : '\0';
	if (c->quote && (!quote || strchr("0123456789+-.eE\r \t", quote)))
		return sdp_fail(err, SDP_USAGE,
				"--quote: neither a character for quotes nor none: '%s'", c->quote);
	return refuse_same("quote", quote, "delimiter", c->delimiter, err) < 0 ||
			       refuse_same("quote", quote, "comment", c->comment, err) < 0 ||
			       refuse_same("quote", quote, "decimal", c->decimal, err) < 0 ||
			       refuse_same("quote", quote, "thousands",
					   c->thousands ? *c->thousands : '\0', err) < 0 ||
			       refuse_same("escape", escape, "delimiter", c->delimiter, err) < 0 ||
			       refuse_same("escape", escape, "comment", c->comment, err) < 0 ||
			       refuse_same("escape", escape, "quote", quote, err) < 0
		       ? -1
		       : 0;
}

char sdp_common_quote(const struct sdp_common *c)
{
	if (!c->quote || strcmp(c->quote, "none") == 0)
		return c->quote ? '\n' : '\0';
	bool one = c->quote[0] && !c->quote[1] && (unsigned char)c->quote[0] < 0x7f &&
		   c->quote[0] != '\n';
	return one ? c->quote[0] : '\0';
}

int64_t sdp_common_pdf_table(const struct sdp_common *c)
{
	enum { MOST = 7 }; /* digits */
	const char *text = c->pdf_table;
	if (!text || strcmp(text, "auto") == 0)
		return 0;
	size_t length = strlen(text);
	if (length > MOST || strspn(text, "0123456789") != length)
		return -1;
	int64_t number = 0;
	for (; *text; text++)
		number = 10 * number + (*text - '0');
	return number >= 1 && number <= 1000000 ? number : -1;
}

const char *sdp_input_format_name(enum sdp_input_format format)
{
	static const char *const names[] =
		{[SDP_INPUT_CSV] = "csv",       [SDP_INPUT_TSV] = "tsv", [SDP_INPUT_JSON] = "json",
		 [SDP_INPUT_NDJSON] = "ndjson", [SDP_INPUT_TXT] = "txt", [SDP_INPUT_PDF] = "pdf"};
	return names[format];
}

static int check_thousands(const struct sdp_common *common, struct sdp_err *err)
{
	const char *text = common->thousands;
	size_t length = strlen(text);
	char quoted[64];
	bool one = length && sdp_utf8_sequence(text, length) == length;
	if (!one || strchr("0123456789+-eE\"\r\n\t", *text))
		return sdp_fail(err, SDP_USAGE, "--thousands: %s %s",
				sdp_quote(quoted, sizeof quoted, text, length),
				one ? "cannot be one" : "is not one character of UTF-8");
	if (length == 1 && *text == common->decimal)
		return sdp_fail(err, SDP_USAGE, "--thousands and --decimal are both '%c'",
				common->decimal);
	return 0;
}

int sdp_common_finish(struct sdp_common *common, struct sdp_err *err)
{
	if (common->workers == 0) {
		int cores = sdp_core_count();
		common->workers = cores < SDP_WORKERS_MAX ? cores : SDP_WORKERS_MAX;
	}
	if (common->max_memory == 0)
		common->max_memory = sdp_memory_limit() / 2;
	if (common->decimal == 0)
		common->decimal = '.';
	if (common->delimiter && strchr(common->quote ? "\r\n" : "\"\r\n", common->delimiter))
		return sdp_fail(err, SDP_USAGE,
				"--delimiter: neither a quote nor a line end can be one");
	if (strchr("0123456789+-eE\"\r\n \t", common->decimal))
		return sdp_fail(err, SDP_USAGE, "--decimal: '%c' cannot be one",
				common->decimal >= ' ' ? common->decimal : '?');
	if (common->thousands && check_thousands(common, err) < 0)
		return -1;
	if (sdp_common_pdf_table(common) < 0)
		return sdp_fail(err, SDP_USAGE,
				"--pdf-table: neither auto nor a number between 1 and 1000000: "
				"'%s'",
				common->pdf_table);
	if (common->comment && strchr("\"\r\n", common->comment))
		return sdp_fail(err, SDP_USAGE,
				"--comment: neither a quote nor a line end can be one");
	if (common->comment && common->comment == common->delimiter)
		return sdp_fail(err, SDP_USAGE, "--delimiter and --comment are both '%c'",
				common->comment);
	if (common->delimiter == common->decimal)
		return sdp_fail(err, SDP_USAGE, "--delimiter and --decimal are both '%c'",
				common->decimal);
	return check_quotes(common, err);
}
