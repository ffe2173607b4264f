#include "sdp/spill.h"

#include "sdp/buf.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int sdp_spill_init(struct sdp_spill *store, struct sdp_shared_arena *arena, int spill,
		   const char *folder, uint64_t limit, struct sdp_err *err)
{
	*store = (struct sdp_spill){arena, 0, spill, folder, NULL, spill < 0 ? UINT64_MAX : limit};
	store->spilled = sdp_shared_arena_take(arena, 0, sizeof *store->spilled, err);
	return store->spilled ? 0 : -1;
}

static int write_at(const struct sdp_spill *store, uint64_t at, const char *bytes, size_t length,
		    struct sdp_err *err)
{
	while (length) {
		ssize_t n = pwrite(store->spill, bytes, length, (off_t)at);
		if (n < 0 && errno != EINTR)
			return sdp_fail_errno(err, "cannot write to the temporary file in %s",
					      store->folder);
		if (n > 0) {
			bytes += n;
			at += (uint64_t)n;
			length -= (size_t)n;
		}
	}
	return 0;
}

int sdp_spill_reserve(struct sdp_spill *store, size_t length, struct sdp_extent *extent,
		      struct sdp_err *err)
{
	if (sdp_shared_arena_used(store->arena) + length > store->limit) {
		*extent =
			(struct sdp_extent){atomic_fetch_add(store->spilled, length), length, true};
		return 0;
	}
	void *p = sdp_spill_take(store, length, err);
	if (!p)
		return -1;
	*extent = (struct sdp_extent){(uint64_t)(uintptr_t)p, length, false};
	return 0;
}

int sdp_spill_put(const struct sdp_spill *store, const struct sdp_extent *extent, uint64_t offset,
		  const void *bytes, size_t length, struct sdp_err *err)
{
	if (extent->spilled)
		return write_at(store, extent->at + offset, bytes, length, err);
	memcpy((char *)(uintptr_t)extent->at + offset, bytes, length);
	return 0;
}

int sdp_spill_keep(struct sdp_spill *store, const void *bytes, size_t length,
		   struct sdp_extent *extent, struct sdp_err *err)
{
	if (sdp_spill_reserve(store, length, extent, err) < 0)
		return -1;
	return sdp_spill_put(store, extent, 0, bytes, length, err);
}

const void *sdp_spill_get(const struct sdp_spill *store, const struct sdp_extent *extent,
			  uint64_t offset, size_t length, void *room, struct sdp_err *err)
{
	if (!extent->spilled)
		return (const char *)(uintptr_t)extent->at + offset;
	ssize_t n = sdp_read_at(store->spill, room, length, extent->at + offset);
	if (n >= 0 && (size_t)n == length)
		return room;
	if (n >= 0)
		errno = EIO;
	sdp_fail_errno(err, "cannot read the temporary file");
	return NULL;
}
