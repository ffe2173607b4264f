/*
 * SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), by OpenSSL.
 */
#ifndef SDP_NET_SHA256_H
#define SDP_NET_SHA256_H

#include "sdp/err.h"

enum { SDP_SHA256_BYTES = 32, SDP_SHA256_HEX = 65 };

/* A running digest. */
struct sdp_sha256;

struct sdp_sha256 *sdp_sha256_new(struct sdp_err *err);
int sdp_sha256_add(struct sdp_sha256 *digest, const void *bytes, size_t length,
		   struct sdp_err *err);
/* Of all that was added, in hexadecimal; nothing can be added any more. */
int sdp_sha256_end(struct sdp_sha256 *digest, char hex[SDP_SHA256_HEX], struct sdp_err *err);
void sdp_sha256_free(struct sdp_sha256 *digest);

int sdp_sha256_of(const void *bytes, size_t length, char hex[SDP_SHA256_HEX], struct sdp_err *err);

/*
 * Of length bytes of a file from offset on; fewer than that are an error, which names the file. 
 * The bytes go into also, too, unless that is NULL.
 */
int sdp_sha256_of_file(int fd, uint64_t offset, uint64_t length, const char *name,
		       char hex[SDP_SHA256_HEX], struct sdp_sha256 *also, struct sdp_err *err);

int sdp_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
		    unsigned char out[SDP_SHA256_BYTES], struct sdp_err *err);

void sdp_hex(const unsigned char *bytes, size_t length, char *out);

#endif
