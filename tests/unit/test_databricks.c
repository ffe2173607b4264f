/* Tests how answers of Databricks are read, including malformed ones. */
#include "net/databricks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void says(const char *body, const char *code, const char *message)
{
	struct sdp_buf out = {0};
	struct sdp_err err;
	char found[80];
	assert_int_equal(sdp_databricks_error(body, strlen(body), found, &out, &err), 0);
	assert_string_equal(found, code);
	assert_string_equal(out.data ? out.data : "", message);
	sdp_buf_release(&out);
}

static void test_errors(void **state)
{
	(void)state;
	says("{\"error_code\":\"X\",\"message\":\"a\\nb\",\"details\":[]}", "X", "a b");
	says("{\"error_code\":401,\"message\":\"a\"}", "", "a");
	says("{\"error\":\"invalid_client\",\"error_description\":\"no\"}", "invalid_client", "no");
	says("{\"error\":\"two words\"}", "", "two words");
	says("{\"detail\":\"d\",\"status\":\"409\"}", "", "d");
	says("{\"schemas\":[],\"scimType\":\"uniqueness\",\"detail\":\"d\"}", "uniqueness", "d");
	says("{}", "", "");
	says("", "", "");
	says("[1]", "", "[1]");
	says("plain\r\nsecond", "", "plain");
	says("  \n text\x01!", "", "text?!");
	says("<html><head><title>Log\nin</title>", "", "Log in");
	says("<html><body>x", "", "");
	says("{\"error_code\":\"cut", "", "{\"error_code\":\"cut");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
