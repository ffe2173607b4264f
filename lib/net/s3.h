/*
 * An S3 store: signed calls, many at once, each tried again where that may help.
 *
 * A call fails for good when the store refuses it (403, 404, …) or when its attempts are used up.
 * Between attempts lies a random pause of up to 0.2 s × 2^n, 20 s at most, or what Retry-After
 * asks for.  Every attempt is signed anew, by the store's clock should ours be wrong, and for the
 * bucket's region should the store name another.
 *
 * A failed function leaves in the handle what kind of failure it was.
 */
#ifndef SDP_NET_S3_H
#define SDP_NET_S3_H

#include "net/aws_config.h"
#include "net/http.h"
#include "net/sha256.h"
#include "net/sigv4.h"

enum sdp_s3_fault {
	SDP_S3_NONE,
	SDP_S3_LOCAL,       /* on our side: a file, memory, a signal */
	SDP_S3_UNREACHABLE, /* no answer, or again and again one of the store's own failures */
	SDP_S3_MISSING,     /* there is no such object, upload or bucket */
	SDP_S3_REFUSED,     /* anything else */
};

struct sdp_s3_options {
	int stall;    /* seconds */
	int parallel; /* calls at once */
	const char *agent;
	void (*tick)(void *context); /* some times a second while calls go on; NULL: none */
	void *tick_context;
};

struct sdp_s3 {
	const struct sdp_aws *aws;
	const char *bucket;
	struct sdp_s3_options options;
	enum sdp_s3_fault fault; /* of the last function that failed */

	/* private */
	struct sdp_http *http;
	char region[64], host[300];
	int64_t skew; /* the store's clock less ours, seconds */
	uint64_t backoffs;
};

/* aws and bucket must outlive it. */
struct sdp_s3 *sdp_s3_new(const struct sdp_aws *aws, const char *bucket,
			  const struct sdp_s3_options *options, struct sdp_err *err);
void sdp_s3_free(struct sdp_s3 *s3);

/* From here on signals do not interrupt. */
void sdp_s3_finishing(struct sdp_s3 *s3);

struct sdp_s3_call {
	const char *method;
	const char *key;                        /* NULL: the bucket itself */
	const char *query;                      /* encoded; NULL: none */
	const struct sdp_sigv4_header *headers; /* to be sent and signed besides the usual ones */
	size_t header_count;
	const void *bytes; /* the body, where fd is 0 (as it is in a zeroed call) */
	int fd;            /* else of this file */
	const char *file;  /* its name for messages */
	uint64_t offset, length;
	/* takes the file's bytes when they are hashed, which is once; or NULL */
	struct sdp_sha256 *also;
	uint64_t from, upto; /* of a GET: this range of bytes; upto 0: all behind from */
	const char *root; /* the answer must be this whole XML element, whatever its status says */
	/*
	 * Takes the answer's body once and in order, however often the call is tried; NULL: it is
	 * kept.
	 */
	int (*sink)(void *context, const void *bytes, size_t length, struct sdp_err *err);
	void *context;

	struct sdp_http_call http; /* the answer */
	bool ended;

	/* private */
	char sha256[SDP_SHA256_HEX];
	char range[64], etag[200];
	struct sdp_buf url, lines;
	const char *line[16];
	bool started, fresh; /* fresh: of this attempt no byte was delivered yet */
	int tries, corrections;
	uint64_t due, delivered, skip; /* due: milliseconds of the monotonic clock */
};

void sdp_s3_call_release(struct sdp_s3_call *call);

/*
 * Makes all calls that have not ended.  done, which may be NULL, is told of each success.  The
 * first failure of a call or of done cancels the rest.
 */
int sdp_s3_run(struct sdp_s3 *s3, struct sdp_s3_call *calls, size_t count,
	       int (*done)(void *context, struct sdp_s3_call *call, struct sdp_err *err),
	       void *context, struct sdp_err *err);

/* ---- the verbs (s3_verbs.c) ---- */

int sdp_s3_put(struct sdp_s3 *s3, const char *key, const struct sdp_sigv4_header *headers,
	       size_t header_count, const void *bytes, size_t length, struct sdp_err *err);

/* The same with a file of that length, in one piece. */
int sdp_s3_put_file(struct sdp_s3 *s3, const char *key, const struct sdp_sigv4_header *headers,
		    size_t header_count, int fd, const char *file, uint64_t length,
		    struct sdp_err *err);

/* Size of an object, and a header of its (x-amz-meta-…) into value if name is not NULL. */
int sdp_s3_head(struct sdp_s3 *s3, const char *key, uint64_t *size, const char *name,
		struct sdp_buf *value, struct sdp_err *err);

/* length bytes of an object from offset on; length 0: all that follow. */
int sdp_s3_get(struct sdp_s3 *s3, const char *key, uint64_t offset, uint64_t length,
	       int (*sink)(void *context, const void *bytes, size_t length, struct sdp_err *err),
	       void *context, struct sdp_err *err);

/* A whole small object in memory. */
int sdp_s3_get_text(struct sdp_s3 *s3, const char *key, struct sdp_buf *out, struct sdp_err *err);

/* Deletes an object; one that is not there is no fault. */
int sdp_s3_delete(struct sdp_s3 *s3, const char *key, struct sdp_err *err);

/*
 * Objects whose keys begin with prefix, in the order of their keys.  level: only those without a
 * further "/" behind it.  each may end it early by returning 1.
 */
int sdp_s3_list(struct sdp_s3 *s3, const char *prefix, bool level,
		int (*each)(void *context, const char *key, uint64_t size, struct sdp_err *err),
		void *context, struct sdp_err *err);

/* ---- in parts (s3_parts.c) ---- */

struct sdp_s3_upload {
	const char *key;
	const struct sdp_sigv4_header *headers;
	size_t header_count;
	int fd;
	const char *file; /* its name for messages */
	uint64_t size;
	uint64_t part_size; /* sdp_s3_part_size(size) */
	/* a fresh one, for a new upload: becomes the digest of the file; or NULL */
	struct sdp_sha256 *whole;
	char upload_id[1200]; /* "": none has begun yet */
	/* Called once the upload has begun, before parts are sent; NULL: not. */
	int (*begun)(void *context, const struct sdp_s3_upload *upload, struct sdp_err *err);
	/* What is there so far; called from time to time; NULL: not. */
	void (*progress)(void *context, uint64_t bytes);
	void *context;
	uint64_t resumed; /* bytes that were there from an earlier try */
};

enum { SDP_S3_SINGLE = 16 << 20 }; /* up to this size an object goes in one piece */

/* At least 8 MiB, and so large that 10000 parts suffice. */
uint64_t sdp_s3_part_size(uint64_t size);

/*
 * Sends a file in parts, those side by side that options.parallel allows.  With an upload_id goes
 * on with that upload: parts that are there are not sent again; if the store knows nothing of it
 * any more, looks whether the object is there and takes it (its size, and the first x-amz-meta-… of
 * the headers, must be those here), else begins anew.  A failure leaves the upload as it is: resume
 * it, or abort it.
 */
int sdp_s3_upload_parts(struct sdp_s3 *s3, struct sdp_s3_upload *upload, struct sdp_err *err);

/* Gives an upload up; one that is not there is no fault. */
int sdp_s3_abort(struct sdp_s3 *s3, const char *key, const char *upload_id, struct sdp_err *err);

/*
 * Gives up all uploads to a key but keep ("": all): for keys that are nobody else's, where an
 * answer with an upload's id was lost.
 */
int sdp_s3_sweep(struct sdp_s3 *s3, const char *key, const char *keep, struct sdp_err *err);

#endif
