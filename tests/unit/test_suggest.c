/* Tests which name is suggested for a mistyped one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/suggest.h"

#include <string.h>

/* Of names with blanks between the one nearest to typed, "" if there is none. */
static const char *nearest(const char *typed, const char *names)
{
	static char text[200];
	static const char *none = "";
	struct sdp_suggestion near = sdp_suggest_for(typed, strlen(typed));
	strcpy(text, names);
	for (char *name = strtok(text, " "); name; name = strtok(NULL, " "))
		sdp_suggest_try(&near, name);
	return near.name ? near.name : none;
}

static void test_slips(void **state)
{
	(void)state;
	/* one left out */
	assert_string_equal(nearest("dep_dlay", "arr_delay dep_delay day"), "dep_delay");
	/* one too many */
	assert_string_equal(nearest("dep_ddelay", "arr_delay dep_delay day"), "dep_delay");
	/* one wrong */
	assert_string_equal(nearest("dep_dalay", "arr_delay dep_delay day"), "dep_delay");
	/* two exchanged */
	assert_string_equal(nearest("dep_edlay", "arr_delay dep_delay day"), "dep_delay");
	/* two slips */
	assert_string_equal(nearest("depdelya", "arr_delay dep_delay day"), "dep_delay");
	assert_string_equal(nearest("depdela", "arr_delay dep_delay day"), "dep_delay");
	assert_string_equal(nearest("depdel", "arr_delay dep_delay day"), ""); /* three */
	assert_string_equal(nearest("dayy", "arr_delay dep_delay day"), "day");
	assert_string_equal(nearest("dy", "arr_delay dep_delay day"), ""); /* too short to tell */
}

static void test_case_and_beginnings(void **state)
{
	(void)state;
	assert_string_equal(nearest("Dep_Delay", "dep_dela dep_delay"), "dep_delay");
	assert_string_equal(nearest("A", "b a"), "a");
	assert_string_equal(nearest("spec", "sex species island"), "species");
	assert_string_equal(nearest("sp", "sex species island"), "");
	assert_string_equal(nearest("", "a b"), "");
}

static void test_blanks_and_punctuation(void **state)
{
	struct sdp_suggestion near = sdp_suggest_for("[D]", 3);
	(void)state;
	assert_string_equal(nearest("[D]", "[T] [E]"), "");
	assert_string_equal(nearest("[D]", "[T] [d] [E]"), "[d]");
	assert_string_equal(nearest("D", "[T] [D] E"), "[D]");
	assert_string_equal(nearest("[\u00e9]", "[\u00e8] (\u00e9)"), "(\u00e9)");
	assert_string_equal(nearest("dep-delay", "dep.belay dep_delay"), "dep_delay");
	assert_string_equal(nearest("--", "++ -"), "");
	sdp_suggest_try(&near, "[T]");
	sdp_suggest_try(&near, " [D]");
	assert_string_equal(near.name, " [D]");
}

static void test_digits(void **state)
{
	(void)state;
	assert_string_equal(nearest("column19", "column1 column18 column9"), "");
	assert_string_equal(nearest("colum1", "column18 column1 column9"), "column1");
	/* as the beginning of a name */
	assert_string_equal(nearest("column1", "column18 column12"), "column18");
}

static void test_long_names(void **state)
{
	char typed[60] = {0}, name[60] = {0};
	(void)state;
	memset(typed, 'x', 41);
	memset(name, 'x', 40);
	struct sdp_suggestion near = sdp_suggest_for(typed, 41);
	sdp_suggest_try(&near, name);
	assert_null(near.name);
	near = sdp_suggest_for(typed, 39);
	sdp_suggest_try(&near, typed);
	assert_null(near.name);
	sdp_suggest_try(&near, name);
	assert_ptr_equal(near.name, name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slips),
		cmocka_unit_test(test_case_and_beginnings),
		cmocka_unit_test(test_blanks_and_punctuation),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_long_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
