/* Reads the rows of a block into buckets. */
#include "timeseries.h"

#include "base/calendar.h"
#include "sdp/buf.h"
#include "sdp/mem.h"
#include "table/time_guess.h"

#include <stdio.h>
#include <string.h>

_Static_assert((int)SDP_BUCKET_TABLE_REAL == (int)SDP_CELL_REAL,
	       "scales of cells are those of series");

/*
 * Scratch memory for the rows of a block. Arrays are indexed by row, except for used and those of
 * placing.
 */
struct room {
	int64_t *second, *start, *values;
	uint32_t *nano, *group, *used;
	size_t count; /* of used */
	struct sdp_placing placing;
};

static int take_room(struct room *room, size_t rows, struct sdp_work *work, struct sdp_err *err)
{
	size_t n = rows + 1;
	int64_t *p =
		sdp_work_scratch(work,
				 n * (3 * sizeof(int64_t) + sizeof(void *) + 6 * sizeof(uint32_t)),
				 err);
	if (!p)
		return -1;
	uint32_t *q = (uint32_t *)(void *)((char *)(p + 3 * n) + n * sizeof(void *));
	*room = (struct room){p,
			      p + n,
			      p + 2 * n,
			      q,
			      q + n,
			      q + 2 * n,
			      0,
			      {.order = q + 3 * n,
			       .local = q + 4 * n,
			       .ends = q + 5 * n,
			       .slots = (struct sdp_slot **)(void *)(p + 3 * n)}};
	return 0;
}

enum { HINT = SDP_TIME_GUESS_TEXT + 100 };

/* Returns whether a cell that is no time may stand for none. */
static bool is_wordy(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (sdp_is_digit(text[i]))
			return false;
	return true;
}

/* Returns whether a cell begins with YYYY-MM-DD, but the month does not have this day. */
static bool is_no_date(const char *text, size_t length)
{
	static const char pattern[] = "0000-00-00";
	int parts[3] = {0}, part = 0;
	for (size_t i = 0; pattern[i]; i++) {
		if (i == length || (pattern[i] == '0' ? !sdp_is_digit(text[i]) : text[i] != '-'))
			return false;
		if (pattern[i] == '0')
			parts[part] = parts[part] * 10 + (text[i] - '0');
		else
			part++;
	}
	return !sdp_date_valid((struct sdp_date){parts[0], parts[1], parts[2]});
}

/* Notes a cell that is no time. hint is memory for the end of the message. */
static void note_time_fault(struct sdp_fault *fault, const struct timeseries_plan *j,
			    const struct sdp_block *block, size_t row, char hint[HINT])
{
	struct sdp_fault f = {
		.block = block,
		.row = row,
		.column = j->time.index,
		.problem = "not a time of the years 0 to 9999: ",
	};
	char formats[SDP_TIME_GUESS_TEXT];
	size_t length;
	const char *text = sdp_block_cell(block, row, j->time.index, &length);
	struct sdp_number n;
	sdp_number_parse(text, length, block->schema->decimal, &n);
	if (j->format.kind != SDP_TIMES_ANY && is_wordy(text, length))
		f.hint = " (--na?)";
	if (j->format.kind == SDP_TIMES_PATTERN) {
		f.problem = "does not match --time-format: ";
		if (j->format.pattern.zone_names)
			f.hint = " (%Z reads UTC, GMT and Z; %z offsets)";
	} else if (j->format.kind == SDP_TIMES_ANY && is_no_date(text, length)) {
		f.problem = "not a date of the calendar: ";
	} else if (j->format.kind == SDP_TIMES_ANY && n.kind == SDP_NUMBER_NONE) {
		f.hint = is_wordy(text, length) ? " (--na or --time-format?)" : " (--time-format?)";
	} else if (j->format.kind == SDP_TIMES_ANY) {
		sdp_time_guess_formats(formats, text, length, block->schema->decimal);
		snprintf(hint, HINT,
			 "; it may be %s or a count since 1970 (--time-format s, ms, us, ns)",
			 formats);
		f.hint = *formats ? hint
				  : "; as a count since 1970 it is outside the years 1980 to 2059 "
				    "(--time-format s, ms, us, ns?)";
		f.problem = "not recognized as a time: ";
	}
	sdp_fault_note(fault, f);
}

/* Notes what the numbers of a block look like as times. */
static void note_looks(const struct timeseries_plan *j, struct timeseries_state *s,
		       const struct sdp_block *block, const struct sdp_time_column *times)
{
	for (int i = 0; i < SDP_TIME_LOOKS; i++) {
		struct timeseries_look *look = &s->looks[i];
		uint64_t count = look->count + times->looks[i];
		size_t row = times->first[i], length;
		if (times->looks[i] && (look->count == 0 || block->chunk < look->chunk)) {
			const char *text = sdp_block_cell(block, row, j->time.index, &length);
			look->chunk = block->chunk;
			look->place = sdp_block_place(block, row, j->time.index);
			sdp_quote(look->text, sizeof look->text, text, length);
		}
		look->count = count;
	}
}

/* ---- which bucket ---- */

/* Returns the number of the bucket with --profile: the hour, the weekday or the month. */
static int64_t profile_of(const struct timeseries_plan *j, int64_t second, size_t *stretch)
{
	*stretch = sdp_tz_find(j->zone, second, *stretch);
	int64_t local = second + j->zone->stretches[*stretch].offset,
		day = sdp_floor_div(local, 86400);
	switch (j->profile) {
	case PROFILE_HOUR:
		return sdp_floor_mod(local, 86400) / 3600;
	case PROFILE_WEEKDAY:
		return sdp_floor_mod(day + 3, 7) + 1; /* 1970-01-01 was a Thursday (4) */
	default:
		return sdp_date_of_days(day).month;
	}
}

static bool before(int64_t second, uint32_t nano, const struct timeseries_bound *b)
{
	return second < b->second || (second == b->second && nano < b->nano);
}

/* Selects the rows with a time within --from and --to, and finds their buckets. */
static void pick_rows(const struct timeseries_plan *j, struct timeseries_state *s,
		      struct room *room, size_t rows)
{
	struct sdp_bucket bucket = {1, 0};
	size_t count = 0, stretch = 0;
	for (size_t row = 0; row < rows; row++) {
		int64_t second = room->second[row];
		if (second == SDP_NO_TIME) {
			s->no_time++;
			continue;
		}
		if ((j->from.given && before(second, room->nano[row], &j->from)) ||
		    (j->to.given && !before(second, room->nano[row], &j->to))) {
			s->outside++;
			continue;
		}
		room->used[count++] = (uint32_t)row;
		if (j->profile || j->plan.samples) {
			room->start[row] = j->profile ? profile_of(j, second, &stretch) : second;
			continue;
		}
		/* If buckets are closed on the right, an edge belongs to the bucket before it. */
		if (j->right_closed && room->nano[row] == 0)
			second--;
		if (second < bucket.start || second >= bucket.end)
			bucket = sdp_time_buckets_around(&j->edges, second, &stretch);
		room->start[row] = bucket.start;
	}
	s->used += count;
	room->count = count;
}

/* ---- groups ---- */

struct timeseries_cell timeseries_key_cell(const char **key)
{
	struct timeseries_cell cell = {NULL, 0};
	if (*(*key)++ == 'v') {
		memcpy(&cell.length, *key, sizeof cell.length);
		cell.text = *key + sizeof cell.length;
		*key = cell.text + cell.length;
	}
	return cell;
}

static int add_key_cell(struct sdp_buf *key, const struct timeseries_cell *cell,
			struct sdp_err *err)
{
	if (!cell->text)
		return sdp_buf_add(key, "n", 1, err);
	return sdp_buf_add(key, "v", 1, err) < 0 ||
			       sdp_buf_add(key, &cell->length, sizeof cell->length, err) < 0
		       ? -1
		       : sdp_buf_add(key, cell->text, cell->length, err);
}

static int make_key(const struct timeseries_plan *j, const struct sdp_block *block, size_t row,
		    struct sdp_buf *key, struct sdp_err *err)
{
	key->length = 0;
	for (size_t i = 0; i < j->by_count; i++) {
		struct timeseries_cell cell;
		cell.text = sdp_block_cell(block, row, j->by[i].index, &cell.length);
		if (sdp_is_null(&block->schema->nulls, cell.text, cell.length))
			cell.text = NULL;
		if (add_key_cell(key, &cell, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * Returns whether an integer is in plain form. "+7", " 7", "7e0" and "-0" are groups of their own,
 * which would look like other groups if printed as integers.
 */
static bool is_plain_integer(const struct timeseries_cell *cell)
{
	size_t sign = cell->text[0] == '-';
	for (size_t i = sign; i < cell->length; i++)
		if (cell->text[i] < '0' || cell->text[i] > '9')
			return false;
	return !sign || cell->text[1] != '0';
}

/* Notes the types of the cells of a new group, which determine the types of the --by columns. */
static void note_types(const struct timeseries_plan *j, struct timeseries_state *s, const char *key,
		       char decimal)
{
	for (size_t i = 0; i < j->by_count; i++) {
		struct timeseries_cell cell = timeseries_key_cell(&key);
		if (!cell.text)
			continue;
		unsigned seen = sdp_cell_seen(cell.text, cell.length, decimal, NULL);
		s->by_seen[i] |= seen == SDP_SEEN_INTEGER && !is_plain_integer(&cell)
					 ? SDP_SEEN_STRING
					 : seen;
	}
}

/* Returns whether a group belongs to the part of the groups that is read now. */
static bool in_part(const struct timeseries_plan *j, struct timeseries_state *s,
		    const struct sdp_buf *key)
{
	uint64_t hash[2];
	if (!j->part.on)
		return true;
	sdp_duplicate_times_hash(hash, 0, 0, key->data, key->length);
	if (hash[0] < j->part.first || hash[0] > j->part.last)
		return false;
	s->hash_most = hash[0] > s->hash_most ? hash[0] : s->hash_most;
	s->hash_least = ~hash[0] > s->hash_least ? ~hash[0] : s->hash_least;
	return true;
}

/* Finds the groups of the rows that are used, or adds them, and drops rows of other parts. */
static int find_groups(const struct timeseries_plan *j, struct timeseries_state *s,
		       const struct sdp_block *block, struct room *room, struct sdp_map *groups,
		       const struct sdp_map_memory *memory, struct sdp_err *err)
{
	struct sdp_buf key = {0}, last = {0};
	int64_t group = 0;
	size_t kept = 0;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < room->count; i++) {
		uint32_t row = room->used[i];
		rc = make_key(j, block, row, &key, err);
		bool same = i > 0 && key.length == last.length &&
			    memcmp(key.data, last.data, key.length) == 0;
		bool other = !same && rc == 0 && !in_part(j, s, &key);
		if (rc == 0 && !same) {
			uint32_t before = groups->count;
			group = other ? -1
				      : sdp_map_enter(groups, key.data, key.length, memory, err);
			rc = group < 0 && !other ? -1 : 0;
			if (groups->count > before)
				note_types(j, s, key.data, block->schema->decimal);
			struct sdp_buf swap = last;
			last = key;
			key = swap;
		}
		if (group < 0)
			continue;
		room->group[row] = (uint32_t)group;
		room->used[kept++] = row;
	}
	room->count = kept;
	sdp_buf_release(&key);
	sdp_buf_release(&last);
	return rc;
}

/*
 * Notes that the series needs more than --max-memory, so that its groups are read again in parts.
 * Returns 0, or -1 if that is not possible; err says already that the memory does not suffice.
 */
static int note_full(const struct timeseries_plan *j, struct timeseries_state *s,
		     const struct sdp_work *work, struct sdp_err *err)
{
	if (!j->by_count || work->spill.file < 0)
		return -1;
	s->full = true;
	err->code = SDP_OK;
	return 0;
}

/* ---- values ---- */

/*
 * Reads the numbers of a block that are no decimals of 64 bits as rationals, whose addresses are
 * put in the place of the mantissa.  A number next to 0 may be 0.
 */
static int read_rationals(const struct timeseries_plan *j, struct timeseries_state *s,
			  const struct sdp_block *block, const struct room *room, size_t column,
			  struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_number_column *n = &work->numbers;
	const struct sdp_schema *schema = block->schema;
	if (n->reals && sdp_bucket_table_used(&j->plan, &work->spill) > j->plan.memory) {
		sdp_fail(err, SDP_SYSTEM,
			 "column '%s': its numbers of more than 18 digits need more than "
			 "--max-memory",
			 schema->columns[column].name);
		return note_full(j, s, work, err);
	}
	for (size_t i = 0; i < room->count; i++) {
		uint32_t row = room->used[i];
		struct sdp_value v;
		size_t length;
		if (n->scale[row] != SDP_CELL_REAL)
			continue;
		const char *text = sdp_block_cell(block, row, column, &length);
		if (sdp_value_of_text(&v, &work->spill, text, length, schema->decimal,
				      schema->thousands, err) < 0)
			return -1;
		n->mantissa[row] = v.value;
		if (v.kind == SDP_KEY_RATIONAL)
			continue;
		n->scale[row] = (uint8_t)n->max_scale;
		n->reals--;
	}
	return 0;
}

static int add_column(const struct timeseries_plan *j, struct timeseries_state *s,
		      const struct sdp_block *block, const struct room *room, size_t column,
		      struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_number_column *n = &work->numbers;
	if (j->wide[column] &&
	    read_rationals(j, s, block, room, j->values[column].index, work, err) < 0)
		return -1;
	if (s->full)
		return 0;
	bool aligned = sdp_number_column_align(n);
	struct sdp_bucket_table_column c = {
		.mantissa = n->mantissa,
		.scale = n->scale,
		.real = n->reals ? n->real : NULL,
		.rational = j->wide[column],
		.plain = aligned && n->nulls + n->reals + n->others == 0,
		.low_scale = aligned ? n->max_scale : 0,
		.high_scale = n->max_scale,
		.second = room->second,
		.nano = room->nano,
		.room = room->values,
	};
	return sdp_bucket_table_add(&j->plan, &work->spill, &room->placing, column, &c, err);
}

static int add_values(const struct timeseries_plan *j, struct timeseries_state *s,
		      const struct sdp_block *block, const struct room *room, struct sdp_work *work,
		      struct sdp_fault *fault, struct sdp_err *err)
{
	struct sdp_number_column *n = &work->numbers;
	for (size_t i = 0; i < j->value_count; i++) {
		size_t index = j->values[i].index;
		if (sdp_block_numbers(block, index, n, err) < 0)
			return -1;
		sdp_fault_check_type(fault, block, index, n->seen);
		if (n->others)
			sdp_fault_find(fault, block, index, SDP_REAL_TYPE);
		s->wide[i] |= n->wides && !j->wide[i];
		if (!fault->block && !s->full && add_column(j, s, block, room, i, work, err) < 0)
			return -1;
	}
	return 0;
}

static int note_repeats(const struct timeseries_plan *j, struct timeseries_state *s,
			const struct sdp_block *block, const struct room *room,
			const struct sdp_map *groups, struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_duplicate_times_rows rows = {room->count,
						room->used,
						room->second,
						room->nano,
						j->by_count ? room->group : NULL,
						groups,
						(uint64_t *)room->values};
	return sdp_duplicate_times_add(&s->repeats, &work->spill, block->chunk, &rows, err);
}

/* Finds the buckets of the rows.  If the series is full, the groups are those of this block. */
static int place_rows(const struct timeseries_plan *j, struct timeseries_state *s,
		      const struct sdp_block *block, struct room *room, struct sdp_work *work,
		      struct sdp_err *err)
{
	struct sdp_map own = {0}, *groups = s->full ? &own : &s->series.groups;
	struct sdp_map_memory memory = sdp_map_spill(&work->spill);
	int rc = 0;
	if (j->by_count)
		rc = find_groups(j, s, block, room, groups, s->full ? NULL : &memory, err);
	if (rc == 0 && !j->part.on)
		rc = note_repeats(j, s, block, room, groups, work, err);
	if (rc == 0 && !s->full) {
		struct sdp_bucket_table_rows rows = {room->count, room->used, room->start,
						     room->nano, j->by_count ? room->group : NULL};
		rc = sdp_bucket_table_place(&s->series, &j->plan, &work->spill, &rows,
					    &room->placing, err);
		s->placed += rc == 0 ? room->count : 0;
		if (rc < 0 && room->placing.full)
			rc = note_full(j, s, work, err);
	}
	sdp_map_release(&own);
	return rc;
}

/* Takes room for the rows of a block, and reads their times. */
static int read_times(const struct timeseries_plan *j, const struct sdp_block *block,
		      struct room *room, struct sdp_work *work, struct sdp_time_column *times,
		      struct sdp_err *err)
{
	if (take_room(room, block->rows, work, err) < 0)
		return -1;
	*times = (struct sdp_time_column){.second = room->second, .nano = room->nano};
	return sdp_block_time_column(block, j->time.index, &j->format, j->zone, &work->numbers,
				     times, err);
}

/* Reads the times of a block once more, and chooses the rows; what they count was counted. */
static int read_times_again(const struct timeseries_plan *j, const struct sdp_block *block,
			    struct room *room, struct sdp_work *work, struct sdp_err *err)
{
	struct timeseries_state counted = {0};
	struct sdp_time_column times;
	if (read_times(j, block, room, work, &times, err) < 0)
		return -1;
	pick_rows(j, &counted, room, block->rows);
	return 0;
}

static int count_times(const struct timeseries_plan *j, struct timeseries_state *s,
		       const struct sdp_block *block, struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_buf key = {0};
	struct room room;
	if (read_times_again(j, block, &room, work, err) < 0)
		return -1;
	size_t count = room.count;
	/* A hash has two words. */
	uint64_t *hashes = sdp_alloc(count, 2 * sizeof *hashes, err);
	int rc = hashes ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		uint32_t row = room.used[i];
		rc = make_key(j, block, row, &key, err);
		sdp_duplicate_times_hash(hashes + 2 * i, room.second[row], room.nano[row], key.data,
					 key.length);
	}
	if (rc == 0)
		rc = sdp_value_store_add_hashes(&s->times, &work->spill, hashes, count, err);
	free(hashes);
	sdp_buf_release(&key);
	return rc;
}

/* Checks --types for the columns of times and groups. */
static void check_types(const struct timeseries_plan *j, const struct sdp_block *block,
			struct sdp_fault *fault)
{
	const struct sdp_column *columns = block->schema->columns;
	for (size_t i = 0; i <= j->by_count; i++) {
		size_t index = i < j->by_count ? j->by[i].index : j->time.index;
		if (columns[index].fixed)
			sdp_fault_check_type(fault, block, index, sdp_block_seen(block, index));
	}
}

/* Counts the cells of the columns that are not used but might be. */
static int watch(const struct timeseries_plan *j, struct timeseries_state *s,
		 const struct sdp_block *block, struct sdp_work *work, struct sdp_err *err)
{
	for (size_t i = 0; i < j->watched_count; i++) {
		size_t index = j->watched[i];
		const struct sdp_column *c = &block->schema->columns[index];
		if (c->guess == SDP_CLASS_NONE && !s->watched[i].seen &&
		    !sdp_block_seen(block, index))
			continue;
		if (sdp_misfits_read(&s->watched[i], block, index, c->nearly, &work->numbers, err) <
		    0)
			return -1;
	}
	return 0;
}

/* Reads the rows of a part of the groups.  All cells have been checked. */
static int update_part(const struct timeseries_plan *j, struct timeseries_state *s,
		       const struct sdp_block *block, struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_fault fault = {0};
	struct room room;
	if (read_times_again(j, block, &room, work, err) < 0)
		return -1;
	if (place_rows(j, s, block, &room, work, err) < 0)
		return -1;
	return s->full || room.count == 0 ? 0 : add_values(j, s, block, &room, work, &fault, err);
}

int timeseries_update(const void *plan, void *state, const struct sdp_block *block,
		      struct sdp_work *work, struct sdp_err *err)
{
	const struct timeseries_plan *j = plan;
	struct timeseries_state *s = state;
	struct sdp_fault fault = {0};
	struct sdp_time_column instants;
	struct room room;
	char hint[HINT];
	if (j->counting_times)
		return count_times(j, s, block, work, err);
	if (j->part.on)
		return update_part(j, s, block, work, err);
	if (read_times(j, block, &room, work, &instants, err) < 0)
		return -1;
	check_types(j, block, &fault);
	if (instants.fault < block->rows)
		note_time_fault(&fault, j, block, instants.fault, hint);
	if (watch(j, s, block, work, err) < 0)
		return -1;
	s->rows += block->rows;
	s->seen |= instants.seen;
	note_looks(j, s, block, &instants);
	s->twice += instants.twice;
	s->never += instants.never;
	if (!fault.block) {
		pick_rows(j, s, &room, block->rows);
		if (place_rows(j, s, block, &room, work, err) < 0)
			return -1;
	}
	if (add_values(j, s, block, &room, work, &fault, err) < 0)
		return -1;
	return sdp_fault_fail(&fault, err);
}
