/* Tests the forms of addresses, and what is shown of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/address.h"

#include <stdlib.h>
#include <string.h>

#define ID "01933a2e-5b6c-7def-8123-456789abcdef"

static void test_forms(void **state)
{
	static const struct {
		const char *name;
		enum sdp_address form;
	} cases[] = {
		{"s3://bucket/key", SDP_ADDRESS_S3},
		{"s3://", SDP_ADDRESS_S3},
		{"http://host/a", SDP_ADDRESS_WEB},
		{"https://host", SDP_ADDRESS_WEB},
		{"S3://bucket/key", SDP_ADDRESS_S3},
		{"HTTP://host/a", SDP_ADDRESS_WEB},
		{"Https://host", SDP_ADDRESS_WEB},
		{"DBFS:/a/b", SDP_ADDRESS_DBFS},
		{"dbfs:/a/b", SDP_ADDRESS_DBFS},
		{"dbfs:/Volumes/a/b", SDP_ADDRESS_DBFS},
		{ID, SDP_ADDRESS_STORED},
		{"", SDP_ADDRESS_NONE},
		{"-", SDP_ADDRESS_NONE},
		{"s3:", SDP_ADDRESS_NONE},
		{"s3:/bucket/key", SDP_ADDRESS_NONE},
		{"./s3://bucket/key", SDP_ADDRESS_NONE},
		{"dbfs:a", SDP_ADDRESS_NONE},
		{"file:///a", SDP_ADDRESS_NONE},
		{"s3://bucket/two\nlines", SDP_ADDRESS_NONE},
		{"./" ID, SDP_ADDRESS_NONE},
		{ID "0", SDP_ADDRESS_NONE},
		{"01933A2E-5B6C-7DEF-8123-456789ABCDEF", SDP_ADDRESS_NONE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (sdp_address_form(cases[i].name) != cases[i].form)
			fail_msg("%s: %d", cases[i].name, (int)sdp_address_form(cases[i].name));
}

static void test_shown(void **state)
{
	static const char *const cases[][2] = {
		{"table.csv", "table.csv"},
		{"a?b#c@d", "a?b#c@d"},
		{"s3://bucket/a?b#c@d", "s3://bucket/a?b#c@d"},
		{"s3://key:secret@bucket/a@b", "s3://bucket/a@b"},
		{"dbfs:/a@b?c", "dbfs:/a@b?c"},
		{"https://host/a/b.csv?X-Amz-Signature=1#2", "https://host/a/b.csv"},
		{"https://host/a#2?3", "https://host/a"},
		{"http://host?secret", "http://host"},
		{"https://user:p@ss@host:80/a", "https://host:80/a"},
		{"https://user:p@s/s@host:80/a", "https://host:80/a"},
		{"https://user:p@s/s?s@host/a", "https://..."},
		{"https://user:pass@host/a?b=c", "https://host/a"},
		{"https://user@host", "https://host"},
		{"HTTPS://host/a?secret", "HTTPS://host/a"},
		{"S3://key:secret@bucket/a", "S3://bucket/a"},
		{"http://user:pa/ss@host/a?b", "http://host/a"},
		{"http://user:p/a@s/s@host/a", "http://host/a"},
		{"http://user:1a/ss@host:80", "http://host:80"},
		{"http://user:pa?ss@host/a", "http://..."},
		{"http://user:pa#s/s@host/a", "http://..."},
		{"http://user:pa/ss", "http://user:pa/ss"},
		{"http://host:80/a@1/b", "http://host:80/a@1/b"},
		{"http://host/a:b@1/c", "http://host/a:b@1/c"},
		{"http://[::1]:80/a@b", "http://[::1]:80/a@b"},
		{"http://[::1]/a@b", "http://[::1]/a@b"},
		{"s3://key:sec/ret@bucket/a", "s3://bucket/a"},
		{"s3://bucket/a:b@c", "s3://bucket/a:b@c"},
		{ID, ID},
	};
	struct sdp_err err;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *shown = sdp_address_shown(cases[i][0], &err);
		assert_non_null(shown);
		assert_string_equal(shown, cases[i][1]);
		free(shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
