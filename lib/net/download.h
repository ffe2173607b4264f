/*
 * Reads the bytes of an URL. No credentials are sent, and none are taken from the URL or files.
 *
 * Failures that may pass are tried again, each time from the address itself, because what a
 * redirect names may expire. The bytes are those of one version, see net/http_body.h.
 *
 * Up to ten redirects are followed, but none from https to http.
 */
#ifndef SDP_NET_DOWNLOAD_H
#define SDP_NET_DOWNLOAD_H

#include "sdp/err.h"

struct sdp_download {
	const char *url;   /* http:// or https:// */
	const char *title; /* its name in messages (sdp_address_shown) */
	const char *agent; /* the header User-Agent */
	int stall;         /* seconds without any data after which an attempt fails */
	/* Receives all bytes in order; returns 0, or -1 with err. */
	int (*sink)(void *context, const void *bytes, size_t length, struct sdp_err *err);
	void *context;
};

/*
 * Returns 0 if the sink has received all bytes, otherwise -1 with SDP_DATA if the server has no
 * such file, SDP_USAGE if the URL is wrong or has a password, and SDP_SYSTEM after any other
 * failure.
 */
int sdp_download(const struct sdp_download *download, struct sdp_err *err);

#endif
