/*
 * SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), computed by OpenSSL.
 *
 * Functions that return int return 0, or -1 with err.
 */
#ifndef SDP_NET_SHA256_H
#define SDP_NET_SHA256_H

#include "sdp/err.h"

/* The size of a digest in bytes, and as hexadecimal digits with a final NUL. */
enum { SDP_SHA256_BYTES = 32, SDP_SHA256_HEX = 65 };

/* A digest that is computed piece by piece. */
struct sdp_sha256;

/* Returns a new digest of no bytes, or NULL with err. */
struct sdp_sha256 *sdp_sha256_new(struct sdp_err *err);
int sdp_sha256_add(struct sdp_sha256 *digest, const void *bytes, size_t length,
		   struct sdp_err *err);
/* Writes the digest of all bytes added, in hexadecimal.  Nothing can be added afterwards. */
int sdp_sha256_end(struct sdp_sha256 *digest, char hex[SDP_SHA256_HEX], struct sdp_err *err);
/* Writes the digest of the bytes added so far; more can be added afterwards. */
int sdp_sha256_so_far(const struct sdp_sha256 *digest, char hex[SDP_SHA256_HEX],
		      struct sdp_err *err);
void sdp_sha256_free(struct sdp_sha256 *digest);

/* Writes the digest of length bytes in hexadecimal. */
int sdp_sha256_of(const void *bytes, size_t length, char hex[SDP_SHA256_HEX], struct sdp_err *err);

/*
 * Writes the digest of length bytes of the file fd from offset on.  It is an error if the file ends
 * before that; the message contains name.  The bytes are also added to the digest also, unless that
 * is NULL.
 */
int sdp_sha256_of_file(int fd, uint64_t offset, uint64_t length, const char *name,
		       char hex[SDP_SHA256_HEX], struct sdp_sha256 *also, struct sdp_err *err);

/* Writes the HMAC of length bytes with the key to out, as bytes. */
int sdp_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
		    unsigned char out[SDP_SHA256_BYTES], struct sdp_err *err);

/* Writes the bytes as lower-case hexadecimal digits and a NUL; out has room for 2 length + 1. */
void sdp_hex(const unsigned char *bytes, size_t length, char *out);

#endif
