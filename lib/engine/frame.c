/*
 * The columns of a frame: which ones are used, what type and role they turn out to have, and
 * whether the input must be read again.
 */
#include "engine/frame_private.h"

#include "base/map.h"
#include "base/order.h"
#include "sdp/columns.h"
#include "sdp/exact.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the options ---- */

/* Returns the index in the frame of column index of the schema; adds the column if necessary. */
static size_t column_of(struct sdp_frame *f, const struct sdp_schema *schema, size_t index)
{
	const struct sdp_column *c = &schema->columns[index];
	for (size_t i = 0; i < f->column_count && f->explicit; i++)
		if (f->indices[i] == index)
			return i;
	f->columns[f->column_count] = (struct sdp_frame_column){
		.index = index,
		.name = c->name,
		.typed = sdp_typed_column(c),
	};
	f->indices[f->column_count] = index;
	return f->column_count++;
}

static int take_terms(struct sdp_frame *f, const struct sdp_schema *schema,
		      const struct sdp_term *terms, size_t count, struct sdp_spill *spill,
		      struct sdp_err *err)
{
	if (!(f->terms = sdp_spill_take(spill, (count + 1) * sizeof *f->terms, err)))
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct sdp_term *t = &f->terms[f->term_count++];
		*t = terms[i];
		if (!(t->name = sdp_spill_text(spill, t->name, err)))
			return -1;
		for (size_t k = 0; k < t->degree; k++) {
			t->factor[k] = column_of(f, schema, t->factor[k]);
			f->columns[t->factor[k]].required = true;
			f->columns[t->factor[k]].number |= sdp_term_needs_number(&terms[i], k);
		}
	}
	return 0;
}

/*
 * Adds every column except the target as a term; columns that cannot be used are dropped after the
 * last pass.
 */
static int take_all(struct sdp_frame *f, const struct sdp_schema *schema, struct sdp_spill *spill,
		    struct sdp_err *err)
{
	if (!(f->terms = sdp_spill_take(spill, schema->count * sizeof *f->terms, err)))
		return -1;
	for (size_t i = 0; i < schema->count; i++)
		if (i != f->columns[0].index)
			f->terms[f->term_count++] = (struct sdp_term){
				.degree = 1,
				.factor = {column_of(f, schema, i)},
				.name = schema->columns[i].name,
			};
	return 0;
}

static int take_features(struct sdp_frame *f, const struct sdp_schema *schema, const char *list,
			 struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_term *terms;
	size_t count;
	if (!list)
		return take_all(f, schema, spill, err);
	if (sdp_formula_parse(schema, list, f->columns[0].index, &terms, &count, err) < 0)
		return -1;
	int rc = take_terms(f, schema, terms, count, spill, err);
	sdp_formula_free(terms, count);
	return rc;
}

/* Returns the feature with this name, or NULL with a usage error that names the option. */
static struct sdp_frame_column *feature(struct sdp_frame *f, const struct sdp_schema *schema,
					const char *name, size_t length, const char *option,
					struct sdp_err *err)
{
	size_t index;
	if (sdp_columns_find(schema, name, length, &index, err) < 0)
		return NULL;
	for (size_t i = 1; i < f->column_count; i++)
		if (f->indices[i] == index)
			return &f->columns[i];
	sdp_fail(err, SDP_USAGE, "%s: column '%s' is no feature", option,
		 schema->columns[index].name);
	return NULL;
}

static int take_categorical(struct sdp_frame *f, const struct sdp_schema *schema,
			    const struct sdp_frame_options *options, struct sdp_err *err)
{
	for (size_t i = 0; i < options->categorical_count; i++) {
		const char *name = options->categorical[i];
		struct sdp_frame_column *c =
			feature(f, schema, name, strlen(name), "--categorical", err);
		if (!c)
			return -1;
		if (c->number)
			return sdp_fail(err, SDP_USAGE,
					"--categorical: a power, logarithm or root of column '%s' "
					"in -x makes it a number",
					c->name);
		c->categorical = true;
		c->required = true;
	}
	return 0;
}

/*
 * Parses COLUMN=LEVEL. As names and levels may contain a "=", the shortest text that names a
 * feature is the column.
 */
static int take_references(struct sdp_frame *f, const struct sdp_schema *schema,
			   const struct sdp_frame_options *options, struct sdp_err *err)
{
	for (size_t i = 0; i < options->reference_count; i++) {
		const char *text = options->references[i], *at = strchr(text, '=');
		struct sdp_frame_column *c = NULL;
		if (!at)
			return sdp_fail(err, SDP_USAGE, "--reference: not COLUMN=LEVEL: '%s'",
					text);
		for (; !c && at; at = strchr(at + 1, '=')) {
			if (!(c = feature(f, schema, text, (size_t)(at - text), "--reference",
					  err)))
				continue;
			c->reference_text = at + 1;
			c->schema = schema;
		}
		if (!c)
			return -1;
	}
	return 0;
}

/* Sets the role of a column from its class and its options. */
static void assign_role(struct sdp_frame_column *c)
{
	bool levels = c->typed.class == SDP_CLASS_TEXT || c->typed.class == SDP_CLASS_BOOLEAN ||
		      c->categorical;
	if (c->id)
		c->role = SDP_FRAME_OUT;
	else if (c->number || (c->typed.class == SDP_CLASS_NUMBER && !c->categorical))
		c->role = SDP_FRAME_NUMBER;
	else if (levels || (c->typed.class == SDP_CLASS_NONE && c->required))
		c->role = c->too_many_levels ? SDP_FRAME_OUT : SDP_FRAME_LEVEL;
	else
		c->role = SDP_FRAME_OUT;
}

struct sdp_frame *sdp_frame_new(const struct sdp_schema *schema,
				const struct sdp_frame_options *options, struct sdp_spill *spill,
				struct sdp_err *err)
{
	size_t target, room = schema->count + SDP_FRAME_WARNINGS;
	if (sdp_columns_find(schema, options->target, strlen(options->target), &target, err) < 0)
		return NULL;
	struct sdp_frame *f = sdp_spill_take(spill, sizeof *f, err);
	if (!f || !(f->columns = sdp_spill_take(spill, schema->count * sizeof *f->columns, err)) ||
	    !(f->indices = sdp_spill_take(spill, schema->count * sizeof *f->indices, err)) ||
	    !(f->warnings = sdp_spill_take(spill, 2 * room * sizeof *f->warnings, err)))
		return NULL;
	f->schema = schema;
	f->printed = f->warnings + room;
	f->warning_room = room;
	f->explicit = options->features != NULL;
	f->doubles = options->doubles;
	f->test_fraction = options->test_fraction;
	f->seed = options->seed;
	struct sdp_frame_column *y = &f->columns[column_of(f, schema, target)];
	y->required = true;
	y->number = !options->label;
	y->categorical = options->label;
	if (take_features(f, schema, options->features, spill, err) < 0 ||
	    take_categorical(f, schema, options, err) < 0 ||
	    take_references(f, schema, options, err) < 0)
		return NULL;
	for (size_t i = 0; i < f->column_count; i++) {
		struct sdp_frame_column *c = &f->columns[i];
		if (c->number && c->typed.fixed &&
		    sdp_type_class(c->typed.type) != SDP_CLASS_NUMBER) {
			sdp_fail(err, SDP_USAGE,
				 "--types: column '%s' is used as a number and cannot be a %s",
				 c->name, sdp_type_name(c->typed.type));
			return NULL;
		}
		if (c->number)
			c->typed.class = SDP_CLASS_NUMBER;
		assign_role(c);
	}
	return f;
}

static int add_warning(struct sdp_frame *f, struct sdp_spill *spill, const char *text,
		       const char *printed, struct sdp_err *err)
{
	size_t i = f->warning_count;
	if (i == f->warning_room)
		return 0;
	f->warnings[i] = sdp_spill_text(spill, text, err);
	f->printed[i] = printed == text ? f->warnings[i] : sdp_spill_text(spill, printed, err);
	f->warning_count++;
	return f->warnings[i] && f->printed[i] ? 0 : -1;
}

int sdp_frame_warn(struct sdp_frame *f, struct sdp_spill *spill, struct sdp_err *err,
		   const char *format, ...)
{
	struct sdp_buf text = {0};
	va_list ap;
	va_start(ap, format);
	int rc = sdp_buf_vformat(&text, err, format, ap);
	va_end(ap);
	if (rc == 0)
		rc = add_warning(f, spill, text.data, text.data, err);
	sdp_buf_release(&text);
	return rc;
}

const char *sdp_frame_next_warning(struct sdp_frame *f)
{
	return f->warnings_done < f->warning_count ? f->printed[f->warnings_done++] : NULL;
}

/* ---- after a pass ---- */

/*
 * Updates type and role of a column from the cells that were read. Returns whether the column must
 * be read again in another way.
 */
static bool update_column(struct sdp_frame_column *c, const struct part *part)
{
	enum sdp_frame_role role = c->role;
	bool again = sdp_typed_column_update(&c->typed, part->seen);
	c->too_many_levels |= part->too_many_levels;
	assign_role(c);
	/* Another class may give the levels other texts. */
	return c->role != role || (c->role == SDP_FRAME_LEVEL && again);
}

static int refuse_column(const struct sdp_frame *f, const struct sdp_frame_column *c,
			 struct sdp_err *err)
{
	bool target = c == f->columns;
	size_t found = 0, number = (size_t)(c - f->columns);
	char fate[60], text[SDP_MISFITS_TEXT], word[SDP_COLUMNS_WORD];
	sdp_columns_word(f->schema, c->index, "", word);
	snprintf(fate, sizeof fate, "has more than %zu %s", frame_levels_limit(c),
		 target ? "labels" : "levels");
	if (c->too_many_levels &&
	    sdp_misfits_warning(&f->misfits[number], f->schema, c->index, fate, &found, text))
		return sdp_fail_at(err, sdp_misfits_place(&f->misfits[number]), "%s", text);
	if (c->too_many_levels && c->categorical)
		return sdp_fail(err, SDP_DATA, "column '%s' has more than %d %s%s", c->name,
				SDP_FRAME_LEVELS_MAX, target ? "labels" : "levels",
				target && c->typed.class == SDP_CLASS_NUMBER
					? "; sdp-linreg predicts numbers"
					: "");
	if (c->too_many_levels)
		return sdp_fail(
			err, SDP_DATA,
			"column '%s' has more than %d levels; --categorical %s takes up to %d",
			c->name, SDP_FRAME_LEVELS, word, SDP_FRAME_LEVELS_MAX);
	return sdp_fail(err, SDP_DATA,
			"column '%s' is a %s, which is no feature; --categorical %s takes its "
			"values as levels",
			c->name, sdp_type_name(c->typed.type), word);
}

/* Warns of the default features that cannot be used. */
static int warn_of_left_out(struct sdp_frame *f, struct sdp_spill *spill, struct sdp_err *err)
{
	for (size_t i = 1; i < f->column_count; i++) {
		const struct sdp_frame_column *c = &f->columns[i];
		int rc = 0;
		if (c->role != SDP_FRAME_OUT || c->id)
			continue;
		if (c->too_many_levels)
			rc = sdp_frame_warn(f, spill, err,
					    "column '%s' is left out: it has more than %d levels",
					    c->name, SDP_FRAME_LEVELS);
		else if (c->typed.class == SDP_CLASS_NONE)
			rc = sdp_frame_warn(f, spill, err,
					    "column '%s' is left out: it has no values", c->name);
		else
			rc = sdp_frame_warn(f, spill, err, "column '%s' is left out: it is a %s",
					    c->name, sdp_type_name(c->typed.type));
		if (rc < 0)
			return -1;
	}
	f->warnings_done = f->warning_count;
	return 0;
}

/* Warns of the default features whose integers are all different, used or not. */
static int warn_of_ids(struct sdp_frame *f, struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_id_warnings warnings = {0};
	char text[SDP_ID_WARNING];
	int rc = 0;
	for (size_t i = 1; rc == 0 && i < f->column_count; i++) {
		const struct sdp_frame_column *c = &f->columns[i];
		if (c->different.different &&
		    sdp_id_warning(&warnings, c->name, c->id, &c->different, c->id_low, c->id_high,
				   text))
			rc = sdp_frame_warn(f, spill, err, "%s", text);
	}
	for (int used = 0; rc == 0 && used < 2; used++)
		if (sdp_id_warning_more(&warnings, !used, text))
			rc = sdp_frame_warn(f, spill, err, "%s", text);
	return rc;
}

/* Warns of columns that are nearly numbers and yet have levels, or are left out. */
static int warn_of_misfits(struct sdp_frame *f, struct sdp_spill *spill, struct sdp_err *err)
{
	char text[SDP_MISFITS_TEXT], fate[60];
	struct sdp_err placed;
	size_t found = 0;
	for (size_t i = 0; i < f->column_count; i++) {
		const struct sdp_frame_column *c = &f->columns[i];
		if (i > 0 && c->categorical)
			continue;
		snprintf(fate, sizeof fate, "becomes %zu %s", c->level_count,
			 i == 0 ? "labels" : "levels");
		if (sdp_misfits_warning(&f->misfits[i], f->schema, c->index,
					c->role == SDP_FRAME_OUT ? "is left out" : fate, &found,
					text)) {
			sdp_fail_at(&placed, sdp_misfits_place(&f->misfits[i]), "%s", text);
			if (add_warning(f, spill, text, placed.text, err) < 0)
				return -1;
		}
	}
	return sdp_misfits_more(found, text) ? sdp_frame_warn(f, spill, err, "%s", text) : 0;
}

/* Returns the unit of the integers of a column: the digits after the point of all numbers but 0. */
static int most_digits(const struct part *part)
{
	int tens = part->real ? part->real_scale : INT_MIN;
	for (int s = 0; s <= SDP_SCALE_MAX; s++)
		if (part->most[s] && s > tens)
			tens = s;
	return tens == INT_MIN ? 0 : tens;
}

/* Chooses the unit of the integers of a column, and bounds them. */
static void choose_unit(struct sdp_frame_column *c, const struct part *part)
{
	const double ten = log2(10), error = 1e-6; /* far more than that of the logarithms */
	uint64_t limit = UINT64_C(1) << 62, most = 0;
	double real = part->most_real;
	c->tens = most_digits(part);
	c->low = part->low;
	c->high = part->high;
	c->wide = false;
	for (int s = 0; s <= SDP_SCALE_MAX; s++) {
		if (part->most[s] == 0)
			continue;
		sdp_uint128 scaled = part->most[s];
		scaled *= (uint64_t)(c->tens - s <= SDP_SCALE_MAX ? sdp_pow10[c->tens - s] : 0);
		c->wide |= c->tens - s > SDP_SCALE_MAX || scaled >= limit;
		if (most < scaled)
			most = (uint64_t)scaled;
		real = fmax(real, (double)part->most[s] / (double)sdp_pow10[s]);
	}
	double log2_real = real > 0 ? fmax(0, log2(real) + ten * c->tens) + error : 0;
	c->wide |= part->real && log2_real >= 61;
	c->log2_most = c->wide      ? log2_real
		       : part->real ? log2(exp2(log2_real) + 1)
				    : log2((double)most + 1);
}

/*
 * Chooses the levels of the columns. Returns whether the chunks must be read again without the
 * held-out rows that have other levels.
 */
static bool choose_levels(struct sdp_frame *f, const struct sdp_frame_state *s)
{
	bool unseen = false, known = f->levels_known;
	for (size_t i = 0; i < f->column_count; i++)
		if (f->columns[i].role == SDP_FRAME_LEVEL)
			unseen |= sdp_frame_levels_choose(&f->columns[i], &s->parts[i]);
	f->levels_known = unseen && s->used > 0;
	return f->levels_known && !known;
}

static int warn_of_unseen(struct sdp_frame *f, struct sdp_spill *spill, struct sdp_err *err)
{
	char text[SDP_FRAME_UNSEEN_TEXT];
	for (size_t i = 0; i < f->column_count; i++)
		if (f->columns[i].unseen_rows &&
		    sdp_frame_warn(f, spill, err, "%s",
				   sdp_frame_unseen_text(&f->columns[i], i == 0, text)) < 0)
			return -1;
	return 0;
}

SDP_ORDER_POINTERS_BY(by_chunk, struct sdp_frame_block, chunk)

static int take_blocks(struct sdp_frame *f, const struct sdp_frame_state *s,
		       struct sdp_spill *spill, struct sdp_err *err)
{
	size_t count = 0;
	for (const struct sdp_frame_block *b = s->blocks; b; b = b->next)
		count++;
	if (!(f->blocks = sdp_spill_take(spill, (count + 1) * sizeof(void *), err)))
		return -1;
	f->block_count = 0;
	for (const struct sdp_frame_block *b = s->blocks; b; b = b->next)
		f->blocks[f->block_count++] = b;
	qsort(f->blocks, count, sizeof(void *), by_chunk);
	f->rows = s->rows;
	f->used = s->used;
	f->held = s->held;
	f->tested = s->tested;
	f->dropped = s->rows - s->used - s->held;
	f->slots = 0;
	for (size_t i = 0; i < f->column_count; i++) {
		f->columns[i].slot = f->slots;
		f->slots += f->columns[i].role != SDP_FRAME_OUT;
		if (f->columns[i].role == SDP_FRAME_NUMBER)
			choose_unit(&f->columns[i], &s->parts[i]);
	}
	return 0;
}

/*
 * Leaves out the default features that seem to be ids. Returns 1 if the chunks must be read again
 * because nulls of these have dropped rows, else 0 or -1.
 */
static int leave_out_ids(struct sdp_frame *f, const struct sdp_frame_state *s,
			 struct sdp_spill *spill, struct sdp_err *err)
{
	bool again = false;
	for (size_t i = 1; i < f->column_count && !f->explicit; i++) {
		struct sdp_frame_column *c = &f->columns[i];
		struct sdp_all_different *d = &c->different;
		if (c->id || c->required)
			continue;
		if (sdp_frame_find_different(f, c, spill, err) < 0)
			return -1;
		d->different &= !sdp_frame_more_than_differ(f, c, &s->parts[i]);
		if (sdp_typed_column_is_id(d, c->low < 0, f->used + f->tested)) {
			c->id = true;
			c->role = SDP_FRAME_OUT;
			again |= s->parts[i].values < f->rows;
		}
	}
	return again;
}

/* Removes the terms of columns that are not used. */
static void drop_terms(struct sdp_frame *f)
{
	size_t kept = 0;
	for (size_t i = 0; i < f->term_count; i++)
		if (f->columns[f->terms[i].factor[0]].role != SDP_FRAME_OUT)
			f->terms[kept++] = f->terms[i];
	f->term_count = kept;
}

/* Adds the name of a column; returns 1, or -1 if it is there already. */
static int add_name(struct sdp_map *names, const struct sdp_frame_column *c, size_t number,
		    struct sdp_err *err)
{
	int rc = sdp_map_add(names, c->name, strlen(c->name), number, err);
	if (rc == 0)
		sdp_fail(err, SDP_DATA,
			 "two of the columns used are named '%s': rename one, or choose by -x",
			 c->name);
	return rc > 0 ? 1 : -1;
}

/*
 * Fails if a used column has the same name as another one that is used or left out by default:
 * coefficients and the columns of new rows are identified by name.
 */
static int refuse_duplicate_names(const struct sdp_frame *f, struct sdp_err *err)
{
	struct sdp_map names = {0};
	int rc = 1;
	for (size_t i = 0; rc > 0 && i < f->column_count; i++)
		if (f->columns[i].role != SDP_FRAME_OUT)
			rc = add_name(&names, &f->columns[i], i, err);
	for (size_t i = 0; rc > 0 && i < f->column_count; i++) {
		const char *name = f->columns[i].name;
		if (f->columns[i].role == SDP_FRAME_OUT && sdp_map_find(&names, name, strlen(name)))
			rc = sdp_fail(err, SDP_DATA,
				      "of two columns named '%s' one is left out: rename one",
				      name);
	}
	sdp_map_release(&names);
	return rc > 0 ? 0 : -1;
}

static int keep_misfits(struct sdp_frame *f, const struct sdp_frame_state *s,
			struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_misfits *kept = sdp_spill_take(spill, f->column_count * sizeof *kept, err);
	for (size_t i = 0; kept && i < f->column_count; i++)
		kept[i] = s->parts[i].misfits;
	f->misfits = kept;
	return kept ? 0 : -1;
}

/* Makes the frame of the kept blocks, after the last pass. */
static int finish(struct sdp_frame *f, struct sdp_spill *spill, struct sdp_err *err)
{
	if (refuse_duplicate_names(f, err) < 0 || warn_of_left_out(f, spill, err) < 0)
		return -1;
	if (f->rows == 0)
		return sdp_fail(err, SDP_DATA, "there are no rows");
	if (f->used == 0)
		return sdp_fail(err, SDP_DATA, "no row has a value in every column used%s",
				f->held ? " and is not held out" : "");
	for (size_t i = 0; i < f->column_count; i++) {
		struct sdp_frame_column *c = &f->columns[i];
		if (c->role != SDP_FRAME_LEVEL && c->reference_text)
			return sdp_fail(err, SDP_DATA,
					"--reference: column '%s' is a number; --categorical '%s' "
					"makes levels of it",
					c->name, c->name);
		if (c->role == SDP_FRAME_LEVEL && sdp_frame_reference_find(c, err) < 0)
			return -1;
	}
	drop_terms(f);
	return warn_of_ids(f, spill, err) < 0 || warn_of_unseen(f, spill, err) < 0
		       ? -1
		       : warn_of_misfits(f, spill, err);
}

int sdp_frame_step(struct sdp_frame *f, struct sdp_frame_state *s, struct sdp_spill *spill,
		   struct sdp_err *err)
{
	int again = 0;
	if (!f->misfits && keep_misfits(f, s, spill, err) < 0)
		return -1;
	for (size_t i = 0; i < f->column_count; i++)
		again |= update_column(&f->columns[i], &s->parts[i]);
	for (size_t i = 0; i < f->column_count; i++)
		if (f->columns[i].role == SDP_FRAME_OUT && f->columns[i].required)
			return refuse_column(f, &f->columns[i], err);
	if (!again &&
	    (take_blocks(f, s, spill, err) < 0 || (again = leave_out_ids(f, s, spill, err)) < 0))
		return -1;
	if (again || choose_levels(f, s)) {
		memset(s, 0, sdp_frame_state_size(f));
		return 1;
	}
	return finish(f, spill, err);
}
