/*
 * Flattens rows of objects to a grid, in two passes over the tree of the document.
 *
 * The first pass collects the columns as a tree of names, so that the columns of a nested or longer
 * row come next to their siblings: o_p, o_q, count, even if the first row had only o_p.
 * A map finds a node by its parent and name, so the time is at most proportional to the
 * number of rows times the number of columns. The second pass fills the cells.
 */
#include "document/flatten.h"

#include "base/map.h"
#include "base/names.h"
#include "sdp/buf.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <string.h>

enum { NONE = -1 };

struct node {
	const char *name;
	int parent, child, last, next; /* indices of nodes; NONE: there is none */
	int column;
	bool leaf;
};

struct names {
	struct node *nodes; /* the root is nodes[0] */
	size_t count, capacity;
	struct sdp_map places; /* by parent and name; the first is that of nodes[1] */
	struct sdp_buf key;    /* the one that was sought last */
	bool join;             /* an array of plain values is one cell, not one cell per value */
};

static void release_names(struct names *n)
{
	free(n->nodes);
	sdp_map_release(&n->places);
	sdp_buf_release(&n->key);
}

static int make_key(struct names *n, int parent, const char *name, struct sdp_err *err)
{
	n->key.length = 0;
	return sdp_buf_add(&n->key, &parent, sizeof parent, err) < 0
		       ? -1
		       : sdp_buf_add_text(&n->key, name, err);
}

/* Returns the child of parent with this name, or NONE. */
static int find(struct names *n, int parent, const char *name, struct sdp_err *err)
{
	if (make_key(n, parent, name, err) < 0)
		return NONE;
	int64_t place = sdp_map_number(&n->places, n->key.data, n->key.length);
	return place < 0 ? NONE : (int)place + 1;
}

/*
 * Returns the child of parent with this name, which is added if necessary, or NONE if memory is
 * exhausted.
 */
static int enter(struct names *n, int parent, const char *name, struct sdp_err *err)
{
	if (make_key(n, parent, name, err) < 0 ||
	    sdp_grow(&n->nodes, &n->capacity, n->count + 1, sizeof *n->nodes, err) < 0)
		return NONE;
	int64_t place = sdp_map_enter(&n->places, n->key.data, n->key.length, NULL, err);
	if (place < 0)
		return NONE;
	int at = (int)place + 1;
	if ((size_t)at < n->count)
		return at;
	struct node *above = &n->nodes[parent];
	n->nodes[at] = (struct node){n->places.entries[place].key + sizeof parent,
				     parent,
				     NONE,
				     NONE,
				     NONE,
				     NONE,
				     false};
	n->count++;
	if (above->last == NONE)
		above->child = at;
	else
		n->nodes[above->last].next = at;
	above->last = at;
	return at;
}

static bool is_leaf(const struct names *n, const cJSON *item)
{
	return sdp_doc_is_plain(item) || (n->join && sdp_doc_is_plain_array(item));
}

/* Returns the key of a member of an object, or the index of an element of an array. */
static const char *child_name(const cJSON *child, size_t index, char number[24])
{
	if (child->string)
		return child->string;
	snprintf(number, 24, "%zu", index);
	return number;
}

static int collect(struct names *n, int at, const cJSON *item, struct sdp_err *err)
{
	char number[24];
	size_t index = 0;
	const cJSON *child;
	if (is_leaf(n, item)) {
		n->nodes[at].leaf = true;
		return 0;
	}
	cJSON_ArrayForEach(child, item)
	{
		int below = enter(n, at, child_name(child, index++, number), err);
		if (below == NONE || collect(n, below, child, err) < 0)
			return -1;
	}
	return 0;
}

static int fill(struct names *n, int at, const cJSON *item, const cJSON **row, struct sdp_err *err)
{
	char number[24];
	size_t index = 0;
	const cJSON *child;
	if (is_leaf(n, item)) {
		row[n->nodes[at].column] = item;
		return 0;
	}
	cJSON_ArrayForEach(child, item)
	{
		int below = find(n, at, child_name(child, index++, number), err);
		if (below == NONE || fill(n, below, child, row, err) < 0)
			return -1;
	}
	return 0;
}

/* Numbers the leaves below node at in order and stores their full names. */
static int number_columns(struct names *n, int at, const char *prefix, struct sdp_grid *grid,
			  struct sdp_err *err)
{
	struct node *node = &n->nodes[at];
	struct sdp_buf name = {0};
	const char *own = node->name ? node->name : "";
	int rc = sdp_buf_format(&name, err, "%s%s%s", prefix, *prefix && *own ? "_" : "", own);
	if (rc == 0 && node->leaf) {
		node->column = (int)grid->columns;
		grid->names[grid->columns] = sdp_strndup(name.data, name.length, err);
		rc = grid->names[grid->columns] ? 0 : -1;
		grid->columns += rc == 0;
	}
	for (int i = node->child; rc == 0 && i != NONE; i = n->nodes[i].next)
		rc = number_columns(n, i, name.data, grid, err);
	sdp_buf_release(&name);
	return rc;
}

static int build(struct sdp_grid *grid, const cJSON *first, bool whole, struct names *n,
		 const char *prefix, struct sdp_err *err)
{
	if (sdp_grow(&n->nodes, &n->capacity, 1, sizeof *n->nodes, err) < 0)
		return -1;
	n->nodes[0] = (struct node){NULL, NONE, NONE, NONE, NONE, NONE, false};
	n->count = 1;
	for (const cJSON *row = first; row; row = whole ? NULL : row->next) {
		if (collect(n, 0, row, err) < 0)
			return -1;
		grid->rows++;
	}
	grid->names = sdp_alloc(n->count, sizeof *grid->names, err);
	if (!grid->names || number_columns(n, 0, prefix, grid, err) < 0)
		return -1;
	if (grid->columns && grid->rows > SIZE_MAX / sizeof *grid->cells / grid->columns)
		return sdp_fail_memory(err);
	grid->cells = sdp_alloc(grid->rows * grid->columns, sizeof *grid->cells, err);
	if (!grid->cells)
		return -1;
	const cJSON **cells = grid->cells;
	int rc = 0;
	for (const cJSON *row = first; rc == 0 && row;
	     row = whole ? NULL : row->next, cells += grid->columns)
		rc = fill(n, 0, row, cells, err);
	return rc;
}

/* Sets the columns that were declared for an empty array. */
static int name_columns(struct sdp_grid *grid, const cJSON *source, struct sdp_err *err)
{
	bool warnings = source->string && strcmp(source->string, "warnings") == 0;
	const char *names = source->valuestring ? source->valuestring
			    : warnings          ? source->string
						: "";
	grid->names = sdp_alloc(strlen(names) + 1, sizeof *grid->names, err);
	while (grid->names && *names) {
		size_t length = strcspn(names, ",");
		char *name = sdp_strndup(names, length, err);
		if (!name)
			return -1;
		grid->names[grid->columns++] = name;
		names += length + (names[length] == ',');
	}
	return grid->names ? 0 : -1;
}

/* Makes the grid. whole: source is one row; otherwise its children are rows. */
static int make(struct sdp_grid *grid, const cJSON *source, bool whole, bool join,
		struct sdp_err *err)
{
	struct names n = {.join = join};
	const cJSON *first = whole ? source : source->child;
	if (!first)
		return name_columns(grid, source, err);
	/* Rows without names (arrays) take the name of the array. */
	const char *prefix =
		!whole && first && !cJSON_IsObject(first) && source->string ? source->string : "";
	int rc = build(grid, first, whole, &n, prefix, err);
	release_names(&n);
	return rc;
}

int sdp_flatten_object(struct sdp_grid *grid, const cJSON *object, struct sdp_err *err)
{
	*grid = (struct sdp_grid){.source = object};
	return make(grid, object, true, true, err);
}

static bool is_array_of(const cJSON *item, int type)
{
	return cJSON_IsArray(item) && item->child && (item->child->type & 0xff) == type;
}

static const cJSON *choose(const cJSON *doc, const char *rows)
{
	const cJSON *item, *arrays = NULL, *empty = NULL;
	if (rows && (item = sdp_doc_member(doc, rows)) != NULL && !sdp_doc_is_plain(item))
		return item;
	cJSON_ArrayForEach(item, doc)
	{
		if (is_array_of(item, cJSON_Object))
			return item;
		if (!arrays && is_array_of(item, cJSON_Array))
			arrays = item;
		if (!empty && cJSON_IsArray(item) && !item->child &&
		    (!item->string || strcmp(item->string, "warnings") != 0))
			empty = item;
	}
	return arrays ? arrays : empty ? empty : doc;
}

static int fail_print(const cJSON *doc, const char *print, struct sdp_err *err)
{
	char quoted[128];
	struct sdp_names names = {0};
	const cJSON *item;
	size_t count = 0;
	cJSON_ArrayForEach(item, doc) if (!sdp_doc_is_plain(item) && item->string)
	{
		sdp_names_add(&names, item->string);
		count++;
	}
	sdp_quote(quoted, sizeof quoted, print, strlen(print));
	if (count == 0)
		return sdp_fail(err, SDP_USAGE, "--print: this document has no parts: %s", quoted);
	return sdp_fail(err, SDP_USAGE,
			"--print: no part of the document is called %s: there %s %s", quoted,
			count == 1 ? "is only" : "are", sdp_names_end(&names));
}

static bool same_length(const cJSON *a, const cJSON *b)
{
	a = a->child;
	b = b->child;
	while (a && b) {
		a = a->next;
		b = b->next;
	}
	return !a && !b;
}

static bool has_text(const cJSON *texts, const char *wanted)
{
	const cJSON *text;
	cJSON_ArrayForEach(text, texts) if (strcmp(text->valuestring, wanted) == 0) return true;
	return false;
}

/* Makes a column name that no feature has, by adding underscores to the wanted one. */
static int own_name(struct sdp_buf *name, const char *wanted, const cJSON *features,
		    struct sdp_err *err)
{
	int rc = sdp_buf_add_text(name, wanted, err);
	while (rc == 0 && has_text(features, name->data))
		rc = sdp_buf_add_text(name, "_", err);
	return rc;
}

/* Adds a centre as a row {cluster, size, feature: value, …}. */
static int add_center(cJSON *rows, double index, const cJSON *center, const cJSON *size,
		      const cJSON *features, const struct sdp_buf own[2], struct sdp_err *err)
{
	cJSON *row = sdp_doc_row(rows, err);
	if (!row)
		return -1;
	if (!cJSON_AddNumberToObject(row, own[0].data, index) ||
	    (size && !cJSON_AddItemToObject(row, own[1].data, cJSON_Duplicate(size, 0))))
		return sdp_fail_memory(err);
	const cJSON *name = features->child;
	for (const cJSON *v = center->child; v; v = v->next, name = name->next)
		if (!cJSON_AddItemToObject(row, name->valuestring, cJSON_Duplicate(v, 0)))
			return sdp_fail_memory(err);
	return 0;
}

/*
 * Derives rows from the centres of a k-means document; derives nothing for other documents. Returns
 * 0 or -1.
 */
static int derive_centers(struct sdp_grid *grid, const cJSON *doc, struct sdp_err *err)
{
	const cJSON *centers = grid->source, *center;
	const cJSON *features = sdp_doc_member(doc, "features");
	const cJSON *sizes = sdp_doc_member(doc, "sizes");
	if (!centers->string || strcmp(centers->string, "centers") != 0 ||
	    !is_array_of(features, cJSON_String))
		return 0;
	cJSON_ArrayForEach(center, centers) if (!cJSON_IsArray(center) ||
						!same_length(center, features)) return 0;
	if (sizes && !same_length(sizes, centers))
		sizes = NULL;
	grid->derived = cJSON_CreateArray();
	if (!grid->derived)
		return sdp_fail_memory(err);
	struct sdp_buf own[2] = {{0}};
	const cJSON *size = sizes ? sizes->child : NULL;
	double index = 0;
	int rc = own_name(&own[0], "cluster", features, err);
	if (rc == 0)
		rc = own_name(&own[1], "size", features, err);
	for (center = centers->child; rc == 0 && center; center = center->next) {
		rc = add_center(grid->derived, index++, center, size, features, own, err);
		size = size ? size->next : NULL;
	}
	sdp_buf_release(&own[0]);
	sdp_buf_release(&own[1]);
	return rc;
}

/* Adds the counts of a true label as a row {label, predicted_LABEL: count, …}. */
static int add_confusion(cJSON *rows, const cJSON *label, const cJSON *counts, const cJSON *labels,
			 struct sdp_err *err)
{
	cJSON *row = sdp_doc_row(rows, err);
	int rc = row ? sdp_doc_text(row, "label", label->valuestring, err) : -1;
	const cJSON *predicted = labels->child;
	for (const cJSON *v = counts->child; rc == 0 && v;
	     v = v->next, predicted = predicted->next) {
		struct sdp_buf name = {0};
		rc = sdp_buf_format(&name, err, "predicted_%s", predicted->valuestring);
		if (rc == 0 && !cJSON_AddItemToObject(row, name.data, cJSON_Duplicate(v, 0)))
			rc = sdp_fail_memory(err);
		sdp_buf_release(&name);
	}
	return rc;
}

/* Derives rows from the confusion matrix of a classification in the same way. */
static int derive_confusion(struct sdp_grid *grid, const cJSON *doc, struct sdp_err *err)
{
	const cJSON *confusion = grid->source, *counts, *labels = sdp_doc_member(doc, "labels");
	int rc = 0;
	if (!confusion->string || strcmp(confusion->string, "confusion") != 0 ||
	    !is_array_of(labels, cJSON_String) || !same_length(confusion, labels))
		return 0;
	cJSON_ArrayForEach(counts, confusion) if (!cJSON_IsArray(counts) ||
						  !same_length(counts, labels)) return 0;
	grid->derived = cJSON_CreateArray();
	if (!grid->derived)
		return sdp_fail_memory(err);
	const cJSON *label = labels->child;
	for (counts = confusion->child; rc == 0 && counts;
	     counts = counts->next, label = label->next)
		rc = add_confusion(grid->derived, label, counts, labels, err);
	return rc;
}

int sdp_flatten(struct sdp_grid *grid, const cJSON *doc, const struct sdp_doc_style *style,
		struct sdp_err *err)
{
	const char *print = style->print;
	*grid = (struct sdp_grid){0};
	grid->source = print ? sdp_doc_member(doc, print) : choose(doc, style->rows);
	if (!grid->source || (print && sdp_doc_is_plain(grid->source)))
		return fail_print(doc, print, err);
	if (is_array_of(grid->source, cJSON_Array) &&
	    (derive_centers(grid, doc, err) < 0 || derive_confusion(grid, doc, err) < 0))
		return -1;
	const cJSON *source = grid->derived ? grid->derived : grid->source;
	return make(grid, source, !cJSON_IsArray(source), !is_array_of(source, cJSON_Array), err);
}

/* Moves the column from to the place to, before the columns that are there. */
static void move_column(struct sdp_grid *grid, size_t from, size_t to)
{
	char *name = grid->names[from];
	memmove(grid->names + to + 1, grid->names + to, (from - to) * sizeof *grid->names);
	grid->names[to] = name;
	for (size_t row = 0; row < grid->rows; row++) {
		const cJSON **cells = grid->cells + row * grid->columns, *cell = cells[from];
		memmove(cells + to + 1, cells + to, (from - to) * sizeof *cells);
		cells[to] = cell;
	}
}

size_t sdp_grid_put_first(struct sdp_grid *grid, const char *const *names)
{
	size_t to = 0;
	for (; *names; names++)
		for (size_t from = to; from < grid->columns; from++)
			if (strcmp(grid->names[from], *names) == 0) {
				move_column(grid, from, to++);
				break;
			}
	return to;
}

void sdp_grid_release(struct sdp_grid *grid)
{
	for (size_t i = 0; i < grid->columns; i++)
		free(grid->names[i]);
	free(grid->names);
	free(grid->cells);
	cJSON_Delete(grid->derived);
	*grid = (struct sdp_grid){0};
}
