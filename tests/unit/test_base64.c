/* Tests base64 by the examples of RFC 4648, section 10, and what is none. */
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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
		assert_int_equal(sdp_base64_encode(pairs[i][0], strlen(pairs[i][0]), &to, &err), 0);
		assert_string_equal(to.data, pairs[i][1]);
		assert_int_equal(sdp_base64_decode(to.data, to.length, &back, &err), 0);
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
		assert_int_equal(sdp_base64_decode(texts[i], strlen(texts[i]), &out, &err), -1);
		assert_int_equal(err.code, SDP_DATA);
		sdp_buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_no_base64),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
