/* What the searches of sdp-cat have in common. */
#include "search.h"

#include "sdp/mem.h"
#include "sdp/run.h"

#include <string.h>

enum { PIECE = 24 << 10 }; /* bytes of elements in a piece */

struct cat_piece {
	struct cat_piece *next;
	size_t length; /* bytes in use */
	_Alignas(16) char bytes[PIECE];
};

int cat_list_add(struct cat_list *list, const void *element, size_t size, struct sdp_work *work,
		 struct sdp_err *err)
{
	struct cat_piece *piece = list->pieces;
	if (!piece || piece->length + size > PIECE) {
		piece = sdp_spill_take(&work->spill, sizeof *piece, err);
		if (!piece)
			return -1;
		piece->next = list->pieces;
		list->pieces = piece;
	}
	memcpy(piece->bytes + piece->length, element, size);
	piece->length += size;
	list->count++;
	return 0;
}

void cat_list_join(struct cat_list *into, struct cat_list *from)
{
	struct cat_piece **end = &from->pieces;
	while (*end)
		end = &(*end)->next;
	*end = into->pieces;
	into->pieces = from->pieces;
	into->count += from->count;
}

void *cat_list_sorted(const struct cat_list *list, size_t size,
		      int (*compare)(const void *, const void *), struct sdp_err *err)
{
	char *all = sdp_alloc(list->count, size, err), *end = all;
	if (!all)
		return NULL;
	for (const struct cat_piece *piece = list->pieces; piece; piece = piece->next) {
		memcpy(end, piece->bytes, piece->length);
		end += piece->length;
	}
	qsort(all, list->count, size, compare);
	return all;
}

int cat_search_emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err)
{
	(void)plan, (void)root, (void)doc, (void)err;
	return 0;
}

int cat_search_run(const struct sdp_task *task, const struct params *params,
		   struct sdp_source *source, uint64_t wanted, struct cat_choice *choice,
		   struct sdp_err *err)
{
	struct cat_search search = {params->common, wanted, choice};
	search.common.rows_follow = true;
	cJSON *doc = cJSON_CreateObject();
	int rc = doc ? sdp_run_task_on(task, &search, source, doc, err) : sdp_fail_memory(err);
	cJSON_Delete(doc);
	return rc;
}
