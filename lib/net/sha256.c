/* SHA-256 and HMAC-SHA-256 with OpenSSL. */
#include "net/sha256.h"

#include "base/library.h"
#include "base/need_memory.h"
#include "sdp/buf.h"
#include "sdp/mem.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

SDP_LIBRARY(openssl, OpenSSL_version(OPENSSL_VERSION_STRING));

enum { READ = 1 << 18 };

/* ---- memory: OpenSSL 3 crashes without it ---- */

static void *allocate(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return sdp_need_memory(malloc(size));
}

static void release(void *memory, const char *file, int line)
{
	(void)file, (void)line;
	free(memory);
}

static void *reallocate(void *old, size_t size, const char *file, int line)
{
	if (size)
		return sdp_need_memory(realloc(old, size));
	release(old, file, line);
	return NULL;
}

__attribute__((constructor)) static void set_functions(void)
{
	CRYPTO_set_mem_functions(allocate, reallocate, release);
	/* It would free at the end what it holds, and allocates for that: too late to fail. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

/* ---- digests ---- */

struct sdp_sha256 {
	EVP_MD_CTX *context;
};

static int fail(struct sdp_err *err)
{
	return sdp_fail(err, SDP_SYSTEM, "SHA-256 fails in OpenSSL");
}

struct sdp_sha256 *sdp_sha256_new(struct sdp_err *err)
{
	struct sdp_sha256 *d = sdp_alloc(1, sizeof *d, err);
	if (!d)
		return NULL;
	d->context = EVP_MD_CTX_new();
	if (d->context && EVP_DigestInit_ex(d->context, EVP_sha256(), NULL) == 1)
		return d;
	sdp_sha256_free(d);
	fail(err);
	return NULL;
}

int sdp_sha256_add(struct sdp_sha256 *digest, const void *bytes, size_t length, struct sdp_err *err)
{
	return EVP_DigestUpdate(digest->context, bytes, length) == 1 ? 0 : fail(err);
}

int sdp_sha256_end(struct sdp_sha256 *digest, char hex[SDP_SHA256_HEX], struct sdp_err *err)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	if (EVP_DigestFinal_ex(digest->context, bytes, &length) != 1 || length != SDP_SHA256_BYTES)
		return fail(err);
	sdp_hex(bytes, length, hex);
	return 0;
}

int sdp_sha256_so_far(const struct sdp_sha256 *digest, char hex[SDP_SHA256_HEX],
		      struct sdp_err *err)
{
	struct sdp_sha256 copy = {EVP_MD_CTX_new()};
	int rc = copy.context && EVP_MD_CTX_copy_ex(copy.context, digest->context) == 1
			 ? sdp_sha256_end(&copy, hex, err)
			 : fail(err);
	EVP_MD_CTX_free(copy.context);
	return rc;
}

void sdp_sha256_free(struct sdp_sha256 *digest)
{
	if (digest)
		EVP_MD_CTX_free(digest->context);
	free(digest);
}

int sdp_sha256_of(const void *bytes, size_t length, char hex[SDP_SHA256_HEX], struct sdp_err *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	if (EVP_Digest(bytes, length, digest, &n, EVP_sha256(), NULL) != 1 || n != SDP_SHA256_BYTES)
		return fail(err);
	sdp_hex(digest, n, hex);
	return 0;
}

static int add_file(struct sdp_sha256 *digest, int fd, uint64_t offset, uint64_t length,
		    const char *name, struct sdp_sha256 *also, struct sdp_err *err)
{
	char *bytes = sdp_alloc(READ, 1, err);
	int rc = bytes ? 0 : -1;
	for (uint64_t done = 0; rc == 0 && done < length;) {
		size_t want = length - done < READ ? (size_t)(length - done) : READ;
		ssize_t n = sdp_read_at(fd, bytes, want, offset + done);
		if (n < 0)
			rc = sdp_fail_errno(err, "%s", name);
		else if ((size_t)n < want)
			rc = sdp_fail_at(err, (struct sdp_place){.file = name},
					 "the file changed while it was read");
		else
			rc = sdp_sha256_add(digest, bytes, want, err);
		if (rc == 0 && also)
			rc = sdp_sha256_add(also, bytes, want, err);
		done += want;
	}
	free(bytes);
	return rc;
}

int sdp_sha256_of_file(int fd, uint64_t offset, uint64_t length, const char *name,
		       char hex[SDP_SHA256_HEX], struct sdp_sha256 *also, struct sdp_err *err)
{
	struct sdp_sha256 *digest = sdp_sha256_new(err);
	int rc = digest ? add_file(digest, fd, offset, length, name, also, err) : -1;
	if (rc == 0)
		rc = sdp_sha256_end(digest, hex, err);
	sdp_sha256_free(digest);
	return rc;
}

int sdp_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
		    unsigned char out[SDP_SHA256_BYTES], struct sdp_err *err)
{
	unsigned n = 0;
	if (!HMAC(EVP_sha256(), key, (int)key_length, bytes, length, out, &n) ||
	    n != SDP_SHA256_BYTES)
		return sdp_fail(err, SDP_SYSTEM, "HMAC fails in OpenSSL");
	return 0;
}

void sdp_hex(const unsigned char *bytes, size_t length, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < length; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}
