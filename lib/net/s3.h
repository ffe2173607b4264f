/*
 * A client for S3 stores: signed calls, several at once, with retries.
 *
 * A call fails if the store refuses it (403, 404, …) or if all attempts have failed.  Before
 * attempt n + 1 the client waits a random time of up to 0.2 s × 2^(n-1), at most 20 s, in addition
 * to the time that Retry-After asks for (at most 120 s).  Every attempt is signed again.  If the
 * store says that our clock is wrong or that the bucket is in another region, the call is repeated
 * with the store's time or in that region.
 *
 * Functions that return int return 0, or -1 with err; the kind of failure is then in s3->fault.
 * The strings and buffers of options and calls stay the caller's.
 */
#ifndef SDP_NET_S3_H
#define SDP_NET_S3_H

#include "net/aws_config.h"
#include "net/http_retry.h"
#include "net/sha256.h"
#include "net/sigv4.h"

enum sdp_s3_fault {
	SDP_S3_NONE,
	SDP_S3_LOCAL,       /* a local failure: a file, memory, a signal */
	SDP_S3_UNREACHABLE, /* every attempt had no answer, or an error of the server */
	SDP_S3_MISSING,     /* there is no such object, upload or bucket */
	SDP_S3_REFUSED,     /* any other failure */
};

struct sdp_s3_options {
	int stall;    /* seconds without any data after which an attempt fails */
	int parallel; /* the most calls at once */
	const char *agent;
	void (*tick)(void *context); /* called several times a second during calls; or NULL */
	void *tick_context;
};

struct sdp_s3 {
	const struct sdp_aws *aws;
	const char *bucket;
	struct sdp_s3_options options;
	enum sdp_s3_fault fault; /* of the last function that failed */

	/* private */
	struct sdp_http *http;
	char region[64], host[300]; /* host: the one that the store has named, or "" */
	int64_t skew;               /* the clock of the store minus ours, in seconds */
	uint64_t backoffs;          /* counts the waiting times, for the random numbers */
};

/* Returns a new client, or NULL with err.  aws and bucket must outlive it. */
struct sdp_s3 *sdp_s3_new(const struct sdp_aws *aws, const char *bucket,
			  const struct sdp_s3_options *options, struct sdp_err *err);
void sdp_s3_free(struct sdp_s3 *s3);

/* Makes all functions ignore signals (on) or obey them, for calls that finish or clean up. */
void sdp_s3_finishing(struct sdp_s3 *s3, bool on);

/* One call.  The members that are not set must be zero. */
struct sdp_s3_call {
	const char *method;
	const char *key;                        /* of the object; NULL: the bucket itself */
	const char *query;                      /* percent-encoded; NULL: none */
	const struct sdp_sigv4_header *headers; /* more headers to send and sign */
	size_t header_count;
	const void *bytes; /* the body, if fd is -1 */
	int fd;            /* the body is length bytes of this file from offset on */
	const char *file;  /* the name of the file in messages */
	uint64_t offset, length;
	/* the bytes of the file are added to it when they are hashed, once per call; or NULL */
	struct sdp_sha256 *also;
	/* the answer is complete only if it has this XML element; otherwise the call is retried */
	const char *root;
	bool may_fail; /* if the store refuses the call, done is called nevertheless */
	struct sdp_http_body
		*into; /* receives the body of the answer; NULL: it is kept in http.body */

	struct sdp_http_call http;   /* the answer */
	struct sdp_http_retry retry; /* its state; private except ended, started and tries */
	bool failed;                 /* it has failed, and may_fail is set */

	/* private */
	char sha256[SDP_SHA256_HEX]; /* of the body; "": not computed yet */
	struct sdp_buf url, lines;
	const char *line[16];
	int corrections; /* changes of region, host or clock */
};

void sdp_s3_call_release(struct sdp_s3_call *call);

/*
 * Makes all calls that have not ended, up to options.parallel at once.  done, which may be NULL, is
 * called after each call that succeeds, and, with the failure in err, after a call that failed and
 * may fail.  If any other call fails or done returns -1, the remaining calls are cancelled.
 */
int sdp_s3_run(struct sdp_s3 *s3, struct sdp_s3_call *calls, size_t count,
	       int (*done)(void *context, struct sdp_s3_call *call, struct sdp_err *err),
	       void *context, struct sdp_err *err);

/* ---- operations on objects (s3_verbs.c) ---- */

/* Stores length bytes as the object key. */
int sdp_s3_put(struct sdp_s3 *s3, const char *key, const struct sdp_sigv4_header *headers,
	       size_t header_count, const void *bytes, size_t length, struct sdp_err *err);

/* Stores the first length bytes of the file fd in the same way; file is its name in messages. */
int sdp_s3_put_file(struct sdp_s3 *s3, const char *key, const struct sdp_sigv4_header *headers,
		    size_t header_count, int fd, const char *file, uint64_t length,
		    struct sdp_err *err);

/*
 * Gets the size of an object in bytes and, if name is not NULL, the value of its header name
 * (x-amz-meta-…), which replaces value; it is empty if there is no such header.
 */
int sdp_s3_head(struct sdp_s3 *s3, const char *key, uint64_t *size, const char *name,
		struct sdp_buf *value, struct sdp_err *err);

/*
 * Passes the bytes of one version of an object to sink.  If name is not NULL, the value of its
 * header name replaces value, as by sdp_s3_head.  Fails with SDP_DATA if there is no such object or
 * bucket.
 */
int sdp_s3_get(struct sdp_s3 *s3, const char *key, const char *name, struct sdp_buf *value,
	       int (*sink)(void *context, const void *bytes, size_t length, struct sdp_err *err),
	       void *context, struct sdp_err *err);

/* Replaces out by a whole object, of at most 64 MiB. */
int sdp_s3_get_text(struct sdp_s3 *s3, const char *key, struct sdp_buf *out, struct sdp_err *err);

/* Deletes an object.  It is no error if there is none. */
int sdp_s3_delete(struct sdp_s3 *s3, const char *key, struct sdp_err *err);

/*
 * Calls each for every object whose key begins with prefix, in the order of the keys.  If level is
 * true, keys with another "/" after the prefix are left out.  each returns 0 to go on, 1 to end the
 * list, or -1 with err.
 */
int sdp_s3_list(struct sdp_s3 *s3, const char *prefix, bool level,
		int (*each)(void *context, const char *key, uint64_t size, struct sdp_err *err),
		void *context, struct sdp_err *err);

/* ---- multipart uploads (s3_parts.c) ---- */

/* A file that is uploaded in parts, or one whose upload is resumed. */
struct sdp_s3_upload {
	const char *key;
	const struct sdp_sigv4_header *headers; /* of the object */
	size_t header_count;
	int fd;
	const char *file; /* the name of the file in messages */
	uint64_t size;
	uint64_t part_size; /* sdp_s3_part_size(size) */
	/* for a new upload: a new digest, to which the whole file is added; or NULL */
	struct sdp_sha256 *whole;
	char upload_id[1200]; /* "": the upload has not begun */
	/* called when the upload has begun and has an upload_id, before parts are sent; or NULL */
	int (*begun)(void *context, const struct sdp_s3_upload *upload, struct sdp_err *err);
	/* called from time to time with the number of bytes that are in the store; or NULL */
	void (*progress)(void *context, uint64_t bytes);
	void *context;
	uint64_t resumed; /* bytes that earlier attempts had already uploaded */
};

enum { SDP_S3_SINGLE = 16 << 20 }; /* an object of at most this size is sent without parts */

/* Returns the part size for a file: at least 8 MiB, whole MiB, for at most 10,000 parts. */
uint64_t sdp_s3_part_size(uint64_t size);

/*
 * Uploads a file in parts, options.parallel of them at once.
 *
 * If upload_id is set, the upload is resumed and only the missing parts are sent.  If the store no
 * longer knows that upload, it may have been completed: if the object exists with this size and
 * with the same value of the first x-amz-meta-… header, the function succeeds; otherwise it starts
 * a new upload.
 *
 * After a failure the parts stay in the store: call the function again to resume, or
 * sdp_s3_abort.
 */
int sdp_s3_upload_parts(struct sdp_s3 *s3, struct sdp_s3_upload *upload, struct sdp_err *err);

/* Aborts an upload, which deletes its parts.  It is no error if there is no such upload. */
int sdp_s3_abort(struct sdp_s3 *s3, const char *key, const char *upload_id, struct sdp_err *err);

/*
 * Aborts all uploads of a key except the one with the id keep ("": all).  An upload whose id is
 * unknown remains when the answer that had the id was lost.  Use it only for keys that no other
 * process uploads to.
 */
int sdp_s3_sweep(struct sdp_s3 *s3, const char *key, const char *keep, struct sdp_err *err);

#endif
