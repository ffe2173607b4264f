/* The part of correlations that needs ranks: keeps the columns, ranks them, and takes pairs. */
#include "base/order.h"
#include "correlation_plan.h"
#include "sdp/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 20 }; /* columns of which pairs are ranked one by one */

static int check_memory(const struct plan *plan, uint64_t rows, struct sdp_work *work,
			struct sdp_err *err)
{
	uint64_t need = 0;
	for (size_t i = 0; i < plan->used; i++) {
		size_t width = sdp_rank_key_width(plan->units[i].limbs, INT32_MAX);
		uint64_t own = sdp_rank_memory(width, rows) + rows * (width + sizeof(uint32_t));
		need = own > need ? own : need;
	}
	uint64_t pair = sdp_rank_pair_memory(rows) + 2 * rows * sizeof(uint32_t);
	need = pair > need ? pair : need;
	return need <= correlation_memory(work->memory)
		       ? 0
		       : sdp_fail(err, SDP_SYSTEM,
				  "the ranks of %" PRIu64 " rows need %.0f MB in each of %d "
				  "workers: a greater --max-memory or fewer workers will do",
				  rows, (double)need / 1e6, work->workers);
}

int correlation_ranks_check(const struct plan *plan, const struct state *s, struct sdp_work *work,
			    struct sdp_err *err)
{
	bool many = plan->pairs > FEW && plan->against == SDP_PAIRS_ALL;
	if (many && plan->params->method == CORRELATION_KENDALL)
		return sdp_fail(err, SDP_DATA,
				"--correlation kendall compares at most %d columns, not %zu: "
				"choose by -x, or compare with one by --against",
				FEW, plan->pairs);
	for (size_t i = 0; many && i < plan->used; i++)
		if (s->parts[plan->read[i]].nulls)
			return sdp_fail(err, SDP_DATA,
					"column '%s' lacks values, and each pair of more than %d "
					"columns would have ranks of its own: --drop-nulls uses "
					"complete rows only, --against compares with one column",
					plan->columns[plan->read[i]].name, FEW);
	if (s->used > SDP_RANKS_MAX)
		return sdp_fail(err, SDP_DATA, "more than %" PRIu64 " rows have no ranks",
				SDP_RANKS_MAX);
	for (size_t i = 0; i < plan->used; i++)
		plan->widths[i] = sdp_rank_key_width(plan->units[i].limbs,
						     sdp_exact_bits(&s->parts[plan->read[i]].need,
								    plan->units[i].tens));
	return check_memory(plan, s->used, work, err);
}

/* ---- storing ---- */

void correlation_find_nulls(const struct sdp_exact_column *c, size_t from, size_t n,
			    struct sdp_pair_nulls *nulls)
{
	nulls->count = 0;
	if (!c->nulls)
		return;
	memset(nulls->bits, 0, sizeof nulls->bits);
	for (size_t i = 0; i < n; i++)
		if (c->scale[from + i] == SDP_CELL_NULL) {
			nulls->rows[nulls->count++] = (uint16_t)i;
			nulls->bits[i / 64] |= UINT64_C(1) << i % 64;
		}
}

static size_t aligned(size_t n)
{
	return (n + 63) / 64 * 64;
}

int correlation_ranks_keep(const struct plan *plan, struct state *s,
			   const struct sdp_exact_columns *columns, uint64_t chunk,
			   struct sdp_work *work, struct sdp_err *err)
{
	size_t rows = columns->rows, length = 0;
	struct sdp_pair_nulls nulls;
	int32_t *tile = columns->room;
	struct correlation_block *block = sdp_spill_take(&work->spill, sizeof *block, err);
	for (size_t i = 0; i < plan->used; i++)
		length += aligned(plan->widths[i] * rows);
	char *keys = sdp_alloc(length, 1, err), *at = keys;
	if (!block || !keys) {
		free(keys);
		return -1;
	}
	for (size_t i = 0; i < plan->used; at += aligned(plan->widths[i] * rows), i++)
		for (size_t from = 0; from < rows; from += SDP_TILE) {
			size_t n = rows - from < SDP_TILE ? rows - from : SDP_TILE;
			sdp_exact_column_limbs(&columns->columns[i], plan->units[i].tens,
					       plan->units[i].limbs, from, n, tile);
			correlation_find_nulls(&columns->columns[i], from, n, &nulls);
			sdp_rank_keys(tile, plan->units[i].limbs, n, plan->widths[i], &nulls,
				      at + plan->widths[i] * from);
		}
	block->chunk = chunk;
	block->rows = rows;
	block->next = s->blocks;
	int rc = sdp_spill_keep(&work->spill, keys, length, &block->extent, err);
	if (rc == 0)
		s->blocks = block;
	free(keys);
	return rc;
}

SDP_ORDER_POINTERS_BY(by_chunk, struct correlation_block, chunk)

int correlation_ranks_take(struct plan *plan, const struct state *s, struct sdp_work *work,
			   struct sdp_err *err)
{
	size_t count = 0;
	for (const struct correlation_block *b = s->blocks; b; b = b->next)
		count++;
	if (!(plan->blocks = sdp_spill_take(&work->spill, (count + 1) * sizeof(void *), err)))
		return -1;
	for (const struct correlation_block *b = s->blocks; b; b = b->next)
		plan->blocks[plan->block_count++] = b;
	qsort(plan->blocks, count, sizeof(void *), by_chunk);
	plan->root = s;
	return 0;
}

/* ---- ranking ---- */

/* Copies the keys of a column, of all blocks. */
static int load_keys(const struct plan *plan, size_t column, struct sdp_work *work, char *out,
		     struct sdp_err *err)
{
	for (size_t i = 0; i < plan->block_count; i++) {
		const struct correlation_block *b = plan->blocks[i];
		size_t length = plan->widths[column] * b->rows;
		uint64_t offset = 0;
		for (size_t k = 0; k < column; k++)
			offset += aligned(plan->widths[k] * b->rows);
		const void *keys =
			sdp_spill_get(&work->spill, &b->extent, offset, length, out, err);
		if (!keys)
			return -1;
		if (keys != out)
			memcpy(out, keys, length);
		out += length;
	}
	return 0;
}

int correlation_ranks_find(const struct plan *plan, struct state *s, size_t number,
			   struct sdp_work *work, struct sdp_err *err)
{
	size_t column = plan->numeric[number], rows = plan->root->used;
	char *keys = sdp_alloc(rows + 1, plan->widths[column], err);
	uint32_t *ranks = sdp_alloc(rows + 1, sizeof *ranks, err);
	int rc = keys && ranks ? load_keys(plan, column, work, keys, err) : -1;
	if (rc == 0)
		rc = sdp_rank(keys, plan->widths[column], rows, ranks, err);
	/* One more than there are, so that the extent is not empty. */
	if (rc == 0)
		rc = sdp_spill_keep(&work->spill, ranks, (rows + 1) * sizeof *ranks,
				    &s->ranks[number], err);
	free(keys);
	free(ranks);
	return rc;
}

/* ---- pairs ---- */

static const uint32_t *load_ranks(const struct plan *plan, size_t number, struct sdp_work *work,
				  uint32_t *room, struct sdp_err *err)
{
	const struct sdp_extent *extent = &plan->root->ranks[number];
	return sdp_spill_get(&work->spill, extent, 0, extent->length, room, err);
}

int correlation_ranks_correlate(const struct plan *plan, size_t number,
				struct sdp_correlation *results, struct sdp_work *work,
				struct sdp_err *err)
{
	size_t rows = plan->root->used;
	uint32_t *room = sdp_alloc(2 * (rows + 1), sizeof *room, err);
	const uint32_t *x = room ? load_ranks(plan, number, work, room, err) : NULL, *y = x;
	int rc = x ? 0 : -1;
	for (size_t k = 0; rc == 0 && k < correlation_count(plan, number); k++) {
		y = load_ranks(plan, correlation_partner(plan, number, k), work, room + rows + 1,
			       err);
		rc = !y ? -1
		     : plan->params->method == CORRELATION_KENDALL
			     ? sdp_rank_kendall(x, y, rows, &results[k], err)
			     : sdp_rank_spearman(x, y, rows, &results[k], err);
	}
	free(room);
	return rc;
}
