/* Tests small matrix files, and the columns of a block as doubles. */
#define _DEFAULT_SOURCE
#include "table/matrix_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "inputs.h"

static struct sdp_column columns[] = {{.name = "a"}, {.name = "s"}, {.name = "b"}};
static const struct sdp_schema data = {.columns = columns, .count = 3};
static const size_t features[] = {2, 0}; /* b, a */

static struct sdp_err err;

static void good(const char *text, size_t rows, const double *wanted)
{
	double *values;
	size_t found;
	write_text("in.csv", text);
	if (sdp_matrix_file_read("in.csv", &data, features, 2, &values, &found, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(found, rows);
	for (size_t i = 0; i < 2 * rows; i++)
		assert_true(values[i] == wanted[i]);
	free(values);
}

static void bad(const char *text, const char *message)
{
	double *values;
	size_t found;
	write_text("in.csv", text);
	assert_int_equal(sdp_matrix_file_read("in.csv", &data, features, 2, &values, &found, &err),
			 -1);
	assert_string_equal(err.text, message);
}

static void test_good(void **state)
{
	(void)state;
	good("a,b\n1,2\n3,4\n", 2, (double[]){2, 1, 4, 3}); /* by their names */
	/* in any order, beside others */
	good("b,other,a\n0.1,x,-7\n", 1, (double[]){0.1, -7});
	/* without a header as they stand */
	good("0.1,2\n3,1e-300\n", 2, (double[]){0.1, 2, 3, 1e-300});
	good("b\ta\n9007199254740993\t0.30000000000000004\n", 1,
	     (double[]){9007199254740992., 0.30000000000000004});
	good("a,b\n", 0, NULL);
}

static void test_bad(void **state)
{
	(void)state;
	bad("a,c\n1,2\n", "in.csv: no column is named 'b' among its 2, for 2 features");
	bad("b,b,a\n1,2,3\n",
	    "in.csv: more than one column is named 'b' among its 3, for 2 features");
	bad("1,2,3\n", "in.csv: 3 columns for 2 features");
	bad("a,b\n1,2\n3,\n", "in.csv:3:b: a value is missing in this row");
	bad("a,b\n1,2\nx,3\n", "in.csv:3:a: not a number: 'x' (--na?)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
