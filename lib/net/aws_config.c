/* Reads the AWS settings from the environment and from the two files in ~/.aws. */
#include "net/aws_config.h"

#include "base/env.h"
#include "base/secret.h"
#include "base/text.h"
#include "net/http.h"
#include "net/ini.h"
#include "sdp/buf.h"
#include "sdp/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ATTEMPTS = 6, ATTEMPTS_MOST = 100 };

/* ---- the two files ---- */

struct profile {
	const char *name;
	bool named;                         /* the name is from AWS_PROFILE */
	struct sdp_buf credentials, config; /* the texts of the two files */
	bool found;                         /* in one of the files */
};

static int read_file(const char *path_variable, const char *default_name, struct sdp_buf *out,
		     struct sdp_err *err)
{
	const char *path = sdp_env(path_variable), *home = sdp_env("HOME");
	struct sdp_buf made = {0};
	int rc = 0;
	if (!path && home) {
		rc = sdp_buf_format(&made, err, "%s/.aws/%s", home, default_name);
		path = made.data;
	}
	if (rc == 0 && path)
		rc = sdp_ini_read(path, out, err);
	sdp_buf_release(&made);
	return rc;
}

/*
 * The section of a profile is [NAME] in the credentials file.  In the config file it is [profile
 * NAME], or [default].
 */
static bool is_credentials_section(const void *context, const char *text, size_t length)
{
	return sdp_text_is(text, length, context);
}

static bool is_config_section(const void *context, const char *text, size_t length)
{
	if (length > 8 && memcmp(text, "profile", 7) == 0 && strchr(" \t", text[7])) {
		length -= 8;
		text = sdp_ini_trim(text + 8, &length);
		return sdp_text_is(text, length, context);
	}
	return sdp_text_is(text, length, context) && strcmp(context, "default") == 0;
}

static char *look_up(struct profile *p, bool config, const char *key, struct sdp_err *err)
{
	return sdp_ini_value(config ? p->config.data : p->credentials.data,
			     config ? is_config_section : is_credentials_section, p->name, key,
			     &p->found, err);
}

/* ---- the settings ---- */

static int set(char **to, const char *value, struct sdp_err *err)
{
	*to = sdp_strndup(value, strlen(value), err);
	return *to ? 0 : -1;
}

static int set_keys(struct sdp_aws *aws, struct profile *p, struct sdp_err *err)
{
	const char *id = sdp_env("AWS_ACCESS_KEY_ID"), *secret = sdp_env("AWS_SECRET_ACCESS_KEY");
	const char *token = sdp_env("AWS_SESSION_TOKEN");
	if (id || secret) {
		if (!id || !secret)
			return sdp_fail(err, SDP_USAGE, "%s is not set, but %s is",
					id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID",
					id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY");
		snprintf(aws->source, sizeof aws->source, "the environment");
		if (token && set(&aws->token, token, err) < 0)
			return -1;
		return set(&aws->id, id, err) < 0 ? -1 : set(&aws->secret, secret, err);
	}
	for (int config = 0; config < 2 && !aws->id && !aws->secret; config++) {
		sdp_secret_free(aws->token);
		aws->id = look_up(p, config, "aws_access_key_id", err);
		aws->secret = look_up(p, config, "aws_secret_access_key", err);
		aws->token = look_up(p, config, "aws_session_token", err);
	}
	snprintf(aws->source, sizeof aws->source, "profile %.40s", p->name);
	if (p->named && !p->found)
		return sdp_fail(err, SDP_USAGE, "AWS_PROFILE: there is no profile '%s'", p->name);
	if (!aws->id && !aws->secret)
		return sdp_fail(err, SDP_USAGE,
				"AWS_ACCESS_KEY_ID is not set, and profile '%s' has no keys",
				p->name);
	if (!aws->id || !aws->secret)
		return sdp_fail(err, SDP_USAGE, "profile '%s' has no %s", p->name,
				aws->id ? "aws_secret_access_key" : "aws_access_key_id");
	return 0;
}

/* Refuses blanks and control bytes, which would end or split the line of a header. */
static int check_text(const char *name, const char *value, struct sdp_err *err)
{
	for (const char *c = value; c && *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return sdp_fail(err, SDP_USAGE, "%s has a blank or a control byte in it",
					name);
	return 0;
}

static int set_endpoint(struct sdp_aws *aws, struct profile *p, struct sdp_err *err)
{
	const char *region = sdp_env("AWS_REGION"), *endpoint = sdp_env("AWS_ENDPOINT_URL_S3");
	region = region ? region : sdp_env("AWS_DEFAULT_REGION");
	endpoint = endpoint ? endpoint : sdp_env("AWS_ENDPOINT_URL");
	aws->region = region ? NULL : look_up(p, true, "region", err);
	aws->endpoint = endpoint ? NULL : look_up(p, true, "endpoint_url", err);
	if (!aws->region && set(&aws->region, region ? region : "us-east-1", err) < 0)
		return -1;
	if (endpoint && set(&aws->endpoint, endpoint, err) < 0)
		return -1;
	const char *e = aws->endpoint;
	if (e && ((strncmp(e, "http://", 7) != 0 && strncmp(e, "https://", 8) != 0) ||
		  strpbrk(e, "?#@") || !sdp_http_is_url(e)))
		return sdp_fail(
			err, SDP_USAGE,
			"AWS_ENDPOINT_URL is not http://HOST[:PORT] or https://HOST[:PORT]");
	const char *ca = sdp_env("AWS_CA_BUNDLE");
	if (ca && access(ca, R_OK) < 0)
		return sdp_fail(err, SDP_USAGE, "AWS_CA_BUNDLE: cannot read %s", ca);
	return ca ? set(&aws->ca_file, ca, err) : 0;
}

static int set_attempts(struct sdp_aws *aws, struct sdp_err *err)
{
	const char *text = sdp_env("AWS_MAX_ATTEMPTS");
	char *end = NULL;
	long n = text ? strtol(text, &end, 10) : ATTEMPTS;
	if (text && (*end || n < 1 || n > ATTEMPTS_MOST))
		return sdp_fail(err, SDP_USAGE, "AWS_MAX_ATTEMPTS is not a number from 1 to %d",
				ATTEMPTS_MOST);
	aws->attempts = (int)n;
	return 0;
}

int sdp_aws_settings(struct sdp_aws *aws, struct sdp_err *err)
{
	const char *name = sdp_env("AWS_PROFILE");
	struct profile p = {.name = name ? name : "default", .named = name != NULL};
	*aws = (struct sdp_aws){0};
	sdp_secret_begin();
	int rc = read_file("AWS_SHARED_CREDENTIALS_FILE", "credentials", &p.credentials, err);
	if (rc == 0)
		rc = read_file("AWS_CONFIG_FILE", "config", &p.config, err);
	if (rc == 0)
		rc = set_keys(aws, &p, err);
	if (rc == 0)
		rc = set_endpoint(aws, &p, err);
	if (rc == 0)
		rc = set_attempts(aws, err);
	if (rc == 0)
		rc = check_text("the access key", aws->id, err);
	if (rc == 0)
		rc = check_text("the secret key", aws->secret, err);
	if (rc == 0)
		rc = check_text("the session token", aws->token, err);
	if (rc == 0)
		rc = check_text("AWS_REGION", aws->region, err);
	if (rc == 0)
		rc = check_text("AWS_ENDPOINT_URL", aws->endpoint, err);
	sdp_secret_release(&p.credentials);
	sdp_secret_release(&p.config);
	if (rc < 0)
		sdp_aws_release(aws);
	return rc;
}

void sdp_aws_release(struct sdp_aws *aws)
{
	char *all[] = {aws->id, aws->secret, aws->token, aws->region, aws->endpoint, aws->ca_file};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		sdp_secret_free(all[i]);
	*aws = (struct sdp_aws){0};
}
