/* The document of correlations: an array with one row per pair, or a matrix. */
#include "correlation_plan.h"
#include "sdp/doc.h"

#include <string.h>

enum { A, B, N, R, P, LOW, HIGH, MEMBERS };

struct correlation_rows {
	const struct plan *plan;
	const struct state *state;
	struct sdp_lazy_rows rows;
	struct sdp_lazy_member *members;
	size_t column, k; /* the pair of the next row */
	uint64_t next;
};

const char *correlation_member(const struct correlation_params *p)
{
	return p->method == CORRELATION_COVARIANCE ? "covariance" : "correlation";
}

static bool is_covariance(const struct plan *plan)
{
	return plan->params->method == CORRELATION_COVARIANCE;
}

static struct sdp_lazy_value text(const char *s)
{
	return sdp_lazy_text(s, strlen(s));
}

/*
 * Returns whether a pair is listed: of a column with itself only covariances are, and no pair of a
 * column that only --against names with itself.
 */
static bool is_listed(const struct plan *plan, size_t column, size_t k)
{
	return correlation_partner(plan, column, k) != column ||
	       (is_covariance(plan) && !correlation_column(plan, column)->extra);
}

/* Returns the number of rows of the list. */
static uint64_t count_pairs(const struct plan *plan)
{
	uint64_t count = 0;
	for (size_t i = 0; i < plan->pairs; i++)
		for (size_t k = 0; k < correlation_count(plan, i); k++)
			count += is_listed(plan, i, k);
	return count;
}

/* Goes to the first listed pair that is not before the current one. */
static void find_pair(struct correlation_rows *o)
{
	while (o->column < o->plan->pairs) {
		if (o->k == correlation_count(o->plan, o->column)) {
			o->column++;
			o->k = 0;
		} else if (is_listed(o->plan, o->column, o->k)) {
			return;
		} else {
			o->k++;
		}
	}
}

static int pair_row(void *context, uint64_t number, struct sdp_lazy_value *values,
		    struct sdp_err *err)
{
	struct correlation_rows *o = context;
	(void)err;
	if (number != o->next)
		o->column = o->k = 0;
	o->next = number + 1;
	find_pair(o);
	const struct sdp_correlation *c = &o->state->results[o->column][o->k];
	size_t partner = correlation_partner(o->plan, o->column, o->k);
	values[A] = text(correlation_column(o->plan, o->column)->name);
	values[B] = text(correlation_column(o->plan, partner)->name);
	values[N] = sdp_lazy_count(c->n);
	values[R] = sdp_lazy_real(c->r);
	if (!is_covariance(o->plan)) {
		values[P] = sdp_lazy_real(c->p);
		values[LOW] = sdp_lazy_real(c->ci_low);
		values[HIGH] = sdp_lazy_real(c->ci_high);
	}
	o->k++;
	return 0;
}

/* The columns of the matrix are all numeric columns, or only that of --against. */
static size_t first_column(const struct plan *plan)
{
	return plan->pair_against == SDP_PAIRS_ALL ? 0 : plan->pair_against;
}

static size_t matrix_columns(const struct plan *plan)
{
	return plan->pair_against == SDP_PAIRS_ALL ? plan->pairs : 1;
}

static double coefficient(const struct correlation_rows *o, size_t a, size_t b)
{
	bool all = o->plan->pair_against == SDP_PAIRS_ALL;
	size_t low = a < b ? a : b, high = a < b ? b : a;
	return all ? o->state->results[low][high - low].r : o->state->results[a][0].r;
}

static int matrix_row(void *context, uint64_t number, struct sdp_lazy_value *values,
		      struct sdp_err *err)
{
	const struct correlation_rows *o = context;
	size_t columns = matrix_columns(o->plan);
	(void)err;
	values[0] = text(correlation_column(o->plan, number)->name);
	for (size_t i = 0; i < columns; i++)
		values[1 + i] = sdp_lazy_real(coefficient(o, number, first_column(o->plan) + i));
	return 0;
}

static void add_matrix(struct correlation_rows *o)
{
	const struct plan *plan = o->plan;
	size_t columns = matrix_columns(plan);
	o->members[0].name = "name";
	for (size_t i = 0; i < columns; i++)
		o->members[1 + i].name = correlation_column(plan, first_column(plan) + i)->name;
	o->rows = (struct sdp_lazy_rows){.members = o->members,
					 .member_count = columns + 1,
					 .rows = plan->pairs,
					 .row = matrix_row,
					 .context = o};
}

static void add_list(struct correlation_rows *o)
{
	static const struct sdp_lazy_member correlation[MEMBERS] = {{"a"},      {"b"}, {"n"},
								    {"r"},      {"p"}, {"ci_low"},
								    {"ci_high"}};
	static const struct sdp_lazy_member covariance[] = {{"a"}, {"b"}, {"n"}, {"covariance"}};
	o->rows =
		(struct sdp_lazy_rows){.members = is_covariance(o->plan) ? covariance : correlation,
				       .member_count = is_covariance(o->plan) ? R + 1 : MEMBERS,
				       .rows = count_pairs(o->plan),
				       .row = pair_row,
				       .context = o};
}

struct correlation_rows *correlation_rows_new(size_t columns, struct sdp_spill *spill,
					      struct sdp_err *err)
{
	struct correlation_rows *o = sdp_spill_take(spill, sizeof *o, err);
	if (!o || !(o->members = sdp_spill_take(spill, (columns + 1) * sizeof *o->members, err)))
		return NULL;
	return o;
}

/* Moves the members of the document without correlations to the front. */
static void move_members(cJSON *from, cJSON *to)
{
	for (cJSON *member = from->child, *next; member; member = next) {
		next = member->next;
		if (strcmp(member->string, "task") != 0 && strcmp(member->string, "rows_read") != 0)
			cJSON_AddItemToArray(to, cJSON_DetachItemViaPointer(from, member));
	}
}

int correlation_emit(const void *opaque, const void *root, cJSON *doc, struct sdp_err *err)
{
	const struct plan *plan = opaque;
	const struct state *s = root;
	struct correlation_rows *o = plan->rows;
	*o = (struct correlation_rows){.plan = plan, .state = s, .members = o->members};
	if (plan->params->document)
		move_members(plan->params->document, doc);
	else
		sdp_doc_count(doc, "rows", s->rows, err);
	if (plan->params->square)
		add_matrix(o);
	else
		add_list(o);
	sdp_lazy_rows(doc, correlation_member(plan->params), &o->rows, err);
	return sdp_err_result(err);
}
