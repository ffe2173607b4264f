/*
 * Tests how expressions of --where are parsed, as trees that are written as S-expressions, what is
 * refused, and where the caret of the message is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sdp/buf.h"
#include "table/where_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- trees ---- */

static const char *const kinds[] = {
	[SDP_WHERE_ADD] = "+",           [SDP_WHERE_MULTIPLY] = "*",
	[SDP_WHERE_NEGATE] = "-",        [SDP_WHERE_LENGTH] = "length",
	[SDP_WHERE_LOWER] = "lower",     [SDP_WHERE_UPPER] = "upper",
	[SDP_WHERE_YEAR] = "year",       [SDP_WHERE_MONTH] = "month",
	[SDP_WHERE_DAY] = "day",         [SDP_WHERE_HOUR] = "hour",
	[SDP_WHERE_WEEKDAY] = "weekday", [SDP_WHERE_EQUAL] = "==",
	[SDP_WHERE_UNEQUAL] = "!=",      [SDP_WHERE_LESS] = "<",
	[SDP_WHERE_AT_MOST] = "<=",      [SDP_WHERE_GREATER] = ">",
	[SDP_WHERE_AT_LEAST] = ">=",     [SDP_WHERE_MATCH] = "=~",
	[SDP_WHERE_IN] = "in",           [SDP_WHERE_BETWEEN] = "between",
	[SDP_WHERE_IS_NULL] = "is-null", [SDP_WHERE_NOT] = "not",
	[SDP_WHERE_AND] = "and",         [SDP_WHERE_OR] = "or",
};

static void print_tree(const struct sdp_where_node *node, struct sdp_buf *out)
{
	struct sdp_err err;
	switch (node->kind) {
	case SDP_WHERE_STRING:
		sdp_buf_format(out, &err, "'%s'", node->text);
		break;
	case SDP_WHERE_BOOLEAN:
		sdp_buf_format(out, &err, "%s", node->truth ? "#true" : "#false");
		break;
	case SDP_WHERE_NUMBER:
		sdp_buf_format(out, &err, "%s", node->text);
		break;
	case SDP_WHERE_COLUMN:
		sdp_buf_format(out, &err, "[%s]", node->text);
		break;
	default:
		sdp_buf_format(out, &err, "(%s", kinds[node->kind]);
		for (size_t i = 0; i < node->count; i++) {
			sdp_buf_format(out, &err, " ");
			print_tree(node->operands[i], out);
		}
		sdp_buf_format(out, &err, ")");
	}
}

static const struct {
	const char *text, *tree;
} trees[] = {
	/* precedence */
	{"a == 1", "(== [a] 1)"},
	{"a or b and not c or d", "(or [a] (and [b] (not [c])) [d])"},
	{"(a or b) and c and d", "(and (or [a] [b]) [c] [d])"},
	{"not a == b and c", "(and (not (== [a] [b])) [c])"},
	{"not not a", "(not (not [a]))"},
	{"a + b * c - -d <= 2", "(<= (+ [a] (* [b] [c]) (- (- [d]))) 2)"},
	{"a - b - c > 0", "(> (+ [a] (- [b]) (- [c])) 0)"},
	{"-a * b * -1 < 1", "(< (* (- [a]) [b] (- 1)) 1)"},
	{"a * (b + c) != 1", "(!= (* [a] (+ [b] [c])) 1)"},
	{"(a + b) + c == 1", "(== (+ (+ [a] [b]) [c]) 1)"},
	{"(a < b) == (c < d)", "(== (< [a] [b]) (< [c] [d]))"},
	{"((((a))))", "[a]"},
	/* tests */
	{"a in (1)", "(in [a] 1)"},
	{"a + 1 not in (b, 2 * c, -3)", "(not (in (+ [a] 1) [b] (* 2 [c]) (- 3)))"},
	{"a between 1 and 2 and b", "(and (between [a] 1 2) [b])"},
	{"a not between b + 1 and c", "(not (between [a] (+ [b] 1) [c]))"},
	{"not a not in (1)", "(not (not (in [a] 1)))"},
	{"a is null", "(is-null [a])"},
	{"a + b is not null or c", "(or (not (is-null (+ [a] [b]))) [c])"},
	{"(a == b) is null", "(is-null (== [a] [b]))"},
	{"a =~ 'x' and b !~ 'y'", "(and (=~ [a] 'x') (not (=~ [b] 'y')))"},
	{"lower(a) =~ 'x'", "(=~ (lower [a]) 'x')"},
	/* functions, and columns of their names */
	{"length(a) == length", "(== (length [a]) [length])"},
	{"LENGTH (upper(a)) == 1", "(== (length (upper [a])) 1)"},
	{"year(a) + month(a) + day(a) + hour(a) + weekday(a) > 1",
	 "(> (+ (year [a]) (month [a]) (day [a]) (hour [a]) (weekday [a])) 1)"},
	/* words in any case, names as they are */
	{"A AND NOT a Or b Is Not NULL", "(or (and [A] (not [a])) (not (is-null [b])))"},
	{"True == FALSE", "(== #true #false)"},
	{"a IN (1) or a BETWEEN 1 AND 2", "(or (in [a] 1) (between [a] 1 2))"},
	{"android or nothing", "(or [android] [nothing])"},
	/* names */
	{"a.b.c_1 and _x and größe", "(and [a.b.c_1] [_x] [größe])"},
	{"${and} and ${a b} and ${1} and ${a}}b} and ${}}}}}", "(and [and] [a b] [1] [a}b] [}}])"},
	{"${true} == true", "(== [true] #true)"},
	{"${length} == 1", "(== [length] 1)"},
	/* strings and numbers */
	{"a == '' or a == '''' or a == 'it''s \"x\" \\n'",
	 "(or (== [a] '') (== [a] ''') (== [a] 'it's \"x\" \\n'))"},
	{"a in (1, 1., .5, 1e3, 1E+3, 1.5e-3, 007)", "(in [a] 1 1. .5 1e3 1E+3 1.5e-3 007)"},
	{"a==1and b", NULL},
	/* what separates */
	{" a\t==\r\n1 ", "(== [a] 1)"},
	{"a==1or(b)", NULL},
	{"(a)or(b)and(not(c))", "(or [a] (and [b] (not [c])))"},
	{"a==-1", "(== [a] (- 1))"},
	{"a--1==2", "(== (+ [a] (- (- 1))) 2)"},
};

static void test_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
		struct sdp_err err = {0};
		struct sdp_buf tree = {0};
		struct sdp_where *where = sdp_where_parse(trees[i].text, &err);
		if (!where && trees[i].tree)
			fail_msg("%s: %s", trees[i].text, err.text);
		if (where)
			print_tree(where->root, &tree);
		if (trees[i].tree)
			assert_string_equal(tree.data, trees[i].tree);
		else
			assert_null(where);
		sdp_buf_release(&tree);
		sdp_where_free(where);
	}
}

/* The place of a part goes from its first byte to its last one, with its parentheses. */
static void test_places(void **state)
{
	(void)state;
	static const struct {
		const char *text, *first, *second; /* the operands of the root */
	} places[] = {
		{"a + b == (c)", "a + b", "(c)"},
		{"lower ( a ) == 'x''y'", "lower ( a )", "'x''y'"},
		{"a in (1, 2) and ${x y} is not null", "a in (1, 2)", "${x y} is not null"},
		{"not a or b not between 1 and 2", "not a", "b not between 1 and 2"},
		{"- a * 2 < b - 3", "- a * 2", "b - 3"},
	};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct sdp_err err;
		struct sdp_where *where = sdp_where_parse(places[i].text, &err);
		assert_non_null(where);
		for (size_t k = 0; k < 2; k++) {
			const struct sdp_where_node *node = where->root->operands[k];
			const char *wanted = k ? places[i].second : places[i].first;
			assert_int_equal(node->length, strlen(wanted));
			assert_memory_equal(places[i].text + node->at, wanted, node->length);
		}
		sdp_where_free(where);
	}
}

/* ---- what is refused ---- */

/* ^ in the text is left out: it is the place of the caret. */
static const struct {
	const char *text, *message;
} refused[] = {
	/* signs of other languages */
	{"a ^= 1", "= is written =="},
	{"a ^=== 1", "=== is written =="},
	{"a ^!== 1", "!== is written !="},
	{"a ^<> 1", "<> is written !="},
	{"a ^=> 1", "=> is written >="},
	{"a ^=< 1", "=< is written <="},
	{"a ^=! 1", "=! is written !="},
	{"a ^~ 'x'", "~ is written =~"},
	{"a ^==~ 'x'", "==~ is written =~"},
	{"a ^!=~ 'x'", "!=~ is written !~"},
	{"a ^&& b", "&& is written and"},
	{"a ^& b", "& is written and"},
	{"a ^|| b", "|| is written or"},
	{"a ^| b", "| is written or"},
	{"^!a", "! is written not"},
	{"a == ^\"x\"", "strings are in single quotes, and odd names of columns in ${...}"},
	{"^`a` == 1", "strings are in single quotes, and odd names of columns in ${...}"},
	{"a ^/ 2 == 1", "there is no division"},
	{"a ^% 2 == 1", "there is no remainder"},
	{"a ^** 2 == 1", "there are no powers"},
	{"^$a == 1", "a column is written by its name, or ${name}"},
	{"^{a} == 1", "a column is written by its name, or ${name}"},
	{"^[a] == 1", "an odd name of a column is written ${name}, a list (a, b)"},
	{"a in (1^; 2)", "; has no meaning; the elements of a list are separated by commas"},
	{"a == 1 ^# x", "'#' has no meaning here"},
	{"^.a == 1", "'.' has no meaning here"},
	/* words of other languages */
	{"a ^like 'x%'",
	 "an operator is missing before this; a text within strings is found by =~ 'regex'"},
	{"(a ^LIKE 'x%')",
	 "an operator or ) is missing before this; a text within strings is found by =~ 'regex'"},
	{"a not ^like 'x%'",
	 "after not comes in or between here; a text within strings is found by =~ 'regex'"},
	{"^contains(a, 'x')",
	 "no function 'contains'; a text within strings is found by =~ 'regex'"},
	{"^isnull(a)", "no function 'isnull'; a missing value is found by is null"},
	{"a ^eq 1", "an operator is missing before this; eq is written =="},
	{"a ^≥ 1", "an operator is missing before this; ≥ is written >="},
	/* null */
	{"a == ^null", "null is compared by is null or is not null"},
	{"a is ^'x'", "after is comes null or not null; values are compared by == and !="},
	{"a is not^", "after is comes null or not null; values are compared by == and !="},
	{"a not ^null", "after not comes in or between here; not null is written is not null"},
	{"a not ^> 1", "after not comes in or between here; not of a comparison is written before "
		       "the whole of it"},
	/* what is missing */
	{"a ==^", "a column or a value is missing at the end"},
	{"a and ^or b",
	 "a column or a value is missing before 'or'; a column of that name is written in ${...}"},
	{"^== 1", "a column or a value is missing before '=='"},
	{"a == ^+1", "a value has no + before it"},
	{"(a == 1^", "the ) of a ( is missing"},
	{"(a == 1 ^b)", "an operator or ) is missing before this"},
	{"a == 1^)", "the ( of this ) is missing"},
	{"(^)", "a column or a value is missing before ')'"},
	{"a == 1 ^b == 2", "an operator is missing before this"},
	{"length ^a == 1",
	 "an operator is missing before this; the argument of length is in parentheses"},
	{"length(a^", "the ) of a function is missing"},
	{"length(a^, 1) == 1", "a function has one argument"},
	{"a in ^1", "after in comes a list in parentheses, as (1, 2)"},
	{"a in (^)", "a column or a value is missing before ')'"},
	{"a in (1^", "the ) of the list of in is missing"},
	{"a in (1 ^2)", "a comma or ) is missing before this"},
	{"a between 1^, 2", "the and of between is missing"},
	{"a == 1^,5", "an operator is missing before this; a number has no commas"},
	{"a == 'it'^s'", "an operator is missing before this; a quote in a string is written ''"},
	{"a == ^'x", "the ' at the end of a string is missing"},
	{"^${a == 1", "the } of a name in ${ is missing"},
	/* numbers, functions, comparisons */
	{"a == ^1.2.3",
	 "not a number; the name of a column that begins with a digit is written in ${...}"},
	{"^2nd == 1",
	 "not a number; the name of a column that begins with a digit is written in ${...}"},
	{"a == ^1e400", "this number is too large or has too many digits"},
	{"^lenght(a) == 1", "no function 'lenght', did you mean length?"},
	{"^round(a) == 1",
	 "no function 'round'; there are length, lower, upper, year, month, day, hour, weekday"},
	{"1 < a ^< 3", "a comparison cannot be continued; join two by and"},
	/* regular expressions */
	{"a =~ ^/x/", "a regular expression is a string in single quotes"},
	{"a =~ ^b", "a regular expression is a string in single quotes"},
	{"a =~^", "a regular expression is a string in single quotes"},
	{"a =~ 'it''s (x^'", "the regular expression is wrong: missing closing parenthesis"},
	{"a !~ 'x[^'",
	 "the regular expression is wrong: missing terminating ] for character class"},
	{"a =~ 'x\\C^'",
	 "the regular expression is wrong: using \\C is disabled by the application"},
	/* types that need no table */
	{"1 == ^'a'", "'a' is a string, a number is wanted beside a number"},
	{"length(a) == ^'3'",
	 "'3' is a string, a number is wanted beside a number; a number has no quotes"},
	{"true == ^'True'",
	 "'True' is a string, a boolean is wanted beside a boolean; true and false have no quotes"},
	{"lower(a) == ^5",
	 "this is a number, a string is wanted beside a string; a string is in single quotes"},
	{"a + ^'x' == 1", "'x' is a string, a number is wanted in a sum"},
	{"^true < false", "booleans are compared by == and != only"},
	{"^a + b", "this is a number, a boolean is wanted as a condition"},
	{"^'x'", "'x' is a string, a boolean is wanted as a condition"},
	{"b and ^5", "this is a number, a boolean is wanted by not, and, or"},
	{"year(^'soon') == 1", "'soon' is compared with a time, but is no date and no time, as "
			       "'2024-03-01' or '2024-03-01 12:30'"},
	{"year(^5) == 1",
	 "this is a number, a time is wanted by year; a time is in single quotes, as '2024-03-01'"},
	{"a in (1, ^'x')", "'x' is a string, a number is wanted beside a number"},
	{"(a == b) == ^1", "this is a number, a boolean is wanted beside a boolean"},
};

/* Parses an expression, which must fail with this message. */
static void check_refused(const char *text, const char *message, struct sdp_err *err)
{
	struct sdp_where *where = sdp_where_parse(text, err);
	if (where)
		fail_msg("%s: is not refused", text);
	assert_int_equal(err->code, SDP_USAGE);
	assert_memory_equal(err->text, "--where: ", 9);
	if (strcmp(err->text + 9, message) != 0)
		fail_msg("%s: %s", text, err->text);
}

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		char text[200], excerpt[400];
		struct sdp_err err;
		if (!refused[i].message)
			continue;
		const char *caret = strchr(refused[i].text, '^');
		int before = (int)(caret - refused[i].text);
		snprintf(text, sizeof text, "%.*s%s", before, refused[i].text, caret + 1);
		check_refused(text, refused[i].message, &err);
		snprintf(excerpt, sizeof excerpt, "  %s\n%*s^", text, before + 2, "");
		assert_string_equal(err.excerpt, excerpt);
	}
}

static char *repeated(const char *part, size_t count, const char *end)
{
	size_t length = strlen(part);
	char *text = malloc(count * length + strlen(end) + 1);
	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * length, part, length);
	memcpy(text + count * length, end, strlen(end) + 1);
	return text;
}

/* An expression of this part, repeated, is accepted, and refused if it is repeated once more. */
static void check_limit(const char *part, size_t count, const char *end, const char *message)
{
	struct sdp_err err;
	char *text = repeated(part, count, end);
	struct sdp_where *where = sdp_where_parse(text, &err);
	if (!where)
		fail_msg("%s: %s", part, err.text);
	sdp_where_free(where);
	free(text);
	text = repeated(part, count + 1, end);
	check_refused(text, message, &err);
	free(text);
}

static void test_limits(void **state)
{
	(void)state;
	static const char deep[] = "the expression is nested more than 200 levels deep";
	struct sdp_err err;
	check_limit("not ", 199, "a", deep);
	char *ends = repeated(")", 199, "");
	char *inner = repeated("a", 1, ends);
	check_limit("(", 199, inner, deep);
	free(inner);
	free(ends);
	check_limit("- ", 199, "a == 1", deep);
	check_limit("true or ", 8191, "a       ",
		    "the expression has 65544 bytes, at most 65536 are allowed");
	check_refused("", "the expression is empty", &err);
	assert_string_equal(err.excerpt, "");
	check_refused(" \t\n", "the expression is empty", &err);
	check_refused("a ^ 2 == 1", "there are no powers", &err);
	check_refused("${} == 'a", "the ' at the end of a string is missing", &err);
}

/* The excerpt shows what is near the fault, in columns of a terminal. */
static void test_excerpts(void **state)
{
	(void)state;
	struct sdp_err err;
	check_refused("größe = 1", "= is written ==", &err);
	assert_string_equal(err.excerpt, "  größe = 1\n        ^");
	/* Characters of two columns and of none. */
	check_refused("日本 = 1", "= is written ==", &err);
	assert_string_equal(err.excerpt, "  日本 = 1\n       ^");
	check_refused("e\u0301 = 1", "= is written ==", &err);
	assert_string_equal(err.excerpt, "  e\u0301 = 1\n    ^");
	/* Blanks, line ends and control characters are blanks. */
	check_refused("a ==\t1\r\nand '\033[1m' = b", "= is written ==", &err);
	assert_string_equal(err.excerpt, "  a == 1  and ' [1m' = b\n                     ^");
	check_refused("a == '\xff' = 1", "this is not valid UTF-8", &err);
	assert_string_equal(err.excerpt, "  a == ' ' = 1\n        ^");
	check_refused("some_long_name > 1 and some_long_name > 1 and x = 1 and some_long_name > 2",
		      "= is written ==", &err);
	assert_string_equal(
		err.excerpt,
		"  …g_name > 1 and some_long_name > 1 and x = 1 and some_long_name > 2\n"
		"                                           ^");
	check_refused("x = 1 and some_long_name > 1 and some_long_name > 1",
		      "= is written ==", &err);
	assert_string_equal(err.excerpt, "  x = 1 and some_long_name > 1 and some_…\n    ^");
	/* An error without a place has no excerpt that was left from another. */
	sdp_fail(&err, SDP_DATA, "x");
	assert_string_equal(err.excerpt, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees),    cmocka_unit_test(test_places),
		cmocka_unit_test(test_refused),  cmocka_unit_test(test_limits),
		cmocka_unit_test(test_excerpts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
