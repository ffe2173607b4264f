/* Reads the settings: where files are stored, and how large they may be. */
#include "storage/settings.h"
#include "base/data_dir.h"
#include "base/env.h"
#include "sdp/mem.h"

#include <string.h>

enum { MB_DEFAULT = 100 };

static int find_home(struct sdp_upload_settings *s, struct sdp_err *err)
{
	struct sdp_buf path = {0};
	int rc = sdp_data_dir(&path, err);
	s->home = path.data;
	return rc;
}

static int read_limit(struct sdp_upload_settings *s, struct sdp_err *err)
{
	const char *text = sdp_env("MAX_UPLOAD_SIZE_MB");
	unsigned long long mb = MB_DEFAULT;
	if (text) {
		char *end;
		mb = strtoull(text, &end, 10);
		if (strspn(text, "0123456789") != strlen(text) || mb == 0 || mb >> 40)
			return sdp_fail(
				err, SDP_USAGE,
				"MAX_UPLOAD_SIZE_MB is not a whole number of at least 1: '%.40s'",
				text);
	}
	s->max_size = mb << 20;
	return 0;
}

int sdp_upload_settings_read(struct sdp_upload_settings *s, bool fallback_given,
			     struct sdp_err *err)
{
	const char *backend = sdp_env("STORAGE_BACKEND"), *fallback = sdp_env("STORAGE_FALLBACK");
	*s = (struct sdp_upload_settings){0};
	if (backend && strcmp(backend, "s3") != 0 && strcmp(backend, "local") != 0)
		return sdp_fail(err, SDP_USAGE, "STORAGE_BACKEND is neither local nor s3: '%.40s'",
				backend);
	if (fallback && strcmp(fallback, "local") != 0 && strcmp(fallback, "none") != 0)
		return sdp_fail(err, SDP_USAGE,
				"STORAGE_FALLBACK is neither local nor none: '%.40s'", fallback);
	s->s3 = backend && strcmp(backend, "s3") == 0;
	s->fallback = fallback_given || (fallback && strcmp(fallback, "local") == 0);
	return read_limit(s, err) < 0 ? -1 : find_home(s, err);
}

static bool is_bucket(const char *name)
{
	size_t n = strlen(name);
	for (const char *c = name; *c; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
		      (*c >= '0' && *c <= '9') || strchr("-._", *c)))
			return false;
	return n >= 3 && n <= 255 && name[0] != '.' && name[0] != '-';
}

int sdp_upload_settings_remote(struct sdp_upload_settings *s, struct sdp_err *err)
{
	if (s->remote)
		return 0;
	const char *place = s->bucket ? "what follows s3://" : "S3_BUCKET";
	if (!s->bucket)
		s->bucket = sdp_env("S3_BUCKET");
	s->prefix = sdp_env("S3_PREFIX");
	s->prefix = s->prefix ? s->prefix : "sdp";
	if (!s->bucket)
		return sdp_fail(err, SDP_USAGE, "S3_BUCKET is not set");
	if (!is_bucket(s->bucket))
		return sdp_fail(err, SDP_USAGE, "%s is not the name of a bucket: '%.80s'", place,
				s->bucket);
	size_t n = strlen(s->prefix);
	if (s->prefix[0] == '/' || s->prefix[n - 1] == '/' || strstr(s->prefix, "//") || n > 400)
		return sdp_fail(err, SDP_USAGE,
				"S3_PREFIX is not a prefix of keys like a/b: '%.80s'", s->prefix);
	if (sdp_aws_settings(&s->aws, err) < 0)
		return -1;
	s->remote = true;
	return 0;
}

void sdp_upload_settings_release(struct sdp_upload_settings *s)
{
	if (s->remote)
		sdp_aws_release(&s->aws);
	free(s->home);
}
