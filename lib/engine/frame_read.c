/*
 * Reads the used columns of a block and keeps its used rows.
 *
 *	read     Parses every column according to its class. Numbers remain exact decimals; a null
 *	         excludes its row.
 *	choose   Selects the rows without nulls, those for fitting first, the held-out ones last.
 *	         Once the levels are known, held-out rows with others are counted and left out.
 *	keep     Stores numbers as offsets from the smallest of the block, in the narrowest width
 *	         that fits, and levels as indices into a table of the block.
 */
#include "engine/frame_private.h"

#include "base/map.h"
#include "base/rng.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* A used column of the block. */
struct column {
	const struct sdp_frame_column *what;
	struct part *part;
	unsigned seen; /* SDP_SEEN_ bits of this block */
	/* one per row; the bits of a double where its scale is SDP_CELL_REAL */
	int64_t *values;
	uint8_t *scales; /* one per row; NULL: all have the same scale */
	int scale;
	bool noted; /* Its numbers are noted in the limits of all. */
};

/* The state of reading one block. */
struct reading {
	const struct sdp_frame *frame;
	const struct sdp_block *block;
	struct sdp_work *work;
	struct column *columns;
	size_t used;    /* the number of used columns */
	uint8_t *drop;  /* one per row: it has a null */
	uint32_t *pick; /* the chosen rows; the first train of them are for fitting */
	size_t picked, train;
	int64_t *chosen; /* scratch: the values of the chosen rows */
	uint16_t *codes; /* scratch: their level indices */
	char *out;       /* what will be kept: length bytes so far */
	size_t length;
	struct sdp_err *err;
};

/* ---- levels ---- */

/* The table of the levels that occur, built at the end of out. */
struct table {
	struct sdp_map map;
	uint32_t *ends;
	char *text;
	size_t count, length, limit;
	size_t trained; /* The first of them are levels of rows for fitting. */
	bool full;      /* A level did not fit. */
};

/*
 * Sets *number to the index of a level in the table; adds it if it is new. Levels beyond the limit
 * get 0: the column then has too many and is not used, or held-out rows have levels that no other
 * row has, so that the block is read again.
 */
static int number_of_level(struct table *t, const char *text, size_t length, uint16_t *number,
			   struct sdp_err *err)
{
	const size_t *at = sdp_map_find(&t->map, text, length);
	if (!at && t->count <= t->limit) {
		if (sdp_map_add(&t->map, text, length, t->count, err) < 0)
			return -1;
		memcpy(t->text + t->length, text, length);
		t->length += length;
		t->ends[t->count] = (uint32_t)t->length;
		*number = (uint16_t)t->count++;
		return 0;
	}
	*number = at ? (uint16_t)*at : 0;
	t->full |= !at;
	return 0;
}

/*
 * The level of a row is often that of a recent row. A small hash table remembers cells of at most
 * 16 bytes.
 */
enum { RECENT = 64 };

struct recent {
	char text[16];
	size_t length; /* 0: an empty entry, which matches no cell */
	uint16_t number;
};

static struct recent *recent_place(struct recent recent[RECENT], const char *text, size_t length)
{
	unsigned first = (unsigned char)text[0], last = (unsigned char)text[length - 1];
	return &recent[(7 * length + 5 * first + last) % RECENT];
}

static int number_levels(struct reading *r, const struct column *c, struct table *t)
{
	const struct sdp_block *block = r->block;
	struct recent recent[RECENT] = {{{0}, 0, 0}};
	for (size_t i = 0; i < r->picked; i++) {
		size_t length;
		char room[32];
		const char *text = sdp_block_cell(block, r->pick[i], c->what->index, &length);
		if (i == r->train)
			t->trained = t->count;
		bool brief = length > 0 && length <= sizeof recent->text;
		struct recent *last = brief ? recent_place(recent, text, length) : NULL;
		if (brief && last->length == length && memcmp(last->text, text, length) == 0) {
			r->codes[i] = last->number;
			continue;
		}
		size_t level_length = length;
		const char *level = sdp_frame_level_text(c->what->typed.class, block->schema,
							 c->what->index, text, &level_length, room);
		if (number_of_level(t, level, level_length, &r->codes[i], r->err) < 0)
			return -1;
		if (brief) {
			memcpy(last->text, text, length);
			last->length = length;
			last->number = r->codes[i];
		}
	}
	if (r->train == r->picked)
		t->trained = t->count;
	return 0;
}

/* Appends an array of bytes bytes to out, aligned to 64. */
static void *extend(struct reading *r, size_t bytes)
{
	void *at = r->out + r->length;
	r->length += frame_aligned(bytes);
	return at;
}

static int keep_levels(struct reading *r, const struct column *c, struct cells *cells)
{
	struct table t = {.limit = frame_levels_limit(c->what)};
	struct sdp_work *work = r->work;
	cells->kind = CELLS_LEVELS;
	cells->table = r->length;
	t.ends = extend(r, (t.limit + 1) * sizeof *t.ends);
	t.text = r->out + r->length;
	int rc = number_levels(r, c, &t);
	extend(r, t.length);
	for (size_t i = 0; rc == 0 && i < t.count; i++) {
		size_t from = i ? t.ends[i - 1] : 0, length = t.ends[i] - from;
		const char *text = t.text + from;
		if (i < t.trained)
			rc = sdp_frame_level_add(c->part, c->what, &work->spill, text, length, true,
						 r->err);
		else if (!r->frame->levels_known)
			rc = sdp_frame_level_hold(c->part, c->what, &work->spill, text, length,
						  true, r->err);
	}
	c->part->held_more |= t.full;
	sdp_map_release(&t.map);
	cells->levels = (uint32_t)t.count;
	cells->offset = r->length;
	memcpy(extend(r, r->picked * sizeof *r->codes), r->codes, r->picked * sizeof *r->codes);
	return rc;
}

/* ---- numbers ---- */

static void note_decimal(struct part *part, int scale, uint64_t most)
{
	part->scales[scale] = true;
	if (part->most[scale] < most)
		part->most[scale] = most;
}

static void note_range(struct part *part, double low, double high)
{
	part->low = part->any ? fmin(part->low, low) : low;
	part->high = part->any ? fmax(part->high, high) : high;
	part->any = true;
}

static void note_real(struct part *part, double most, int scale)
{
	part->real_scale = part->real && part->real_scale > scale ? part->real_scale : scale;
	part->most_real = fmax(part->most_real, most);
	part->real = true;
}

static int keep_mixed(struct reading *r, const struct column *c, struct cells *cells)
{
	struct sdp_buf digits = {0};
	size_t n = r->picked;
	int64_t *value = extend(r, n * sizeof *value);
	double *real = extend(r, n * sizeof *real);
	int16_t *scale = extend(r, n * sizeof *scale);
	int rc = 0;
	cells->kind = CELLS_MIXED;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		uint32_t row = r->pick[i];
		value[i] = c->values[row];
		scale[i] = c->scales[row];
		if (scale[i] != SDP_CELL_REAL) {
			double near = (double)value[i] / (double)sdp_pow10[scale[i]];
			note_decimal(c->part, scale[i], sdp_magnitude(value[i]));
			note_range(c->part, near, near);
			continue;
		}
		memcpy(&real[i], &value[i], sizeof real[i]);
		note_range(c->part, real[i], real[i]);
		rc = sdp_frame_keep_exact(r->block, row, c->what->index, &digits, r->out,
					  &r->length, &value[i], &scale[i], r->err);
		if (!value[i] || rc < 0)
			continue;
		int places = scale[i];
		if (places == SCALE_BIG)
			places =
				(int)((const struct big *)(const void *)(r->out + value[i]))->scale;
		/* Nearer to 0, doubles have few digits or none. */
		note_real(c->part, fmax(fabs(real[i]), DBL_MIN), places);
	}
	r->length = frame_aligned(r->length);
	sdp_buf_release(&digits);
	return rc;
}

#define NARROW(type)                                                                               \
	do {                                                                                       \
		type *to = extend(r, r->picked * sizeof *to);                                      \
		for (size_t i = 0; i < r->picked; i++)                                             \
			to[i] = (type)((uint64_t)values[i] - (uint64_t)low);                       \
	} while (0)

/*
 * Divides all values by the largest power of ten that divides them exactly. Returns the scale that
 * remains.
 */
static int least_scale(int64_t *values, size_t n, int scale)
{
	for (; scale > 0; scale--) {
		for (size_t i = 0; i < n; i++)
			if (values[i] % 10)
				return scale;
		for (size_t i = 0; i < n; i++)
			values[i] /= 10;
	}
	return scale;
}

static void keep_decimals(struct reading *r, const struct column *c, struct cells *cells)
{
	const int64_t *values = c->values;
	int scale = c->scale;
	if (r->picked < r->block->rows || r->train < r->picked) {
		for (size_t i = 0; i < r->picked; i++)
			r->chosen[i] = values[r->pick[i]];
		values = r->chosen;
	}
	/* The dropped rows may have had more digits than the kept ones. */
	if (r->picked < r->block->rows)
		scale = least_scale(r->chosen, r->picked, scale);
	int64_t low = values[0], high = values[0];
	for (size_t i = 1; i < r->picked; i++) {
		low = values[i] < low ? values[i] : low;
		high = values[i] > high ? values[i] : high;
	}
	uint64_t a = sdp_magnitude(low), b = sdp_magnitude(high),
		 span = (uint64_t)high - (uint64_t)low;
	note_decimal(c->part, scale, a > b ? a : b);
	note_range(c->part, (double)low / (double)sdp_pow10[scale],
		   (double)high / (double)sdp_pow10[scale]);
	cells->kind = CELLS_DECIMAL;
	cells->base = low;
	cells->scale = (uint8_t)scale;
	cells->width = span >> 32 ? 8 : span >> 16 ? 4 : span >> 8 ? 2 : 1;
	switch (cells->width) {
	case 1:
		NARROW(uint8_t);
		break;
	case 2:
		NARROW(uint16_t);
		break;
	case 4:
		NARROW(uint32_t);
		break;
	default:
		NARROW(uint64_t);
	}
}

/* ---- reading ---- */

/* Parses the column as numbers. Cells that are not numbers only set bits in seen. */
static int read_numbers(struct reading *r, struct column *c)
{
	struct sdp_number_column *n = &r->work->numbers;
	size_t rows = r->block->rows;
	if (sdp_block_numbers(r->block, c->what->index, n, r->err) < 0)
		return -1;
	c->seen = n->seen;
	c->part->values += rows - n->nulls;
	for (size_t i = 0; n->nulls && i < rows; i++)
		r->drop[i] |= n->scale[i] == SDP_CELL_NULL;
	if (!c->values)
		return 0;
	if (n->wides > 0)
		sdp_frame_find_wide(r->block, c->what->index, n);
	bool aligned = sdp_number_column_align(n);
	memcpy(c->values, n->mantissa, rows * sizeof *c->values);
	c->scale = n->max_scale;
	if (aligned && n->reals == 0) {
		c->scales = NULL;
		c->noted = n->nulls && !r->frame->explicit;
		if (c->noted)
			sdp_frame_note_all(c->part, c->values, n->scale, c->scale, rows);
		return 0;
	}
	memcpy(c->scales, n->scale, rows);
	for (size_t i = 0; n->reals && i < rows; i++)
		if (n->scale[i] == SDP_CELL_REAL)
			memcpy(&c->values[i], &n->real[i], sizeof n->real[i]);
	return 0;
}

static int read_texts(struct reading *r, struct column *c)
{
	const struct sdp_block *block = r->block;
	if (c->what->typed.class == SDP_CLASS_NUMBER)
		return read_numbers(r, c);
	if (c->what->typed.class != SDP_CLASS_TEXT)
		c->seen = sdp_block_seen(block, c->what->index);
	for (size_t row = 0; row < block->rows; row++) {
		size_t length;
		const char *s = sdp_block_cell(block, row, c->what->index, &length);
		r->drop[row] |= sdp_is_null(&block->schema->nulls, s, length);
	}
	return 0;
}

static int read_column(struct reading *r, struct column *c)
{
	switch (c->what->role) {
	case SDP_FRAME_NUMBER:
		return read_numbers(r, c);
	case SDP_FRAME_LEVEL:
		return read_texts(r, c);
	case SDP_FRAME_OUT:
		if (c->what->typed.class != SDP_CLASS_TEXT)
			c->seen = sdp_block_seen(r->block, c->what->index);
		break;
	}
	return 0;
}

/* Counts the cells that keep a column, which was just read, from being a number if it nearly is. */
static int count_misfits(struct reading *r, struct column *c)
{
	const struct sdp_typed_column *typed = &c->what->typed;
	bool empty = typed->class == SDP_CLASS_NONE && !c->part->seen;
	return typed->nearly != SDP_CLASS_NUMBER || empty
		       ? 0
		       : sdp_typed_column_count(typed, &c->part->misfits, r->block, c->what->index,
						&r->work->numbers, r->err);
}

/*
 * Reads all columns of the block. Returns 1 if its rows cannot be used because a column of numbers
 * has other cells, so that the pass must be repeated; else 0 or -1.
 */
static int read_columns(struct reading *r, struct sdp_frame_state *state)
{
	const struct sdp_frame *f = r->frame;
	bool mistyped = false;
	struct sdp_fault fault = {0};
	struct column *next = r->columns, out;
	for (size_t i = 0; i < f->column_count; i++) {
		const struct sdp_frame_column *what = &f->columns[i];
		struct column *c = what->role == SDP_FRAME_OUT ? &out : next++;
		if (c == &out)
			out = (struct column){0};
		c->what = what;
		c->part = &state->parts[i];
		if (read_column(r, c) < 0)
			return -1;
		c->part->seen |= c->seen;
		if (count_misfits(r, c) < 0)
			return -1;
		bool other = c->seen & ~(SDP_SEEN_INTEGER | SDP_SEEN_REAL);
		mistyped |= what->role == SDP_FRAME_NUMBER && other;
		if (what->number && !what->typed.fixed && other)
			sdp_fault_find(&fault, r->block, what->index, SDP_REAL_TYPE);
		sdp_fault_check_type(&fault, r->block, what->index, c->seen);
	}
	return sdp_frame_refuse(f, &fault, r->err) < 0 ? -1 : mistyped;
}

/*
 * Sets *unseen to whether a held-out row has a level that its column does not have. Notes each such
 * level and counts the row in each such column. Returns 0 or -1.
 */
static int find_unseen(struct reading *r, size_t row, bool *unseen)
{
	const struct sdp_block *block = r->block;
	*unseen = false;
	for (struct column *c = r->columns; c < r->columns + r->used; c++) {
		size_t length;
		char room[32];
		bool found;
		if (c->what->role != SDP_FRAME_LEVEL)
			continue;
		const char *text = sdp_block_cell(block, row, c->what->index, &length);
		text = sdp_frame_level_text(c->what->typed.class, block->schema, c->what->index,
					    text, &length, room);
		sdp_frame_level_find(c->what->levels, c->what->level_count, text, length, &found);
		if (found)
			continue;
		*unseen = true;
		c->part->unseen_rows++;
		if (sdp_frame_level_hold(c->part, c->what, &r->work->spill, text, length, true,
					 r->err) < 0)
			return -1;
	}
	return 0;
}

static int choose_rows(struct reading *r, struct sdp_frame_state *state)
{
	const struct sdp_frame *f = r->frame;
	uint64_t seed = sdp_rng_input(f->seed, r->block->input);
	size_t rows = r->block->rows, held = 0;
	uint32_t *last = r->pick + rows;
	r->picked = 0;
	for (size_t row = 0; row < rows; row++) {
		bool unseen = false;
		if (r->drop[row])
			continue;
		if (!(f->test_fraction > 0 && sdp_rng_unit(seed, sdp_block_record(r->block, row),
							   SDP_DRAW_TEST) < f->test_fraction)) {
			r->pick[r->picked++] = (uint32_t)row;
			continue;
		}
		state->held++;
		if (f->levels_known && find_unseen(r, row, &unseen) < 0)
			return -1;
		if (!unseen)
			*(last - ++held) = (uint32_t)row;
	}
	r->train = r->picked;
	/* They were collected at the end in reverse order. */
	for (size_t i = 0; i < held; i++)
		r->chosen[i] = *(last - i - 1);
	for (size_t i = 0; i < held; i++)
		r->pick[r->picked++] = (uint32_t)r->chosen[i];
	return 0;
}

static const struct column *column_of(const struct reading *r, size_t index)
{
	const struct column *c = r->columns;
	while (c->what != &r->frame->columns[index])
		c++;
	return c;
}

/* Notes the cells of a term that have no logarithm or square root. */
static void check_domain(const struct reading *r, const struct sdp_term *term,
			 struct sdp_fault *fault)
{
	const struct column *c = column_of(r, term->factor[0]);
	for (size_t i = 0; i < r->picked; i++) {
		/* The sign of the bits of a double is its sign. */
		int64_t v = c->values[r->pick[i]];
		if (v < 0 || (v == 0 && term->kind == SDP_TERM_LOG))
			sdp_fault_note(fault, (struct sdp_fault){.block = r->block,
								 .row = r->pick[i],
								 .column = c->what->index,
								 .subject = term->name,
								 .problem = " has no value at "});
	}
}

/*
 * Notes the first row whose product exceeds the doubles, at its largest factor. A product of up to
 * 16 numbers below 2^63 does not.
 */
static void check_product(const struct reading *r, const struct sdp_term *term,
			  struct sdp_fault *fault)
{
	const struct column *factors[SDP_TERM_DEGREE];
	size_t count = 0;
	bool reals = false;
	for (size_t k = 0; k < term->degree; k++) {
		const struct column *c = column_of(r, term->factor[k]);
		if (c->what->role != SDP_FRAME_NUMBER)
			continue;
		reals |= c->scales != NULL;
		factors[count++] = c;
	}
	for (size_t i = 0; reals && count > 1 && i < r->picked; i++) {
		double product = 1, most = -1;
		size_t column = 0, row = r->pick[i];
		for (size_t k = 0; k < count; k++) {
			const struct column *c = factors[k];
			double x = sdp_frame_double(c->values[row],
						    c->scales ? c->scales[row] : c->scale);
			product *= x;
			column = fabs(x) > most ? factors[k]->what->index : column;
			most = fmax(most, fabs(x));
		}
		if (isfinite(product))
			continue;
		sdp_fault_note(fault, (struct sdp_fault){.block = r->block,
							 .row = row,
							 .column = column,
							 .subject = term->name,
							 .problem = " exceeds the doubles at "});
		return;
	}
}

/* Fails at the first cell at which a term has no value, or none that may be used. */
static int check_terms(const struct reading *r)
{
	const struct sdp_frame *f = r->frame;
	struct sdp_fault fault = {0};
	for (size_t t = 0; t < f->term_count; t++)
		if (sdp_term_is_function(&f->terms[t]))
			check_domain(r, &f->terms[t], &fault);
		else if (f->doubles && f->terms[t].kind == SDP_TERM_PRODUCT)
			check_product(r, &f->terms[t], &fault);
	return sdp_fault_fail(&fault, r->err);
}

/* Notes the numbers of a block of which rows are dropped in the limits of all. */
static void note_dropped(const struct reading *r)
{
	for (const struct column *c = r->columns; c < r->columns + r->used; c++)
		if (c->values && !c->noted)
			sdp_frame_note_all(c->part, c->values, c->scales, c->scales ? -1 : c->scale,
					   r->block->rows);
}

static int keep(struct reading *r, struct sdp_frame_state *state)
{
	struct sdp_spill *spill = &r->work->spill;
	struct cells *cells = extend(r, r->used * sizeof *cells);
	for (size_t i = 0; i < r->used; i++) {
		struct column *c = &r->columns[i];
		cells[i].offset = r->length;
		if (c->what->role == SDP_FRAME_LEVEL) {
			if (keep_levels(r, c, &cells[i]) < 0)
				return -1;
		} else if (c->scales) {
			if (keep_mixed(r, c, &cells[i]) < 0)
				return -1;
		} else {
			keep_decimals(r, c, &cells[i]);
		}
	}
	struct sdp_frame_block *kept = sdp_spill_take(spill, sizeof *kept, r->err);
	if (!kept || sdp_spill_keep(spill, r->out, r->length, &kept->extent, r->err) < 0)
		return -1;
	kept->chunk = r->block->chunk;
	kept->rows = r->picked;
	kept->train = r->train;
	kept->next = state->blocks;
	state->blocks = kept;
	state->used += r->train;
	state->tested += r->picked - r->train;
	return 0;
}

/* Allocates all arrays above in one piece of scratch memory. */
static int make_room(struct reading *r)
{
	const struct sdp_frame *f = r->frame;
	size_t rows = r->block->rows, numbers = 0, levels = 0;
	for (size_t i = 0; i < f->column_count; i++) {
		numbers += f->columns[i].role == SDP_FRAME_NUMBER;
		levels += f->columns[i].role == SDP_FRAME_LEVEL;
	}
	r->used = numbers + levels;
	const struct sdp_block *b = r->block;
	size_t text = b->ends[(b->starts ? b->starts[rows] : rows * b->columns) - 1];
	size_t head = frame_aligned(r->used * sizeof *r->columns), each = frame_aligned(rows * 8);
	size_t fixed = head + 4 * each + 2 * numbers * each;
	/* A struct big has at most twice the bytes of its cell, which has at least 19. */
	size_t mixed = 2 * each + frame_aligned(rows * sizeof(int16_t)) + 64;
	size_t out = frame_aligned(r->used * sizeof(struct cells)) + numbers * mixed +
		     (numbers ? 2 * text : 0) + levels * (each + (SDP_FRAME_LEVELS_MAX + 2) * 40) +
		     text + 64 * r->used;
	char *p = sdp_work_scratch(r->work, fixed + out, r->err);
	if (!p)
		return -1;
	memset(p, 0, head);
	r->columns = (struct column *)(void *)p;
	p += head;
	r->drop = memset(p, 0, rows);
	r->pick = (uint32_t *)(void *)(p + each);
	r->chosen = (int64_t *)(void *)(p + 2 * each);
	r->codes = (uint16_t *)(void *)(p + 3 * each);
	p += 4 * each;
	for (size_t i = 0, u = 0; i < f->column_count; i++) {
		struct column *c = &r->columns[u];
		u += f->columns[i].role != SDP_FRAME_OUT;
		if (f->columns[i].role != SDP_FRAME_NUMBER)
			continue;
		c->values = (int64_t *)(void *)p;
		c->scales = (uint8_t *)p + each;
		p += 2 * each;
	}
	r->out = p;
	return 0;
}

int sdp_frame_update(const struct sdp_frame *frame, struct sdp_frame_state *state,
		     const struct sdp_block *block, struct sdp_work *work, struct sdp_err *err)
{
	struct reading r = {.frame = frame, .block = block, .work = work, .err = err};
	state->rows += block->rows;
	if (block->rows == 0)
		return 0;
	if (make_room(&r) < 0)
		return -1;
	int rc = read_columns(&r, state);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (choose_rows(&r, state) < 0)
		return -1;
	if (r.picked < block->rows && !frame->explicit)
		note_dropped(&r);
	if (r.picked == 0)
		return 0;
	if (check_terms(&r) < 0)
		return -1;
	return keep(&r, state);
}

size_t sdp_frame_state_size(const struct sdp_frame *frame)
{
	return sizeof(struct sdp_frame_state) + frame->column_count * sizeof(struct part);
}

static int merge_part(struct part *a, const struct part *b, const struct sdp_frame_column *column,
		      struct sdp_spill *spill, struct sdp_err *err)
{
	a->seen |= b->seen;
	sdp_misfits_merge(&a->misfits, &b->misfits);
	a->too_many_levels |= b->too_many_levels;
	a->values += b->values;
	if (b->all)
		sdp_frame_note_limits(a, b->all_low, b->all_high);
	if (b->any)
		note_range(a, b->low, b->high);
	if (b->real)
		note_real(a, b->most_real, b->real_scale);
	for (int s = 0; s <= SDP_SCALE_MAX; s++)
		if (b->scales[s])
			note_decimal(a, s, b->most[s]);
	for (size_t i = 0; i < b->levels.count; i++)
		if (sdp_frame_level_add(a, column, spill, b->levels.items[i].data,
					b->levels.items[i].length, false, err) < 0)
			return -1;
	if (a->too_many_levels)
		a->levels.count = 0;
	a->held_more |= b->held_more;
	a->unseen_rows += b->unseen_rows;
	for (size_t i = 0; i < b->held.count; i++)
		if (sdp_frame_level_hold(a, column, spill, b->held.items[i].data,
					 b->held.items[i].length, false, err) < 0)
			return -1;
	return 0;
}

int sdp_frame_merge(const struct sdp_frame *frame, struct sdp_frame_state *into,
		    struct sdp_frame_state *from, struct sdp_work *work, struct sdp_err *err)
{
	into->rows += from->rows;
	into->used += from->used;
	into->held += from->held;
	into->tested += from->tested;
	struct sdp_frame_block **end = &from->blocks;
	while (*end)
		end = &(*end)->next;
	*end = into->blocks;
	into->blocks = from->blocks;
	for (size_t i = 0; i < frame->column_count; i++)
		if (merge_part(&into->parts[i], &from->parts[i], &frame->columns[i], &work->spill,
			       err) < 0)
			return -1;
	return 0;
}
