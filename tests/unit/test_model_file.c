/* Tests the reading of model files. */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cli/model_file.h"
#include "inputs.h"

static void refused(const char *text, size_t length, const char *message)
{
	struct sdp_err err = {0};
	cJSON *doc;
	write_bytes("in.csv", "w", text, length);
	assert_int_equal(sdp_model_file_read("in.csv", "kmeans", &doc, &err), -1);
	assert_null(doc);
	assert_int_equal(err.code, SDP_DATA);
	assert_string_equal(err.text, message);
}

#define REFUSED(text, message) refused(text, sizeof(text) - 1, message)

static void test_good(void **state)
{
	static const char *const texts[] = {
		"{\"task\":\"kmeans\",\"centers\":[[0.1,1e-300]]}",
		" {\"centers\":[[0.1,1e-300]],\n\"task\":\"kmeans\"} \r\n\t\n",
	};
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct sdp_err err = {0};
		cJSON *doc;
		write_text("in.csv", texts[i]);
		assert_int_equal(sdp_model_file_read("in.csv", "kmeans", &doc, &err), 0);
		const cJSON *center = cJSON_GetArrayItem(cJSON_GetObjectItem(doc, "centers"), 0);
		assert_true(cJSON_GetArrayItem(center, 0)->valuedouble == 0.1);
		assert_true(cJSON_GetArrayItem(center, 1)->valuedouble == 1e-300);
		cJSON_Delete(doc);
	}
}

static void test_bad(void **state)
{
	(void)state;
	REFUSED("", "in.csv: not a model: it is empty");
	REFUSED(" \n\t", "in.csv: not a model: it is empty");
	REFUSED("{\"task\":\"linear_regression\"}",
		"in.csv: this is the document of linear_regression, not of kmeans");
	REFUSED("{\"task\":\"line\\nar\"}",
		"in.csv: this is the document of 'line\\x0aar', not of kmeans");
	REFUSED("{\"k\":3}", "in.csv: not a model: it names no task (one of kmeans was expected)");
	REFUSED("{\"task\":3}",
		"in.csv: not a model: it names no task (one of kmeans was expected)");
	REFUSED("{\"Task\":\"kmeans\"}",
		"in.csv: not a model: it names no task (one of kmeans was expected)");
	REFUSED("[{\"task\":\"kmeans\"}]",
		"in.csv: not a model: it names no task (one of kmeans was expected)");
	REFUSED("\"kmeans\"", "in.csv: not a model: it names no task (one of kmeans was expected)");
	REFUSED("a,b\n1,2\n", "in.csv: not a model: invalid JSON at offset 0");
	REFUSED("{\"task\":\"kmeans\",}", "in.csv: not a model: invalid JSON at offset 17");
	REFUSED("{\"task\":\"kmeans\"}{\"task\":\"kmeans\"}",
		"in.csv: not a model: invalid JSON after offset 17");
	REFUSED("{\"task\":\"kmeans\"}\0", "in.csv: not a model: invalid JSON after offset 17");
}

/* Cut anywhere, a document is none. */
static void test_truncated(void **state)
{
	static const char whole[] =
		"{\"task\":\"kmeans\",\"k\":12,\"centers\":[[0.5,null],[true]],\"s\":\"a\\u00e4\"}";
	(void)state;
	for (size_t n = 1; n + 1 < sizeof whole - 1; n++) {
		struct sdp_err err = {0};
		cJSON *doc;
		write_bytes("in.csv", "w", whole, n);
		assert_int_equal(sdp_model_file_read("in.csv", "kmeans", &doc, &err), -1);
		assert_int_equal(err.code, SDP_DATA);
		assert_memory_equal(err.text, "in.csv: not a model: ", 21);
	}
}

static void test_files(void **state)
{
	struct sdp_err err = {0};
	cJSON *doc;
	(void)state;
	assert_int_equal(sdp_model_file_read("missing.json", "kmeans", &doc, &err), -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	assert_string_equal(err.text, "cannot open missing.json: No such file or directory");
	assert_int_equal(sdp_model_file_read("/", "kmeans", &doc, &err), -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	assert_int_equal(sdp_model_file_read("-", "kmeans", &doc, &err), -1);
	assert_int_equal(err.code, SDP_USAGE);
	write_text("in.csv", "{");
	assert_int_equal(truncate("in.csv", 300L << 20), 0);
	assert_int_equal(sdp_model_file_read("in.csv", "kmeans", &doc, &err), -1);
	assert_string_equal(err.text, "in.csv: larger than 256 MiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_files),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
