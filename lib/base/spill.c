/* Shared memory that overflows to a temporary file. */
#include "sdp/spill.h"

#include "sdp/buf.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

struct sdp_spill_end {
	_Atomic uint64_t bytes;
};

int sdp_spill_init(struct sdp_spill *spill, struct sdp_shared_arena *arena, int file,
		   const char *folder, uint64_t limit, struct sdp_err *err)
{
	*spill = (struct sdp_spill){arena, 0, file, folder, NULL, file < 0 ? UINT64_MAX : limit};
	spill->end = sdp_shared_arena_take(arena, 0, sizeof *spill->end, err);
	return spill->end ? 0 : -1;
}

const char *sdp_spill_text(struct sdp_spill *spill, const char *text, struct sdp_err *err)
{
	size_t size = strlen(text) + 1;
	char *copy = sdp_spill_take(spill, size, err);
	return copy ? memcpy(copy, text, size) : NULL;
}

int sdp_spill_reserve(struct sdp_spill *spill, size_t length, struct sdp_extent *extent,
		      struct sdp_err *err)
{
	if (sdp_shared_arena_used(spill->arena) + length > spill->limit) {
		*extent = (struct sdp_extent){atomic_fetch_add(&spill->end->bytes, length), length,
					      true};
		return 0;
	}
	void *p = sdp_spill_take(spill, length, err);
	if (!p)
		return -1;
	*extent = (struct sdp_extent){(uint64_t)(uintptr_t)p, length, false};
	return 0;
}

int sdp_spill_put(const struct sdp_spill *spill, const struct sdp_extent *extent, uint64_t offset,
		  const void *bytes, size_t length, struct sdp_err *err)
{
	if (extent->spilled)
		return sdp_write_at(spill->file, bytes, length, extent->at + offset) == 0
			       ? 0
			       : sdp_fail_errno(err, "cannot write to the temporary file in %s",
						spill->folder);
	memcpy((char *)(uintptr_t)extent->at + offset, bytes, length);
	return 0;
}

int sdp_spill_keep(struct sdp_spill *spill, const void *bytes, size_t length,
		   struct sdp_extent *extent, struct sdp_err *err)
{
	if (sdp_spill_reserve(spill, length, extent, err) < 0)
		return -1;
	return sdp_spill_put(spill, extent, 0, bytes, length, err);
}

const void *sdp_spill_get(const struct sdp_spill *spill, const struct sdp_extent *extent,
			  uint64_t offset, size_t length, void *room, struct sdp_err *err)
{
	if (!extent->spilled)
		return (const char *)(uintptr_t)extent->at + offset;
	ssize_t n = sdp_read_at(spill->file, room, length, extent->at + offset);
	if (n >= 0 && (size_t)n == length)
		return room;
	if (n >= 0)
		errno = EIO;
	sdp_fail_errno(err, "cannot read the temporary file");
	return NULL;
}

uint64_t sdp_spill_file_bytes(const struct sdp_spill *spill)
{
	return atomic_load(&spill->end->bytes);
}
