/*
 * Lists of bytes that are kept in the spill, and records that are kept there in buckets, so that
 * the records of one bucket can be read without those of the others.
 *
 * Memory taken from a spill belongs to the owner of the spill.  Functions that return int return 0,
 * or -1 with a message.
 */
#ifndef SDP_MODEL_ITEMSETS_BUCKETS_H
#define SDP_MODEL_ITEMSETS_BUCKETS_H

#include "sdp/buf.h"
#include "sdp/spill.h"

struct sdp_kept {
	struct sdp_kept *next;
	struct sdp_extent extent;
};

/*
 * A list of extents, in the order in which they were added.  {0} is an empty list; count is the
 * number of extents.
 */
struct sdp_kept_list {
	struct sdp_kept *first, *last;
	uint64_t count;
};

/* Stores a copy of bytes in the spill and appends its extent to the list. */
int sdp_kept_add(struct sdp_kept_list *list, struct sdp_spill *spill, const void *bytes,
		 size_t length, struct sdp_err *err);

/* Appends the extents of `from` to `into`; `from` must not be used afterwards. */
void sdp_kept_join(struct sdp_kept_list *into, const struct sdp_kept_list *from);

enum { SDP_BUCKETS = 64 };

/* Each extent has the records of all buckets, one bucket after the other.  {0} is empty. */
struct sdp_bucket_list {
	struct sdp_kept_list kept;
	uint64_t weights[SDP_BUCKETS]; /* of the records of each bucket */
};

/* Records that are not in the spill yet. */
struct sdp_bucket_writer {
	struct sdp_buf bytes[SDP_BUCKETS];
	uint64_t weights[SDP_BUCKETS];
};

/*
 * Returns the buffer to which the caller appends a record; NULL on failure.  hash chooses the
 * bucket; weight is the memory that the record will need when its bucket is read.  If *writer is
 * NULL, it becomes a new writer.  If the bucket holds enough bytes, all records of the writer are
 * moved to the list first.
 */
struct sdp_buf *sdp_bucket_open(struct sdp_bucket_writer **writer, uint64_t hash, uint64_t weight,
				struct sdp_bucket_list *list, struct sdp_spill *spill,
				struct sdp_err *err);

/* Moves all records to the list.  writer may be NULL. */
int sdp_bucket_flush(struct sdp_bucket_writer *writer, struct sdp_bucket_list *list,
		     struct sdp_spill *spill, struct sdp_err *err);
void sdp_bucket_writer_free(struct sdp_bucket_writer *writer);

/*
 * Calls `each` with the records of a bucket, some whole records at a time.  `each` returns 0, or -1
 * to stop.
 */
int sdp_bucket_each(const struct sdp_bucket_list *list, size_t bucket,
		    const struct sdp_spill *spill,
		    int (*each)(void *context, const unsigned char *records, size_t length,
				struct sdp_err *err),
		    void *context, struct sdp_err *err);

#endif
