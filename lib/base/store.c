#include "sdp/store.h"

#include "sdp/buf.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int sdp_store_init(struct sdp_store *store, struct sdp_arena *arena, int spill, const char *folder,
		   uint64_t limit, struct sdp_err *err)
{
	*store = (struct sdp_store){arena, 0, spill, folder, NULL, spill < 0 ? UINT64_MAX : limit};
	store->spilled = sdp_arena_take(arena, 0, sizeof *store->spilled, err);
	return store->spilled ? 0 : -1;
}

static int spill(struct sdp_store *store, const char *bytes, size_t length,
		 struct sdp_extent *extent, struct sdp_err *err)
{
	uint64_t at = atomic_fetch_add(store->spilled, length);
	*extent = (struct sdp_extent){at, length, true};
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

int sdp_store_keep(struct sdp_store *store, const void *bytes, size_t length,
		   struct sdp_extent *extent, struct sdp_err *err)
{
	if (sdp_arena_used(store->arena) + length > store->limit)
		return spill(store, bytes, length, extent, err);
	void *p = sdp_store_take(store, length, err);
	if (!p)
		return -1;
	memcpy(p, bytes, length);
	*extent = (struct sdp_extent){(uint64_t)(uintptr_t)p, length, false};
	return 0;
}

const void *sdp_store_get(const struct sdp_store *store, const struct sdp_extent *extent,
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
