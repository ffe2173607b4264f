/*
 * Tests how answers of Databricks are read, including malformed ones, and base64 (RFC 4648, section
 * 10).
 */
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

static void test_base64(void **state)
{
	static const char *const pairs[][2] = {{"", ""},
					       {"f", "Zg=="},
					       {"fo", "Zm8="},
					       {"foo", "Zm9v"},
					       {"foob", "Zm9vYg=="},
					       {"fooba", "Zm9vYmE="},
					       {"foobar", "Zm9vYmFy"},
					       {"\xff\xef\xbe?>", "/+++Pz4="}};
	struct sdp_err err;
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct sdp_buf to = {0}, back = {0};
		assert_int_equal(sdp_databricks_base64(pairs[i][0], strlen(pairs[i][0]), &to, &err),
				 0);
		assert_string_equal(to.data, pairs[i][1]);
		assert_int_equal(sdp_databricks_unbase64(to.data, to.length, &back, &err), 0);
		assert_int_equal(back.length, strlen(pairs[i][0]));
		assert_memory_equal(back.data, pairs[i][0], back.length);
		sdp_buf_release(&to);
		sdp_buf_release(&back);
	}
}

static void test_no_base64(void **state)
{
	static const char *const texts[] = {"Zg=", "Z", "Zg==Zg==", "Zm 9", "Zm9\x80", "===="};
	struct sdp_err err;
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct sdp_buf out = {0};
		assert_int_equal(sdp_databricks_unbase64(texts[i], strlen(texts[i]), &out, &err),
				 -1);
		assert_int_equal(err.code, SDP_SYSTEM);
		sdp_buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_no_base64),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
