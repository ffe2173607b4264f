/* Tests the parser of command lines, --help and --options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/cli.h"

#include <math.h>
#include <string.h>

struct params {
	struct sdp_common common;
	bool quick;
	int64_t clusters, any;
	double tolerance, positive;
	uint64_t block;
	char mark;
	const char *name;
	enum { FAST, EXACT } mode;
	enum { NO_MARK, DOT, CIRCLE } shape;
	struct sdp_list terms;
};

#define AT(member) offsetof(struct params, member)

static const struct sdp_option options[] = {
	{'k', "clusters", SDP_INTEGER, AT(clusters), "N", NULL, "3", 1, 100, "number of clusters"},
	{0, "any", SDP_INTEGER, AT(any), "N", NULL, NULL, 0, 0, "any whole number"},
	{'Q', "quick", SDP_FLAG, AT(quick), NULL, NULL, NULL, 0, 0, "less exactly"},
	{0, "tolerance", SDP_REAL, AT(tolerance), "X", NULL, "1e-4", 0, 1, "when to stop"},
	{0, "positive", SDP_REAL, AT(positive), "X", NULL, NULL, 0, (double)INFINITY,
	 "not negative"},
	{0, "block", SDP_SIZE, AT(block), "SIZE", "bytes", "64K", 1024, 0x1p30, "block size"},
	{'m', "mark", SDP_CHAR, AT(mark), "CHAR", NULL, NULL, 0, 0, "a mark"},
	{'n', "name", SDP_TEXT, AT(name), "NAME", NULL, NULL, 0, 0, "a name"},
	{0, "mode", SDP_CHOICE, AT(mode), "fast|exact", NULL, "exact", 0, 0, "how"},
	{0, "shape", SDP_CHOICE, AT(shape), "dot|circle", NULL, NULL, DOT, 0, "of marks"},
	{'t', "term", SDP_LIST, AT(terms), "TERM", NULL, NULL, 0, 0, "a term, may be repeated"},
	{'j', "seed", SDP_TEXT, AT(name), "TEXT", NULL, NULL, 0, 0, "replaces the common one"},
	{0},
};

static const char *const examples[] = {"sdp-try table.csv", NULL};

static const struct sdp_help_section sections[] = {
	{"what", "clusters any quick tolerance positive block columns"},
	{"how", "mark name mode shape term seed"},
	{0},
};

static const struct sdp_program program = {
	.name = "sdp-try",
	.summary = "tries options",
	.operands = "[FILE...]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_TABLE | SDP_GROUP_DOCUMENT | SDP_GROUP_SEED |
		  SDP_GROUP_COLUMNS | SDP_GROUP_MEMORY | SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct params),
};

static struct sdp_option_table table;
static struct params params;
static struct sdp_command_line command;
static struct sdp_err err;

static int release(void **state)
{
	(void)state;
	sdp_command_line_release(&command, &table, &params);
	sdp_option_table_release(&table);
	return 0;
}

/* Words separated by blanks; "''" is an empty one. */
static int parse(const struct sdp_program *p, const char *line)
{
	static char text[400];
	static char *argv[40];
	int argc = 0;
	release(NULL);
	memset(&params, 0, sizeof params);
	memset(&err, 0, sizeof err);
	strcpy(text, line);
	argv[argc++] = (char *)(uintptr_t)p->name;
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "''") == 0 ? word + 2 : word;
	argv[argc] = NULL;
	assert_int_equal(sdp_option_table_make(&table, p, &err), 0);
	return sdp_command_line_parse(&command, p, &table, &params, argc, argv, &err);
}

static void good(const char *line)
{
	if (parse(&program, line) < 0)
		fail_msg("%s: %s", line, err.text);
}

static void bad(const char *line, const char *message)
{
	assert_int_equal(parse(&program, line), -1);
	assert_string_equal(err.text, message);
	assert_int_equal(err.code, SDP_USAGE);
}

static void test_defaults(void **state)
{
	(void)state;
	good("");
	assert_int_equal(params.clusters, 3);
	assert_true(params.tolerance == 1e-4);
	assert_int_equal(params.block, 65536);
	assert_int_equal(params.mode, EXACT);
	assert_int_equal(params.shape, NO_MARK);
	assert_int_equal(params.common.decimal, '.');
	assert_int_equal(params.common.progress, SDP_PROGRESS_AUTO);
	assert_int_equal(params.common.format, SDP_RESULT_DEFAULT);
	assert_int_equal(command.count, 0);
	assert_int_equal(sdp_common_finish(&params.common, &err), 0);
	assert_in_range(params.common.workers, 1, 256);
	assert_true(params.common.max_memory > 0);
}

static void test_forms(void **state)
{
	(void)state;
	good("-k5 a.csv --name=x=y -qvQ - --mode fast --shape circle -- -k --no b");
	assert_int_equal(params.clusters, 5);
	assert_string_equal(params.name, "x=y");
	assert_true(params.common.quiet && params.common.verbose && params.quick);
	assert_int_equal(params.mode, FAST);
	assert_int_equal(params.shape, CIRCLE);
	assert_int_equal(command.count, 5);
	assert_string_equal(command.operands[0], "a.csv");
	assert_string_equal(command.operands[1], "-");
	assert_string_equal(command.operands[2], "-k");
	assert_string_equal(command.operands[4], "b");
	assert_null(command.operands[5]);
	good("-qk 7 -k8 -n -x");
	assert_int_equal(params.clusters, 8);
	assert_string_equal(params.name, "-x");
	good("--name=");
	assert_string_equal(params.name, "");
	good("-n ''");
	assert_string_equal(params.name, "");
}

static void test_own_beats_common(void **state)
{
	(void)state;
	good("-j hello --workers 2");
	assert_string_equal(params.name, "hello");
	assert_int_equal(params.common.workers, 2);
	good("--seed soy");
	assert_string_equal(params.name, "soy");
}

static void test_values(void **state)
{
	(void)state;
	good("--any -9223372036854775808");
	assert_true(params.any == INT64_MIN);
	good("--any=+12 --tolerance .5 --positive 1e300");
	assert_int_equal(params.any, 12);
	assert_true(params.tolerance == 0.5 && params.positive == 1e300);
	static const struct {
		const char *text;
		uint64_t bytes;
	} sizes[] = {{"--block 1024", 1024},  {"--block 2k", 2048},   {"--block 3M", 3 << 20},
		     {"--block 1G", 1 << 30}, {"--block 4KiB", 4096}, {"--block 4kb", 4096},
		     {"--block 2048B", 2048}};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		good(sizes[i].text);
		assert_int_equal(params.block, sizes[i].bytes);
	}
	good("--max-memory 2T -m \\t");
	assert_true(params.common.max_memory == UINT64_C(2) << 40);
	assert_int_equal(params.mark, '\t');
	good("-m tab -d;");
	assert_int_equal(params.mark, '\t');
	assert_int_equal(params.common.delimiter, ';');
	good("-ta -t b --term=c -td -te");
	assert_int_equal(params.terms.count, 5);
	assert_string_equal(params.terms.items[0], "a");
	assert_string_equal(params.terms.items[4], "e");
}

static void test_bad_values(void **state)
{
	(void)state;
	bad("--workers 0", "--workers: not a number between 1 and 256: '0'");
	bad("--workers 257", "--workers: not a number between 1 and 256: '257'");
	bad("--workers=", "--workers: not a number between 1 and 256: ''");
	bad("--workers 4x", "--workers: not a number between 1 and 256: '4x'");
	bad("-k 2.5", "--clusters: not a whole number: '2.5'");
	bad("-k 99999999999999999999",
	    "--clusters: not a number between 1 and 100: '99999999999999999999'");
	bad("--any 9223372036854775808", "--any: not a 64-bit number: '9223372036854775808'");
	bad("--any x", "--any: not a number: 'x'");
	bad("--tolerance 2", "--tolerance: not a number between 0 and 1: '2'");
	bad("--tolerance nan", "--tolerance: not a number between 0 and 1: 'nan'");
	bad("--tolerance 0x1", "--tolerance: not a number between 0 and 1: '0x1'");
	bad("--tolerance 1e999", "--tolerance: not a number between 0 and 1: '1e999'");
	bad("--positive -1", "--positive: not a number of at least 0: '-1'");
	bad("--block 1", "--block: not a size between 1K and 1G: '1'");
	bad("--block 1Q", "--block: not a size between 1K and 1G: '1Q'");
	bad("--block -1", "--block: not a size between 1K and 1G: '-1'");
	bad("--block 18014398509481985K",
	    "--block: not a size between 1K and 1G: '18014398509481985K'");
	bad("--mark ab", "--mark: not a single byte (or \\t): 'ab'");
	bad("--mark=", "--mark: not a single byte (or \\t): ''");
	bad("--mode slow", "--mode: not one of fast, exact: 'slow'");
	bad("--mode fas", "--mode: not one of fast, exact: 'fas'");
	bad("--mode=", "--mode: not one of fast, exact: ''");
}

static void test_bad_options(void **state)
{
	(void)state;
	bad("--foo", "unknown option '--foo' (try sdp-try --help)");
	bad("--colums=a", "unknown option '--colums', did you mean --columns?");
	bad("--no_header", "unknown option '--no_header', did you mean --no-header?");
	bad("--col a", "unknown option '--col', did you mean --columns?");
	/* A word of the help of only one option; "number" is in two. */
	bad("--exactly=2", "unknown option '--exactly', did you mean --quick?");
	bad("--number", "unknown option '--number' (try sdp-try --help)");
	bad("--quick=1", "--quick: takes no value");
	bad("--name", "--name: needs a value: --name NAME");
	bad("-n", "--name: needs a value: --name NAME");
	bad("-qZ", "unknown option '-Z' (try sdp-try --help)");
	bad("a -5", "unknown option '-5' (try sdp-try --help)");
}

static void test_requests(void **state)
{
	(void)state;
	good("-q --help --foo");
	assert_int_equal(command.request, SDP_REQUEST_HELP);
	good("-qh");
	assert_int_equal(command.request, SDP_REQUEST_SUMMARY);
	good("--version");
	assert_int_equal(command.request, SDP_REQUEST_VERSION);
	good("--options");
	assert_int_equal(command.request, SDP_REQUEST_OPTIONS);
	bad("--foo --help", "unknown option '--foo' (try sdp-try --help)");
}

static void test_no_operands(void **state)
{
	(void)state;
	static const struct sdp_program none = {.name = "sdp-none",
						.summary = "takes none",
						.params_size = sizeof(struct params)};
	assert_int_equal(parse(&none, "-q"), 0);
	assert_int_equal(parse(&none, "x"), -1);
	assert_string_equal(err.text, "unexpected operand 'x' (try sdp-none --help)");
	assert_int_equal(parse(&none, "-j2"), -1);
	assert_string_equal(err.text, "unknown option '-j' (try sdp-none --help)");
}

static void test_formats(void **state)
{
	(void)state;
	static const struct sdp_program rows = {.name = "sdp-rows",
						.operands = "",
						.summary = "",
						.groups = SDP_GROUP_ROWS,
						.params_size = sizeof(struct params)};
	static const struct sdp_program both = {.name = "sdp-both",
						.operands = "",
						.summary = "",
						.groups = SDP_GROUP_ROWS | SDP_GROUP_DOCUMENT,
						.params_size = sizeof(struct params)};
	assert_int_equal(parse(&rows, "-f ndjson"), 0);
	assert_int_equal(parse(&rows, "-f table"), 0);
	assert_int_equal(parse(&rows, "-f json"), 0);
	assert_int_equal(parse(&both, "-f ndjson"), 0);
	assert_int_equal(parse(&both, "-f table"), 0);
	good("-f table");
	bad("-f ndjson", "--format: not one of json, csv, tsv, table: 'ndjson'");
}

static void finish_fails(const char *line, const char *message)
{
	good(line);
	assert_int_equal(sdp_common_finish(&params.common, &err), -1);
	assert_int_equal(err.code, SDP_USAGE);
	assert_string_equal(err.text, message);
}

static void test_finish(void **state)
{
	(void)state;
	finish_fails("-d \"", "--delimiter: neither a quote nor a line end can be one");
	finish_fails("--decimal 5", "--decimal: '5' cannot be one");
	finish_fails("--decimal , -d,", "--delimiter and --decimal are both ','");
}

static void assert_narrow(char *text, size_t width)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= width);
}

static void test_help(void **state)
{
	const struct sdp_usage_style style = {0}, narrow = {.width = 60, .bold = true};
	struct sdp_buf out = {0};
	(void)state;
	good("");
	assert_int_equal(sdp_usage_help(&program, &table, &style, &out, &err), 0);
	assert_non_null(
		strstr(out.data,
		       "usage: sdp-try [OPTION]... [FILE...]\ntries options\n\nexamples:\n"
		       "  $ sdp-try table.csv\n\nwhat:\n"
		       "  -k, --clusters N          number of clusters (1 to 100; default 3)\n"));
	assert_non_null(
		strstr(out.data, "      --block SIZE          block size (bytes; default 64K)\n"));
	assert_non_null(
		strstr(out.data, "      --positive X          not negative (at least 0)\n"));
	assert_non_null(strstr(out.data, "  -x, --columns LIST        columns to use"));
	assert_non_null(strstr(out.data, "\n\nrunning:\n      --workers N"));
	assert_null(strstr(out.data, "\033"));
	assert_narrow(out.data, 80);
	out.length = 0;
	assert_int_equal(sdp_usage_help(&program, &table, &narrow, &out, &err), 0);
	assert_non_null(strstr(out.data, "\n\033[1mwhat:\033[0m\n"));
	assert_narrow(out.data, 60);
	sdp_buf_release(&out);
}

/* -h shows the first clause of each help, and of the common options only some names. */
static void test_summary(void **state)
{
	const struct sdp_usage_style style = {.width = 64, .brief = true};
	struct sdp_buf out = {0};
	(void)state;
	good("");
	assert_int_equal(sdp_usage_help(&program, &table, &style, &out, &err), 0);
	assert_non_null(strstr(out.data,
			       "\nwhat:\n  -k, --clusters N          number of "
			       "clusters (default 3)\n      --any N               any whole "
			       "number\n"));
	assert_non_null(strstr(out.data, "\nreading  --where -d --no-header --types --na ... "
					 "(sdp-csv(5))\noutput   -f json|csv|tsv|table --print"));
	assert_non_null(strstr(out.data, "\nmore     sdp-try --help, man sdp-try\n"));
	assert_narrow(out.data, 64);
	sdp_buf_release(&out);
}

static void test_options(void **state)
{
	struct sdp_buf out = {0};
	(void)state;
	good("");
	assert_int_equal(sdp_usage_options(&table, &out, &err), 0);
	assert_non_null(strstr(out.data,
			       "short\tlong\ttype\targument\tunit\tdefault\tmin\tmax\thelp\n"
			       "k\tclusters\tinteger\tN\t\t3\t1\t100\tnumber of clusters\n"
			       "\tany\tinteger\tN\t\t\t\t\tany whole number\n"));
	assert_non_null(strstr(out.data, "\n\tpositive\treal\tX\t\t\t0\t\tnot negative\n"));
	size_t lines = 0, tabs = 0;
	for (char *p = out.data; *p; p++) {
		lines += *p == '\n';
		tabs += *p == '\t';
	}
	assert_int_equal(lines, table.count + 1);
	assert_int_equal(tabs, 8 * lines);
	sdp_buf_release(&out);
}

static void test_given(void **state)
{
	(void)state;
	good("--clusters 3 -Qqqqj 2 file -t a -t b");
	assert_true(sdp_given(&params.common, "clusters"));
	assert_true(sdp_given(&params.common, "any seed quick"));
	assert_true(sdp_given(&params.common, "term"));
	assert_false(sdp_given(&params.common, "cluster clusters-"));
	assert_false(sdp_given(&params.common, ""));
	assert_int_equal(sdp_refuse_given(&params.common, "any tolerance", "here", &err), 0);
	assert_int_equal(sdp_refuse_given(&params.common, "any quick clusters", "with this", &err),
			 -1);
	assert_string_equal(err.text, "--clusters has no effect with this");
	assert_int_equal(err.code, SDP_USAGE);
	good("");
	assert_false(sdp_given(&params.common, "clusters quick"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_own_beats_common),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_no_operands),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_finish),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_given),
	};
	return cmocka_run_group_tests(tests, NULL, release);
}
