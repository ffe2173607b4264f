/*
 * Records in buckets.  An extent is
 *
 *	ends of 64 buckets, 4 bytes each | records of bucket 0 | … | records of bucket 63
 *
 * so that a list needs little memory however many buckets have a record.
 */
#include "model/itemsets/buckets.h"

#include "sdp/mem.h"

#include <string.h>

enum { FULL = 1 << 14 /* bytes of a bucket */ };

int sdp_kept_add(struct sdp_kept_list *list, struct sdp_spill *spill, const void *bytes,
		 size_t length, struct sdp_err *err)
{
	struct sdp_kept *kept = sdp_spill_take(spill, sizeof *kept, err);
	if (!kept || sdp_spill_keep(spill, bytes, length, &kept->extent, err) < 0)
		return -1;
	sdp_kept_join(list, &(struct sdp_kept_list){kept, kept, 1});
	return 0;
}

void sdp_kept_join(struct sdp_kept_list *into, const struct sdp_kept_list *from)
{
	if (!from->first)
		return;
	if (into->last)
		into->last->next = from->first;
	else
		into->first = from->first;
	into->last = from->last;
	into->count += from->count;
}

struct sdp_buf *sdp_bucket_open(struct sdp_bucket_writer **writer, uint64_t hash, uint64_t weight,
				struct sdp_bucket_list *list, struct sdp_spill *spill,
				struct sdp_err *err)
{
	size_t bucket = hash % SDP_BUCKETS;
	if (!*writer && !(*writer = sdp_alloc(1, sizeof **writer, err)))
		return NULL;
	struct sdp_bucket_writer *w = *writer;
	if (w->bytes[bucket].length > FULL && sdp_bucket_flush(w, list, spill, err) < 0)
		return NULL;
	w->weights[bucket] += weight;
	return &w->bytes[bucket];
}

int sdp_bucket_flush(struct sdp_bucket_writer *w, struct sdp_bucket_list *list,
		     struct sdp_spill *spill, struct sdp_err *err)
{
	uint32_t ends[SDP_BUCKETS];
	uint64_t end = 0;
	for (size_t i = 0; w && i < SDP_BUCKETS; i++)
		ends[i] = (uint32_t)(end += w->bytes[i].length);
	if (end == 0)
		return 0;
	if (end > UINT32_MAX)
		return sdp_fail(err, SDP_SYSTEM, "a basket exceeds 4 GiB");
	struct sdp_kept *kept = sdp_spill_take(spill, sizeof *kept, err);
	if (!kept || sdp_spill_reserve(spill, sizeof ends + end, &kept->extent, err) < 0 ||
	    sdp_spill_put(spill, &kept->extent, 0, ends, sizeof ends, err) < 0)
		return -1;
	for (size_t i = 0; i < SDP_BUCKETS; i++) {
		struct sdp_buf *b = &w->bytes[i];
		if (b->length &&
		    sdp_spill_put(spill, &kept->extent, sizeof ends + ends[i] - b->length, b->data,
				  b->length, err) < 0)
			return -1;
		b->length = 0;
		list->weights[i] += w->weights[i];
		w->weights[i] = 0;
	}
	sdp_kept_join(&list->kept, &(struct sdp_kept_list){kept, kept, 1});
	return 0;
}

void sdp_bucket_writer_free(struct sdp_bucket_writer *w)
{
	for (size_t i = 0; w && i < SDP_BUCKETS; i++)
		sdp_buf_release(&w->bytes[i]);
	free(w);
}

int sdp_bucket_each(const struct sdp_bucket_list *list, size_t bucket,
		    const struct sdp_spill *spill,
		    int (*each)(void *context, const unsigned char *records, size_t length,
				struct sdp_err *err),
		    void *context, struct sdp_err *err)
{
	struct sdp_buf room = {0};
	int rc = 0;
	for (const struct sdp_kept *k = list->kept.first; rc == 0 && k; k = k->next) {
		uint32_t ends[SDP_BUCKETS];
		const void *p = sdp_spill_get(spill, &k->extent, 0, sizeof ends, ends, err);
		if (!p) {
			rc = -1;
			break;
		}
		if (p != ends)
			memcpy(ends, p, sizeof ends);
		size_t start = bucket ? ends[bucket - 1] : 0, length = ends[bucket] - start;
		if (length == 0)
			continue;
		if ((rc = sdp_buf_reserve(&room, length, err)) < 0)
			break;
		p = sdp_spill_get(spill, &k->extent, sizeof ends + start, length, room.data, err);
		rc = p ? each(context, p, length, err) : -1;
	}
	sdp_buf_release(&room);
	return rc;
}
