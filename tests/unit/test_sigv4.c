/*
 * Compares SigV4 signatures with the worked examples of AWS's S3 documentation ("Examples:
 * Signature Calculations"), and with AWS's test suite if SDP_SIGV4_SUITE names its folder.
 */
#include "net/sigv4.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/percent.h"
#include "net/sha256.h"
#include "sdp/buf.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct sdp_err err;

static const struct sdp_sigv4_keys keys = {"AKIAIOSFODNN7EXAMPLE",
					   "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1",
					   "s3"};
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define DATE  "20130524T000000Z"
#define HOST                                                                                       \
	{                                                                                          \
		"Host", "examplebucket.s3.amazonaws.com"                                           \
	}

static void signature_is(const struct sdp_sigv4_request *request, const char *headers,
			 const char *signature)
{
	struct sdp_buf out = {0};
	char wanted[1000];
	snprintf(wanted, sizeof wanted,
		 "AWS4-HMAC-SHA256 "
		 "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
		 "SignedHeaders=%s,Signature=%s",
		 headers, signature);
	assert_int_equal(sdp_sigv4_sign(&keys, request, DATE, &out, &err), 0);
	assert_string_equal(out.data, wanted);
	sdp_buf_release(&out);
}

static void get_object(void **state)
{
	(void)state;
	const struct sdp_sigv4_header headers[] = {HOST,
						   {"Range", "bytes=0-9"},
						   {"x-amz-content-sha256", EMPTY},
						   {"x-amz-date", DATE}};
	signature_is(&(struct sdp_sigv4_request){"GET", "/test.txt", "", headers, 4, EMPTY},
		     "host;range;x-amz-content-sha256;x-amz-date",
		     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

static void put_object(void **state)
{
	(void)state;
	char hash[SDP_SHA256_HEX];
	const char *body = "Welcome to Amazon S3.";
	assert_int_equal(sdp_sha256_of(body, strlen(body), hash, &err), 0);
	assert_string_equal(hash,
			    "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
	const struct sdp_sigv4_header headers[] = {HOST,
						   {"x-amz-date", DATE},
						   {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
						   {"x-amz-content-sha256", hash},
						   {"Date", "Fri, 24 May 2013 00:00:00 GMT"}};
	signature_is(&(struct sdp_sigv4_request){"PUT", "/test%24file.text", "", headers, 5, hash},
		     "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
		     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

static void get_lifecycle(void **state)
{
	(void)state;
	const struct sdp_sigv4_header headers[] = {HOST,
						   {"x-amz-date", DATE},
						   {"x-amz-content-sha256", EMPTY}};
	signature_is(&(struct sdp_sigv4_request){"GET", "/", "lifecycle", headers, 3, EMPTY},
		     "host;x-amz-content-sha256;x-amz-date",
		     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

static void list_objects(void **state)
{
	(void)state;
	const struct sdp_sigv4_header headers[] = {HOST,
						   {"x-amz-date", DATE},
						   {"x-amz-content-sha256", EMPTY}};
	signature_is(&(struct sdp_sigv4_request){"GET", "/", "prefix=J&max-keys=2", headers, 3,
						 EMPTY},
		     "host;x-amz-content-sha256;x-amz-date",
		     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

/* Names that begin alike, doubled headers, runs of blanks, parameters without values. */
static void canonical_request(void **state)
{
	(void)state;
	struct sdp_buf out = {0}, names = {0};
	const struct sdp_sigv4_header headers[] = {{"x-amz-meta-a-b", "2"},
						   {"X-Amz-Meta-A", "  1   2\t3 "},
						   {"My-Header1", "b"},
						   {"my-header1", "a"}};
	const struct sdp_sigv4_request request = {"PUT",   "/a%20b", "b&a-b=1&a=2&a=1&c=%2F",
						  headers, 4,        EMPTY};
	assert_int_equal(canonical(&request, &out, &names, &err), 0);
	assert_string_equal(out.data, "PUT\n/a%20b\na=1&a=2&a-b=1&b=&c=%2F\n"
				      "my-header1:b,a\nx-amz-meta-a:1 2 3\nx-amz-meta-a-b:2\n\n"
				      "my-header1;x-amz-meta-a;x-amz-meta-a-b\n" EMPTY);
	sdp_buf_release(&out);
	sdp_buf_release(&names);
}

static void dates(void **state)
{
	(void)state;
	char date[SDP_SIGV4_DATE];
	sdp_sigv4_date(1369353600, date);
	assert_string_equal(date, DATE);
}

static void encoding(void **state)
{
	(void)state;
	struct sdp_buf out = {0}, back = {0};
	const char *text = "a b+c/d~e%\xc3\xa9'()*!=&$@,;:";
	assert_int_equal(sdp_percent_encode(&out, text, strlen(text), "/", &err), 0);
	assert_string_equal(out.data, "a%20b%2Bc/d~e%25%C3%A9%27%28%29%2A%21%3D%26%24%40%2C%3B%3A");
	assert_int_equal(sdp_percent_decode(&back, out.data, out.length, &err), 0);
	assert_string_equal(back.data, text);
	back.length = 0;
	assert_int_equal(sdp_percent_decode(&back, "%4%zz%41%", 9, &err), 0);
	assert_string_equal(back.data, "%4%zzA%");
	sdp_buf_release(&out);
	sdp_buf_release(&back);
}

/* ---- AWS's suite ---- */

/* S3 does not normalise paths, so these do not apply. */
static const char *const normalising[] = {"get-relative",
					  "get-relative-relative",
					  "get-slash",
					  "get-slash-dot-slash",
					  "get-slash-pointless-dot",
					  "get-slashes",
					  NULL};

static char *slurp(const char *folder, const char *name, const char *ending)
{
	char path[2000];
	snprintf(path, sizeof path, "%s/%s.%s", folder, name, ending);
	FILE *f = fopen(path, "r");
	if (!f)
		return NULL;
	char *text = calloc(1, 100000);
	size_t n = fread(text, 1, 99999, f);
	fclose(f);
	while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		text[--n] = '\0';
	return text;
}

static int has_token(const struct sdp_sigv4_header *headers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(headers[i].name, "x-amz-security-token") == 0)
			return 1;
	return 0;
}

/* Parses "METHOD target HTTP/1.1", headers, body; signs; compares both steps. */
static void one_case(const char *folder, const char *name)
{
	static const struct sdp_sigv4_keys suite = {"AKIDEXAMPLE",
						    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
						    "us-east-1", "service"};
	char *text = slurp(folder, name, "req"), *wanted = slurp(folder, name, "creq"),
	     *authz = slurp(folder, name, "authz");
	struct sdp_sigv4_header headers[20];
	struct sdp_buf path = {0}, raw = {0}, query = {0}, out = {0}, names = {0}, auth = {0},
		       values[20] = {{0}};
	size_t count = 0;
	char hash[SDP_SHA256_HEX], *save = NULL, *date = NULL;
	assert_true(text && wanted && authz);
	char *body = strstr(text, "\n\n");
	if (body)
		*body = '\0', body += 2;
	char *line = strtok_r(text, "\n", &save), *method = line, *target = strchr(line, ' ');
	*target++ = '\0';
	char *version = strstr(target, " HTTP/");
	*version = '\0';
	char *question = strchr(target, '?');
	if (question)
		*question++ = '\0';
	assert_int_equal(sdp_percent_decode(&raw, target, strlen(target), &err), 0);
	assert_int_equal(sdp_percent_encode(&path, raw.data, raw.length, "/", &err), 0);
	assert_int_equal(sdp_percent_encode(&query, question ? question : "",
					    question ? strlen(question) : 0, "=&%", &err),
			 0);
	while ((line = strtok_r(NULL, "\n", &save))) {
		if (*line == ' ') { /* goes on */
			sdp_buf_format(&values[count - 1], &err, " %s", line);
			headers[count - 1].value = values[count - 1].data;
			continue;
		}
		char *colon = strchr(line, ':');
		*colon = '\0';
		sdp_buf_add_text(&values[count], colon + 1, &err);
		headers[count] = (struct sdp_sigv4_header){line, values[count].data};
		if (strcmp(line, "X-Amz-Date") == 0)
			date = values[count].data;
		count++;
	}
	assert_non_null(date);
	/* A token that comes with the keys, not in the request: who signs adds it. */
	char *token = strstr(wanted, "x-amz-security-token:");
	if (token && !has_token(headers, count)) {
		token = strchr(token, ':') + 1;
		sdp_buf_add(&values[count], token, strcspn(token, "\n"), &err);
		headers[count] =
			(struct sdp_sigv4_header){"x-amz-security-token", values[count].data};
		count++;
	}
	assert_int_equal(sdp_sha256_of(body ? body : "", body ? strlen(body) : 0, hash, &err), 0);
	const struct sdp_sigv4_request request = {method,  path.data, query.data ? query.data : "",
						  headers, count,     hash};
	assert_int_equal(canonical(&request, &out, &names, &err), 0);
	assert_string_equal(out.data, wanted);
	assert_int_equal(sdp_sigv4_sign(&suite, &request, date, &auth, &err), 0);
	assert_string_equal(strstr(auth.data, "Signature="), strstr(authz, "Signature="));
	for (size_t i = 0; i < 20; i++)
		sdp_buf_release(&values[i]);
	sdp_buf_release(&path), sdp_buf_release(&raw), sdp_buf_release(&query),
		sdp_buf_release(&out), sdp_buf_release(&names), sdp_buf_release(&auth);
	free(text), free(wanted), free(authz);
}

static int is_case(const char *folder, const char *name)
{
	char *request = slurp(folder, name, "req");
	free(request);
	for (size_t i = 0; normalising[i]; i++)
		if (strcmp(name, normalising[i]) == 0)
			return 0;
	return request != NULL;
}

/* The cases in a folder and the folders in it; how many. */
static int walk(const char *root)
{
	int count = 0;
	DIR *dir = opendir(root);
	if (!dir)
		return 0;
	for (struct dirent *d; (d = readdir(dir));) {
		char folder[1500];
		if (d->d_name[0] == '.')
			continue;
		snprintf(folder, sizeof folder, "%s/%.300s", root, d->d_name);
		count += walk(folder);
		if (is_case(folder, d->d_name)) {
			print_message("# %s\n", d->d_name);
			one_case(folder, d->d_name);
			count++;
		}
	}
	closedir(dir);
	return count;
}

static void suite(void **state)
{
	(void)state;
	int count = walk(getenv("SDP_SIGV4_SUITE"));
	printf("# %d cases of AWS's suite\n", count);
	assert_true(count >= 28);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(get_object),        cmocka_unit_test(put_object),
		cmocka_unit_test(get_lifecycle),     cmocka_unit_test(list_objects),
		cmocka_unit_test(canonical_request), cmocka_unit_test(dates),
		cmocka_unit_test(encoding),
	};
	const struct CMUnitTest with_suite[] = {cmocka_unit_test(suite)};
	if (getenv("SDP_SIGV4_SUITE"))
		return cmocka_run_group_tests(with_suite, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
