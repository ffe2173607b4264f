/* Tests which body an S3 call hashes and would send, without a server. */
#include "net/s3.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char text[] = "a,b\n1,2\n";

/* Makes the call to a port that nobody listens on; its body is hashed before that. */
static void try_call(struct sdp_s3_call *call)
{
	char id[] = "id", secret[] = "secret", region[] = "us-east-1",
	     endpoint[] = "http://127.0.0.1:9";
	struct sdp_aws aws = {.id = id,
			      .secret = secret,
			      .region = region,
			      .endpoint = endpoint,
			      .attempts = 1};
	struct sdp_s3_options options = {.stall = 5, .parallel = 1, .agent = "test"};
	struct sdp_err err;
	struct sdp_s3 *s3 = sdp_s3_new(&aws, "bucket", &options, &err);
	assert_non_null(s3);
	assert_int_equal(sdp_s3_run(s3, call, 1, NULL, NULL, &err), -1);
	assert_int_equal(s3->fault, SDP_S3_UNREACHABLE);
	sdp_s3_free(s3);
}

static void check_digest(const struct sdp_s3_call *call, const char *wanted, size_t length)
{
	char digest[SDP_SHA256_HEX];
	struct sdp_err err;
	assert_int_equal(sdp_sha256_of(wanted, length, digest, &err), 0);
	assert_string_equal(call->sha256, digest);
}

/* Descriptor 0 is a file like any other. */
static void test_file_0(void **state)
{
	FILE *file = tmpfile();
	int before = dup(STDIN_FILENO);
	(void)state;
	assert_non_null(file);
	assert_true(before >= 0);
	assert_int_equal(fwrite(text, 1, sizeof text - 1, file), sizeof text - 1);
	assert_int_equal(fflush(file), 0);
	assert_int_equal(dup2(fileno(file), STDIN_FILENO), STDIN_FILENO);
	struct sdp_s3_call call = {.method = "PUT",
				   .key = "key",
				   .fd = STDIN_FILENO,
				   .file = "in.csv",
				   .bytes = "something else",
				   .length = sizeof text - 1};
	try_call(&call);
	check_digest(&call, text, sizeof text - 1);
	assert_int_equal(call.http.fd, STDIN_FILENO);
	sdp_s3_call_release(&call);
	dup2(before, STDIN_FILENO);
	close(before);
	fclose(file);
}

static void test_bytes(void **state)
{
	struct sdp_s3_call call = {.method = "PUT",
				   .key = "key",
				   .fd = -1,
				   .bytes = text,
				   .length = sizeof text - 1};
	(void)state;
	try_call(&call);
	check_digest(&call, text, sizeof text - 1);
	assert_int_equal(call.http.fd, -1);
	sdp_s3_call_release(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_0),
		cmocka_unit_test(test_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
