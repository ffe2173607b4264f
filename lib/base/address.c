/* Recognises addresses, and shows them without their secrets. */
#define _GNU_SOURCE
#include "base/address.h"

#include "base/uuid.h"
#include "sdp/buf.h"
#include "sdp/mem.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const struct scheme {
	const char *text;
	enum sdp_address form;
} schemes[] = {
	{"s3://", SDP_ADDRESS_S3},
	{"http://", SDP_ADDRESS_WEB},
	{"https://", SDP_ADDRESS_WEB},
	{"dbfs:/", SDP_ADDRESS_DBFS},
};

/* Returns the scheme of an address, or NULL. */
static const struct scheme *scheme_of(const char *name)
{
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (strncasecmp(name, schemes[i].text, strlen(schemes[i].text)) == 0)
			return &schemes[i];
	return NULL;
}

enum sdp_address sdp_address_form(const char *name)
{
	const struct scheme *scheme = scheme_of(name);
	if (scheme) /* an address is one line */
		return strchr(name, '\n') ? SDP_ADDRESS_NONE : scheme->form;
	return sdp_uuid_valid(name) ? SDP_ADDRESS_STORED : SDP_ADDRESS_NONE;
}

bool sdp_address_is(const char *name)
{
	struct stat st;
	return sdp_address_form(name) != SDP_ADDRESS_NONE && stat(name, &st) < 0;
}

/*
 * Returns whether what looks like a host cannot be one, because something that is no port follows
 * its colon: a user, then, and a password that holds a slash or another end of a host.
 */
static bool is_user(const char *host, size_t length, bool web)
{
	const char *bracket = memchr(host, ']', length);
	const char *from = bracket && *host == '[' ? bracket : host;
	const char *colon = memchr(from, ':', length - (size_t)(from - host));
	size_t left = colon ? length - (size_t)(colon + 1 - host) : 0;
	return colon && (!web || strspn(colon + 1, "0123456789") < left);
}

char *sdp_address_shown(const char *name, struct sdp_err *err)
{
	const struct scheme *scheme = sdp_address_is(name) ? scheme_of(name) : NULL;
	if (!scheme || scheme->form == SDP_ADDRESS_DBFS)
		return sdp_strndup(name, strlen(name), err);
	size_t length = strlen(scheme->text);
	bool web = scheme->form == SDP_ADDRESS_WEB;
	const char *host = name + length;
	size_t host_length = strcspn(host, web ? "/?#" : "/");
	/* A password may hold an @, a host does not. */
	for (const char *at; (at = memchr(host, '@', host_length));) {
		host_length -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	bool user = web && host > name + length;
	size_t rest = web ? strcspn(host, "?#") : strlen(host);
	if ((user || is_user(host, host_length, web)) && strchr(host, '@')) {
		const char *at = memrchr(host, '@', rest);
		rest = at ? rest - (size_t)(at + 1 - host) : 3;
		host = at ? at + 1 : "...";
	}
	struct sdp_buf shown = {0};
	if (sdp_buf_add(&shown, name, length, err) == 0 &&
	    sdp_buf_add(&shown, host, rest, err) == 0)
		return shown.data;
	sdp_buf_release(&shown);
	return NULL;
}
