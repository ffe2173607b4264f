/* The scratch memory of a task (struct sdp_work). */
#include "sdp/mem.h"
#include "sdp/task.h"

#include <string.h>

void *sdp_work_scratch(struct sdp_work *work, size_t size, struct sdp_err *err)
{
	size = (size + 63) / 64 * 64;
	if (size <= work->scratch_size)
		return work->scratch;
	void *p = aligned_alloc(64, size);
	if (!p) {
		sdp_fail_memory(err);
		return NULL;
	}
	memset(p, 0, size);
	free(work->scratch);
	work->scratch = p;
	work->scratch_size = size;
	return p;
}

void sdp_work_release(struct sdp_work *work)
{
	sdp_number_column_release(&work->numbers);
	free(work->scratch);
	work->scratch = NULL;
	work->scratch_size = 0;
}
