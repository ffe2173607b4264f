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
	struct sdp_err err;
	assert_string_equal(sdp_names_end(&names, &err), "");
	assert_int_equal(sdp_names_add(&names, "a", &err), 0);
	assert_int_equal(sdp_names_add(&names, "b c", &err), 0);
	assert_string_equal(sdp_names_end(&names, &err), "a, b c");
	sdp_names_release(&names);
}

/* Of names of 10 bytes, 16 fit: 16 × 10 + 15 × 2 = 190. */
static void test_many(void **state)
{
	(void)state;
	struct sdp_names names = {0};
	struct sdp_err err;
	for (int i = 0; i < 1000; i++) {
		char name[24];
		snprintf(name, sizeof name, "column%04d", i);
		assert_int_equal(sdp_names_add(&names, name, &err), 0);
	}
	/* A name that would still fit is counted like those before it. */
	assert_int_equal(sdp_names_add(&names, "z", &err), 0);
	const char *text = sdp_names_end(&names, &err);
	assert_string_equal(text + 190, " and 985 more");
	assert_memory_equal(text + 180, "column0015", 10);
	sdp_names_release(&names);
}

static void test_too_long_a_name(void **state)
{
	(void)state;
	struct sdp_names names = {0};
	struct sdp_err err;
	char name[2 * SDP_NAMES_BYTES + 1];
	for (size_t i = 0; i < SDP_NAMES_BYTES; i++)
		memcpy(name + 2 * i, "é", 2);
	name[0] = 'a'; /* so that the cut would be within a character */
	name[1] = 'b';
	memmove(name + 1, name + 2, sizeof name - 3);
	name[sizeof name - 2] = '\0';
	assert_int_equal(sdp_names_add(&names, name, &err), 0);
	assert_int_equal(sdp_names_add(&names, "b", &err), 0);
	const char *text = sdp_names_end(&names, &err);
	assert_string_equal(text + SDP_NAMES_BYTES - 1, "… and 1 more");
	sdp_names_release(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_too_long_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
