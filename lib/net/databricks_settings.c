/*
 * Reads the settings of the Databricks client.  Each setting is looked up on its own: in the
 * options, the environment, the profile.  The profile is named by the option, the environment, or
 * default_profile in [__settings__]; otherwise it is [DEFAULT].  The values of [DEFAULT] are not
 * inherited by other profiles.
 */
#include "net/databricks.h"

#include "base/env.h"
#include "base/secret.h"
#include "base/text.h"
#include "net/ini.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct file {
	struct sdp_buf text;
	const char *name; /* of the profile */
	bool chosen;      /* the name is not just the default, DEFAULT */
	bool found;       /* the file has the profile */
};

static bool is_profile(const void *context, const char *name, size_t length)
{
	return sdp_text_is(name, length, context);
}

static char *profile_value(struct file *f, const char *key, struct sdp_err *err)
{
	return sdp_ini_value(f->text.data, is_profile, f->name, key, &f->found, err);
}

static int set(struct sdp_databricks_setting *s, const char *value, const char *source,
	       struct sdp_err *err)
{
	s->value = sdp_strndup(value, strlen(value), err);
	snprintf(s->source, sizeof s->source, "%s", source);
	return s->value ? 0 : -1;
}

static int read_file(struct sdp_databricks_settings *s, struct file *f, struct sdp_err *err)
{
	const char *path = sdp_env("DATABRICKS_CONFIG_FILE"), *home = sdp_env("HOME");
	int n = 0;
	if (path && path[0] == '~' && path[1] == '/' && home)
		n = snprintf(s->file, sizeof s->file, "%s%s", home, path + 1);
	else if (path)
		n = snprintf(s->file, sizeof s->file, "%s", path);
	else if (home)
		n = snprintf(s->file, sizeof s->file, "%s/.databrickscfg", home);
	if (n >= (int)sizeof s->file)
		return sdp_fail(err, SDP_USAGE, "DATABRICKS_CONFIG_FILE: the path is too long");
	return n ? sdp_ini_read(s->file, &f->text, err) : 0;
}

static int choose_profile(struct sdp_databricks_settings *s, const struct sdp_databricks_options *o,
			  struct file *f, struct sdp_err *err)
{
	const char *named = sdp_env("DATABRICKS_CONFIG_PROFILE");
	bool found = false;
	int rc = 0;
	if (o->profile) {
		rc = set(&s->profile, o->profile, "--config-profile", err);
	} else if (named) {
		rc = set(&s->profile, named, "DATABRICKS_CONFIG_PROFILE", err);
	} else {
		s->profile.value = sdp_ini_value(f->text.data, is_profile, "__settings__",
						 "default_profile", &found, err);
		snprintf(s->profile.source, sizeof s->profile.source,
			 "[__settings__] default_profile");
	}
	f->chosen = s->profile.value != NULL;
	f->name = f->chosen ? s->profile.value : "DEFAULT";
	return rc;
}

/*
 * Looks up one setting: the value of its option (or NULL), its environment variable, its key in the
 * profile.
 */
static int resolve(struct sdp_databricks_settings *s, struct file *f,
		   struct sdp_databricks_setting *setting, const char *option,
		   const char *option_name, const char *environment, const char *key,
		   struct sdp_err *err)
{
	const char *env = sdp_env(environment);
	char *in_profile = profile_value(f, key, err);
	int rc = 0;
	if (option) {
		rc = set(setting, option, option_name, err);
	} else if (env) {
		rc = set(setting, env, environment, err);
		if (f->chosen && in_profile && strcmp(in_profile, env) != 0 && !s->overridden[0])
			snprintf(s->overridden, sizeof s->overridden,
				 "%s in the environment overrides the %s of profile '%.60s'",
				 environment, key, f->name);
	} else if (in_profile) {
		setting->value = in_profile;
		snprintf(setting->source, sizeof setting->source, "profile %.80s", f->name);
		in_profile = NULL;
	}
	sdp_secret_free(in_profile);
	return rc;
}

static bool on_this_machine(const char *host)
{
	static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t n = strlen(names[i]);
		if (strncmp(host, names[i], n) == 0 &&
		    (!host[n] || host[n] == ':' || host[n] == '/'))
			return true;
	}
	return false;
}

/*
 * Changes the host to https://NAME.  What the user gives may lack the scheme, or may have a path
 * that was copied from a browser.
 */
static int normalize_host(struct sdp_databricks_settings *s, struct sdp_err *err)
{
	char *host = s->host.value, *name = strstr(host, "://");
	bool plain = strncasecmp(host, "http://", 7) == 0;
	struct sdp_buf made = {0};
	if (name && !plain && strncasecmp(host, "https://", 8) != 0)
		return sdp_fail(err, SDP_USAGE, "%s: not a host: '%.100s'", s->host.source, host);
	name = name ? name + 3 : host;
	size_t n = strcspn(name, "/?#");
	if (n == 0 || n > 250 || strcspn(name, " \t\r\n@\\\"") < n)
		return sdp_fail(err, SDP_USAGE, "%s: not a host: '%.100s'", s->host.source, host);
	if (plain && !on_this_machine(name))
		return sdp_fail(err, SDP_USAGE, "%s: a token is only sent over https: '%.100s'",
				s->host.source, host);
	int rc = sdp_buf_format(&made, err, "http%s://%.*s", plain ? "" : "s", (int)n, name);
	free(s->host.value);
	s->host.value = made.data;
	if (rc == 0 && !sdp_http_is_url(made.data))
		return sdp_fail(err, SDP_USAGE, "%s: not a host and a port: '%.*s'", s->host.source,
				(int)n, strstr(made.data, "://") + 3);
	return rc;
}

/* Refuses blanks and control bytes, which would end or split the line of a header. */
static int check_secret(const struct sdp_databricks_setting *s, struct sdp_err *err)
{
	for (const char *c = s->value; c && *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return sdp_fail(err, SDP_USAGE, "%s has a blank or a control byte in it",
					s->source);
	return 0;
}

static int choose_auth(struct sdp_databricks_settings *s, struct sdp_err *err)
{
	const char *type = s->auth_type.value;
	bool pat = s->token.value, both = s->client_id.value && s->client_secret.value;
	if (type && strcmp(type, "pat") != 0 && strcmp(type, "oauth-m2m") != 0)
		return sdp_fail(err, SDP_USAGE, "%s: neither pat nor oauth-m2m: '%.40s'",
				s->auth_type.source, type);
	s->oauth = type ? strcmp(type, "oauth-m2m") == 0 : !pat;
	if (!type && pat && both)
		return sdp_fail(err, SDP_USAGE,
				"there are a token (%s) and a client_id with its secret (%s): "
				"DATABRICKS_AUTH_TYPE must choose pat or oauth-m2m",
				s->token.source, s->client_id.source);
	if (s->oauth && !pat && !s->client_id.value && !s->client_secret.value)
		return sdp_fail(err, SDP_USAGE,
				"DATABRICKS_TOKEN is not set, and profile '%.60s' has none",
				s->profile.value ? s->profile.value : "DEFAULT");
	if (s->oauth && !both)
		return sdp_fail(err, SDP_USAGE, "DATABRICKS_CLIENT_%s is not set",
				s->client_id.value ? "SECRET" : "ID");
	if (!s->oauth && !pat)
		return sdp_fail(err, SDP_USAGE, "DATABRICKS_TOKEN is not set");
	return 0;
}

static int resolve_all(struct sdp_databricks_settings *s, const struct sdp_databricks_options *o,
		       struct file *f, struct sdp_err *err)
{
	if (resolve(s, f, &s->host, o->host, "--host", "DATABRICKS_HOST", "host", err) < 0 ||
	    resolve(s, f, &s->token, NULL, NULL, "DATABRICKS_TOKEN", "token", err) < 0 ||
	    resolve(s, f, &s->client_id, NULL, NULL, "DATABRICKS_CLIENT_ID", "client_id", err) <
		    0 ||
	    resolve(s, f, &s->client_secret, NULL, NULL, "DATABRICKS_CLIENT_SECRET",
		    "client_secret", err) < 0 ||
	    resolve(s, f, &s->auth_type, NULL, NULL, "DATABRICKS_AUTH_TYPE", "auth_type", err) <
		    0 ||
	    resolve(s, f, &s->cluster_id, o->cluster_id, "--cluster-id", "DATABRICKS_CLUSTER_ID",
		    "cluster_id", err) < 0)
		return -1;
	if (f->chosen && !f->found)
		return sdp_fail(err, SDP_USAGE, "%s: there is no profile '%.60s' in %.200s",
				s->profile.source, f->name, s->file);
	if (!s->host.value)
		return sdp_fail(err, SDP_USAGE,
				"DATABRICKS_HOST is not set, and profile '%.60s' has no host",
				f->name);
	if (normalize_host(s, err) < 0 || check_secret(&s->token, err) < 0 ||
	    check_secret(&s->client_id, err) < 0 || check_secret(&s->client_secret, err) < 0)
		return -1;
	return choose_auth(s, err);
}

int sdp_databricks_settings_read(struct sdp_databricks_settings *s,
				 const struct sdp_databricks_options *o, struct sdp_err *err)
{
	struct file f = {0};
	*s = (struct sdp_databricks_settings){0};
	sdp_secret_begin();
	int rc = read_file(s, &f, err);
	if (rc == 0)
		rc = choose_profile(s, o, &f, err);
	if (rc == 0)
		rc = resolve_all(s, o, &f, err);
	s->ca_file = sdp_env("SSL_CERT_FILE");
	if (rc == 0 && s->ca_file && access(s->ca_file, R_OK) < 0)
		rc = sdp_fail(err, SDP_USAGE, "SSL_CERT_FILE: cannot read %s", s->ca_file);
	sdp_secret_release(&f.text);
	return rc;
}

void sdp_databricks_settings_release(struct sdp_databricks_settings *s)
{
	struct sdp_databricks_setting *all[] = {&s->host,          &s->token,     &s->client_id,
						&s->client_secret, &s->auth_type, &s->cluster_id,
						&s->profile};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		sdp_secret_free(all[i]->value);
	*s = (struct sdp_databricks_settings){0};
}
