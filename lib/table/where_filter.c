/* Removes the rows of a block that an expression of --where does not want. */
#include "table/where.h"

#include "sdp/mem.h"
#include "table/where_eval.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

static struct sdp_where_scratch *new_scratch(const struct sdp_where *where, struct sdp_err *err)
{
	struct sdp_where_scratch *s = sdp_alloc(1, sizeof *s, err);
	if (!s)
		return NULL;
	s->where = where;
	s->values = sdp_alloc(where->count, sizeof *s->values, err);
	if (s->values)
		return s;
	free(s);
	return NULL;
}

void sdp_where_scratch_free(struct sdp_where_scratch *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->where->count; i++)
		sdp_where_value_release(&s->values[i]);
	pcre2_match_context_free(s->limits);
	free(s->values);
	free(s->kept.records);
	free(s);
}

int sdp_where_filter(const struct sdp_where *where, struct sdp_where_scratch **scratch,
		     struct sdp_block *block, struct sdp_err *err)
{
	if (!*scratch && !(*scratch = new_scratch(where, err)))
		goto failed;
	struct sdp_where_scratch *s = *scratch;
	struct sdp_where_value *v = sdp_where_value(s, where->root);
	s->block = block;
	s->fault = (struct sdp_fault){0};
	if (block->rows == 0)
		return 0;
	if (sdp_where_evaluate(s, where->root, err) < 0)
		goto failed;
	if (v->constant) {
		uint8_t truth = v->truth[0];
		v->constant = false;
		if (sdp_where_need_truth(s, v, err) < 0)
			goto failed;
		memset(v->truth, truth, block->rows);
	}
	/* The message shows the cell, which moves afterwards. */
	int rc = sdp_fault_fail(&s->fault, err);
	if (rc < 0)
		block->rows = s->fault.row;
	struct sdp_err later;
	if (sdp_keep_rows(block, v->truth, &s->kept, rc < 0 ? &later : err) < 0)
		goto failed;
	return rc;
failed:
	block->rows = 0;
	return -1;
}
