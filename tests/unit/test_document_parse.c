/* Tests that a parsed document is printed again byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sdp/doc.h"

#include <stdlib.h>
#include <string.h>

static struct sdp_err err;

/* Read and printed again: the same bytes. */
static void same(const char *json)
{
	struct sdp_doc_style style = {.format = SDP_DOC_JSON};
	struct sdp_buf text = {0};
	cJSON *doc = sdp_doc_parse(json, strlen(json), &err);
	assert_non_null(doc);
	assert_int_equal(sdp_doc_print(doc, &style, &text, &err), 0);
	assert_int_equal(text.length, strlen(json) + 1);
	assert_memory_equal(text.data, json, strlen(json));
	sdp_buf_release(&text);
	cJSON_Delete(doc);
}

static void numbers_stay(void **state)
{
	(void)state;
	same("{\"task\":\"x\",\"a\":9007199254740993,\"b\":[1.50,-0.1,1e400,2E-3],\"c\":-"
	     "9223372036854775808}");
	same("{\"1\":2,\"3\\\"4\":{\"5\":[[6],[],{},7]},\"t\":true,\"n\":null,\"s\":\"8 "
	     "\\\\\",\"u\":9}");
	same("0.30000000000000004");
	same("[]");
}

static void others_are_none(void **state)
{
	static const char *const bad[] = {"", " ", "{", "{} {}", "[1,]", "{\"a\":1}x", "text"};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_null(sdp_doc_parse(bad[i], strlen(bad[i]), &err));
		assert_int_equal(err.code, SDP_DATA);
	}
	cJSON *doc = sdp_doc_parse(" {} \n", 5, &err);
	assert_non_null(doc);
	cJSON_Delete(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stay),
		cmocka_unit_test(others_are_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
