/* Tests that a list of names for a message ends at a whole name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/names.h"

#include <stdio.h>
#include <string.h>

static void test_few(void **state)
{
	(void)state;
	struct sdp_names names = {0};
	assert_string_equal(sdp_names_end(&names), "");
	sdp_names_add(&names, "a");
	sdp_names_add(&names, "b c");
	assert_string_equal(sdp_names_end(&names), "a, b c");
}

/* Of names of 10 bytes, 16 fit: 16 × 10 + 15 × 2 = 190. */
static void test_many(void **state)
{
	(void)state;
	struct sdp_names names = {0};
	for (int i = 0; i < 1000; i++) {
		char name[24];
		snprintf(name, sizeof name, "column%04d", i);
		sdp_names_add(&names, name);
	}
	/* A name that would still fit is counted like those before it. */
	sdp_names_add(&names, "z");
	const char *text = sdp_names_end(&names);
	assert_string_equal(text + 190, " and 985 more");
	assert_memory_equal(text + 180, "column0015", 10);
}

static void test_too_long_a_name(void **state)
{
	(void)state;
	struct sdp_names names = {0};
	char name[2 * SDP_NAMES_BYTES + 1];
	for (size_t i = 0; i < SDP_NAMES_BYTES; i++)
		memcpy(name + 2 * i, "é", 2);
	name[0] = 'a'; /* so that the cut would be within a character */
	name[1] = 'b';
	memmove(name + 1, name + 2, sizeof name - 3);
	name[sizeof name - 2] = '\0';
	sdp_names_add(&names, name);
	sdp_names_add(&names, "b");
	const char *text = sdp_names_end(&names);
	assert_string_equal(text + SDP_NAMES_BYTES - 1, "… and 1 more");
}

static void test_help(void **state)
{
	(void)state;
	struct sdp_names near = sdp_names_for("penguin", 7), none = sdp_names_for("titanic", 7);
	sdp_names_add(&near, "iris");
	sdp_names_add(&near, "penguins");
	sdp_names_add(&none, "iris");
	sdp_names_add(&none, "penguins");
	assert_string_equal(sdp_names_help(&near), ", did you mean 'penguins'?");
	assert_string_equal(sdp_names_help(&none), "; there are iris, penguins");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_too_long_a_name),
		cmocka_unit_test(test_help),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
