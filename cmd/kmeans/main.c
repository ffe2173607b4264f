/* sdp-kmeans: finds k-means clusters and assigns rows to them. */
#include "cli/misfit_warnings.h"
#include "cli/model_file.h"
#include "engine/typed_columns.h"
#include "kmeans.h"
#include "sdp/columns.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "table/matrix_file.h"
#include "table/numeric_columns.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CLUSTERS = 1000000 };

struct params {
	struct sdp_common common;
	const char *k, *init, *predict;
	enum { HAMERLY, LLOYD } algorithm;
	bool standardize, assign;
	int64_t restarts, max_iterations;
	double tolerance;
};

/*
 * ---- the task: pass 1 reads and keeps the features, model/kmeans/kmeans.h runs the other passes
 * ----
 */

struct plan {
	const struct params *params;
	const struct sdp_schema *schema;
	struct sdp_kmeans_options options;
	struct sdp_typed_column *columns;  /* of the schema */
	size_t count, *features;           /* indices in the schema */
	const struct sdp_misfits *misfits; /* of each column of the schema, in the first pass */
	/*
	 * Of each column of the schema: the integers of a default feature, if they are all
	 * different, and whether it is left out because it seems to be an id.
	 */
	struct sdp_all_different *different;
	bool *ids;
	struct sdp_kmeans *km; /* NULL while reading */
};

struct state {
	uint64_t rows;
	struct sdp_kmeans_points points;
	struct sdp_kmeans_state work;
	/* one per column of the schema: what features and columns that may be features have */
	struct sdp_misfits columns[];
};

/*
 * Parses the text of -k, "N" or "A..B", into the first and the last number of clusters.
 */
static int parse_clusters(const char *text, size_t *first, size_t *last, struct sdp_err *err)
{
	char quoted[64];
	size_t *to = first;
	*first = *last = 0;
	if (!text)
		return sdp_fail(err, SDP_USAGE,
				"-k is missing: the number of clusters, or a range A..B");
	for (const char *s = text; *s; s++) {
		if (s[0] == '.' && s[1] == '.' && to == first) {
			to = last;
			s++;
		} else if (*s < '0' || *s > '9' ||
			   (*to = *to * 10 + (size_t)(*s - '0')) > MOST_CLUSTERS) {
			*to = 0;
			break;
		}
	}
	if (to == first)
		*last = *first;
	if (*first < 1 || *last < *first)
		return sdp_fail(err, SDP_USAGE, "-k: not a number from 1 to %d or a range A..B: %s",
				MOST_CLUSTERS,
				sdp_quote(quoted, sizeof quoted, text, strlen(text)));
	return 0;
}

/* Returns whether a value of --init may be a file: it looks like the name of one, or it is one. */
static bool names_file(const char *text)
{
	return strpbrk(text, "./") || strcmp(text, "-") == 0 || access(text, F_OK) == 0;
}

static int make_options(const struct params *p, struct sdp_kmeans_options *o, struct sdp_err *err)
{
	char quoted[64];
	*o = (struct sdp_kmeans_options){
		.init = SDP_KMEANS_PLUS_PLUS,
		.restarts = (int)p->restarts,
		.max_iterations = (int)p->max_iterations,
		.tolerance = p->tolerance,
		.seed = (uint64_t)p->common.seed,
		.lloyd = p->algorithm == LLOYD,
		.standardize = p->standardize,
	};
	if (parse_clusters(p->k, &o->first_k, &o->last_k, err) < 0)
		return -1;
	if (strcmp(p->init, "random") == 0)
		o->init = SDP_KMEANS_RANDOM;
	else if (strcmp(p->init, "k-means++") != 0)
		o->init = SDP_KMEANS_GIVEN;
	if (o->init == SDP_KMEANS_GIVEN && !names_file(p->init))
		return sdp_fail(err, SDP_USAGE,
				"--init: not k-means++, random or a file of centers: %s",
				sdp_quote(quoted, sizeof quoted, p->init, strlen(p->init)));
	if (o->init != SDP_KMEANS_GIVEN)
		return 0;
	o->restarts = 1; /* all restarts would be equal */
	if (o->first_k != o->last_k)
		return sdp_fail(err, SDP_USAGE,
				"-k A..B needs --init k-means++ or random, not a file of centers");
	return 0;
}

static size_t state_size(const void *opaque)
{
	const struct plan *plan = opaque;
	return sizeof(struct state) + plan->schema->count * sizeof(struct sdp_misfits);
}

/* Reads the file of starting centres, which must have k rows. */
static int read_init(struct plan *plan, struct sdp_work *work, struct sdp_err *err)
{
	double *values, *given;
	size_t rows;
	if (sdp_matrix_file_read(plan->params->init, plan->schema, plan->features, plan->count,
				 &values, &rows, err) < 0)
		return -1;
	plan->options.given = given =
		sdp_spill_take(&work->spill, rows * plan->count * sizeof *given, err);
	int rc = given ? 0 : -1;
	if (rc == 0 && rows != plan->options.first_k)
		rc = sdp_fail(err, SDP_DATA, "%s: %zu center%s for -k %zu", plan->params->init,
			      rows, rows == 1 ? "" : "s", plan->options.first_k);
	if (rc == 0)
		memcpy(given, values, rows * plan->count * sizeof *given);
	free(values);
	return rc;
}

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **out, struct sdp_pass *first, struct sdp_err *err)
{
	const struct params *p = params;
	struct sdp_kmeans_options options;
	size_t *indices, count;
	if (make_options(p, &options, err) < 0 ||
	    sdp_columns_select(schema, p->common.columns, &indices, &count, err) < 0)
		return -1;
	struct plan *plan = sdp_spill_take(&work->spill, sizeof *plan, err);
	size_t *features = sdp_spill_take(&work->spill, schema->count * sizeof *features, err);
	struct sdp_typed_column *columns =
		sdp_spill_take(&work->spill, schema->count * sizeof *columns, err);
	struct sdp_all_different *different =
		sdp_spill_take(&work->spill, schema->count * sizeof *different, err);
	bool *ids = sdp_spill_take(&work->spill, schema->count * sizeof *ids, err);
	int rc = plan && features && columns && different && ids ? 0 : -1;
	if (rc == 0)
		*plan = (struct plan){.params = p,
				      .schema = schema,
				      .options = options,
				      .columns = columns,
				      .features = features,
				      .different = different,
				      .ids = ids};
	for (size_t i = 0; rc == 0 && i < count; i++) {
		const struct sdp_column *c = &schema->columns[indices[i]];
		struct sdp_typed_column *typed = &columns[indices[i]];
		*typed = sdp_typed_column(c);
		if (p->common.columns && c->fixed && typed->class != SDP_CLASS_NUMBER)
			rc = sdp_fail(err, SDP_DATA,
				      "column '%s' is not numeric: --types makes it a %s", c->name,
				      sdp_type_name(c->type));
		else if (p->common.columns || typed->class == SDP_CLASS_NUMBER)
			features[plan->count++] = indices[i];
	}
	free(indices);
	*first = (struct sdp_pass){.kind = SDP_PASS_CHUNKS, .phase = "reading"};
	if (rc == 0)
		first->share = sdp_kmeans_reading_share(&options, plan->count);
	*out = plan;
	return rc;
}

/* Counts the cells of the columns that may turn out to be numeric, or nearly so. */
static int watch_others(const struct plan *plan, struct state *s, const struct sdp_block *block,
			struct sdp_work *work, struct sdp_err *err)
{
	for (size_t c = 0; c < plan->schema->count; c++) {
		const struct sdp_typed_column *column = &plan->columns[c];
		bool empty = column->class == SDP_CLASS_NONE && !s->columns[c].seen;
		if (column->class != SDP_CLASS_NUMBER && column->nearly == SDP_CLASS_NUMBER &&
		    !(empty && sdp_block_seen(block, c) == 0) &&
		    sdp_typed_column_count(column, &s->columns[c], block, c, &work->numbers, err) <
			    0)
			return -1;
	}
	return 0;
}

static int update(const void *opaque, void *state, const struct sdp_block *block,
		  struct sdp_work *work, struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct state *s = state;
	size_t cells = block->rows * plan->count;
	double *values = sdp_work_scratch(work, cells * sizeof *values + block->rows + 1, err);
	if (!values)
		return -1;
	struct sdp_numeric_columns read = {.columns = plan->features,
					   .count = plan->count,
					   .required = plan->params->common.columns,
					   .values = values,
					   .missing = (unsigned char *)(values + cells),
					   .misfits = s->columns};
	if (sdp_numeric_columns_read(&read, block, &work->numbers, err) < 0 ||
	    (!read.required && watch_others(plan, s, block, work, err) < 0))
		return -1;
	s->rows += block->rows;
	if (read.used == 0)
		return 0;
	return sdp_kmeans_points_add(&s->points, plan->count, block->chunk, values, read.used,
				     &work->spill, err);
}

static int item(const void *opaque, void *state, size_t number, struct sdp_work *work,
		struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct state *s = state;
	void *scratch = sdp_work_scratch(work, sdp_kmeans_scratch(plan->km), err);
	return scratch ? sdp_kmeans_item(plan->km, &s->work, number, &work->spill, scratch, err)
		       : -1;
}

static int merge(const void *opaque, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct state *a = into, *b = from;
	if (plan->km)
		return sdp_kmeans_merge(plan->km, &a->work, &b->work, &work->spill, err);
	a->rows += b->rows;
	for (size_t c = 0; c < plan->schema->count; c++)
		sdp_misfits_merge(&a->columns[c], &b->columns[c]);
	sdp_kmeans_points_merge(&a->points, &b->points, plan->count);
	return 0;
}

/*
 * Without -x the features are the columns that turn out to be numeric after reading. Sets the
 * plan's features to these. Returns whether they differ from those of the pass that ended.
 */
static bool guesses_failed(struct plan *plan, const struct state *root)
{
	bool failed = false;
	plan->count = 0;
	for (size_t c = 0; c < plan->schema->count; c++) {
		struct sdp_typed_column *column = &plan->columns[c];
		bool was = column->class == SDP_CLASS_NUMBER;
		sdp_typed_column_update(column, root->columns[c].seen);
		bool numeric = column->class == SDP_CLASS_NUMBER;
		failed |= was != numeric;
		if (numeric && !plan->ids[c])
			plan->features[plan->count++] = c;
	}
	return failed;
}

/*
 * Leaves out the default features that seem to be ids. Returns 1 if the chunks must be read again
 * because nulls of these have dropped rows, else 0 or -1.
 */
static int leave_out_ids(struct plan *plan, struct state *root, struct sdp_spill *spill,
			 struct sdp_err *err)
{
	bool again = false;
	for (size_t i = plan->count; i-- > 0 && !plan->params->common.columns;) {
		size_t c = plan->features[i];
		struct sdp_all_different *d = &plan->different[c];
		if (plan->columns[c].type == SDP_INTEGER_TYPE &&
		    sdp_kmeans_points_different(&root->points, i, spill, d, err) < 0)
			return -1;
		bool dropped = root->points.rows < root->rows;
		if (!sdp_typed_column_is_id(d, d->low < 0, root->points.rows) ||
		    (dropped && root->columns[c].values > (uint64_t)(d->high - d->low) + 1))
			continue;
		if (sdp_kmeans_points_drop(&root->points, plan->count, i, spill, err) < 0)
			return -1;
		plan->ids[c] = true;
		plan->count--;
		memmove(plan->features + i, plan->features + i + 1,
			(plan->count - i) * sizeof *plan->features);
		again |= root->columns[c].values < root->rows;
	}
	return again;
}

/* Warns; adds the text to warnings, too, unless that is NULL. Returns 0 or -1. */
static int warn(cJSON *warnings, const char *text, struct sdp_err *err)
{
	if (warnings)
		return sdp_warn_in(warnings, err, "%s", text);
	sdp_warn("%s", text);
	return 0;
}

/*
 * Warns of the default features whose integers are all different; if warnings is NULL, all of them
 * are left out.
 */
static int warn_of_ids(const struct plan *plan, cJSON *warnings, struct sdp_err *err)
{
	struct sdp_id_warnings said = {0};
	char text[SDP_ID_WARNING];
	int rc = 0;
	for (size_t c = 0; rc == 0 && c < plan->schema->count; c++) {
		const struct sdp_all_different *d = &plan->different[c];
		if (d->different && sdp_id_warning(&said, plan->schema->columns[c].name,
						   !warnings || plan->ids[c], d, NULL, NULL, text))
			rc = warn(warnings, text, err);
	}
	for (int used = 0; rc == 0 && used < 2; used++)
		if (sdp_id_warning_more(&said, !used, text))
			rc = warn(warnings, text, err);
	return rc;
}

/*
 * Refuses features of equal names, because a centre's values are members named after the features.
 */
static int check_names(const struct plan *plan, struct sdp_err *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const char *name = plan->schema->columns[plan->features[i]].name;
		size_t first;
		if (sdp_columns_named(plan->schema, name, strlen(name), &first) == 1)
			continue;
		for (size_t k = 0; k < i; k++)
			if (strcmp(name, plan->schema->columns[plan->features[k]].name) == 0)
				return sdp_fail(err, SDP_DATA,
						"two features are named '%s': rename one, or "
						"choose columns by -x",
						name);
		for (size_t c = 0; c < plan->schema->count; c++)
			if (plan->ids[c] && strcmp(name, plan->schema->columns[c].name) == 0)
				return sdp_fail(err, SDP_DATA,
						"one of two columns named '%s' is left out: rename "
						"one",
						name);
	}
	return 0;
}

static void next_pass(const struct plan *plan, struct sdp_pass *next)
{
	enum sdp_kmeans_phase phase = sdp_kmeans_phase(plan->km);
	*next = (struct sdp_pass){.kind = SDP_PASS_DONE};
	if (phase != SDP_KMEANS_DONE)
		*next = (struct sdp_pass){SDP_PASS_ITEMS, sdp_kmeans_items(plan->km),
					  sdp_kmeans_phase_name(phase), .discard_states = true,
					  .share = sdp_kmeans_share(plan->km)};
}

/* Adds the warnings about columns that are nearly numeric; warnings may be NULL. */
static int warn_of_misfits(const struct plan *plan, cJSON *warnings, struct sdp_err *err)
{
	size_t found = 0;
	for (size_t c = 0; c < plan->schema->count; c++)
		if (sdp_warn_misfits(warnings, &plan->misfits[c], plan->schema, c, "is left out",
				     &found, err) < 0)
			return -1;
	return sdp_warn_more_misfits(warnings, found, err);
}

/* Reads the chunks again, with other features. */
static int read_again(const struct plan *plan, struct state *root, struct sdp_pass *next)
{
	root->rows = 0;
	root->points = (struct sdp_kmeans_points){0};
	memset(root->columns, 0, plan->schema->count * sizeof *root->columns);
	*next = (struct sdp_pass){.kind = SDP_PASS_CHUNKS,
				  .phase = "reading again",
				  .share = sdp_kmeans_reading_share(&plan->options, plan->count)};
	return 0;
}

static int refuse_no_features(const struct plan *plan, struct sdp_err *err)
{
	bool ids = false;
	for (size_t c = 0; c < plan->schema->count; c++)
		ids |= plan->ids[c];
	return warn_of_misfits(plan, NULL, err) < 0 || warn_of_ids(plan, NULL, err) < 0
		       ? -1
		       : sdp_fail(err, SDP_DATA, "no column is numeric%s: there are no features",
				  ids ? " except columns that seem to be ids" : "");
}

/* Fails if there is nothing to cluster. */
static int check_points(const struct plan *plan, const struct state *root, struct sdp_err *err)
{
	if (root->rows == 0)
		return sdp_fail(err, SDP_DATA, "there are no rows");
	if (plan->count == 0)
		return refuse_no_features(plan, err);
	if (root->points.rows == 0)
		return sdp_fail(err, SDP_DATA,
				"none of %" PRIu64 " row%s has a value in every feature",
				root->rows, root->rows == 1 ? "" : "s");
	size_t odd = sdp_kmeans_points_odd(&root->points, plan->count);
	if (odd < plan->count)
		return sdp_fail(err, SDP_DATA,
				"column '%s': exact sums need a largest magnitude between 2^-1000 "
				"and 2^1022",
				plan->schema->columns[plan->features[odd]].name);
	return 0;
}

static int begin(struct plan *plan, struct state *root, struct sdp_work *work,
		 struct sdp_pass *next, struct sdp_err *err)
{
	size_t counts = plan->schema->count * sizeof *root->columns;
	int ids;
	struct sdp_misfits *first =
		plan->misfits ? NULL : sdp_spill_take(&work->spill, counts, err);
	if (!plan->misfits && !first)
		return -1;
	if (first)
		plan->misfits = memcpy(first, root->columns, counts);
	if (!plan->params->common.columns && guesses_failed(plan, root))
		return read_again(plan, root, next);
	if (check_points(plan, root, err) < 0 ||
	    (ids = leave_out_ids(plan, root, &work->spill, err)) < 0)
		return -1;
	if (ids)
		return read_again(plan, root, next);
	if (check_points(plan, root, err) < 0)
		return -1;
	if (check_names(plan, err) < 0)
		return -1;
	if (plan->options.init == SDP_KMEANS_GIVEN && read_init(plan, work, err) < 0)
		return -1;
	plan->km = sdp_kmeans_new(&plan->options, plan->count, &root->points, &work->spill, err);
	if (!plan->km)
		return -1;
	next_pass(plan, next);
	return 0;
}

static int step(void *opaque, void *root, struct sdp_work *work, struct sdp_pass *next,
		struct sdp_err *err)
{
	struct plan *plan = opaque;
	struct state *s = root;
	if (!plan->km)
		return begin(plan, s, work, next, err);
	if (sdp_kmeans_step(plan->km, &s->work, &work->spill, err) < 0)
		return -1;
	next_pass(plan, next);
	return 0;
}

/* ---- the document ---- */

/* Says which columns are left out because they are not numeric. */
static int put_left_out(const struct plan *plan, cJSON *warnings, struct sdp_err *err)
{
	size_t count = 0, *numeric = sdp_alloc(plan->schema->count, sizeof *numeric, err);
	for (size_t c = 0; numeric && c < plan->schema->count; c++)
		if (plan->columns[c].class == SDP_CLASS_NUMBER)
			numeric[count++] = c;
	int rc = numeric ? sdp_warn_left_out(warnings, plan->schema, numeric, count, err) : -1;
	free(numeric);
	return rc;
}

static int put_warnings(const struct plan *plan, const struct sdp_kmeans_result *results,
			size_t count, cJSON *doc, struct sdp_err *err)
{
	cJSON *warnings = sdp_doc_array(doc, "warnings", err);
	const double *deviations = sdp_kmeans_deviations(plan->km);
	int rc = warnings ? 0 : -1;
	if (rc == 0 && !plan->params->common.columns)
		rc = put_left_out(plan, warnings, err) < 0 || warn_of_ids(plan, warnings, err) < 0
			     ? -1
			     : warn_of_misfits(plan, warnings, err);
	for (size_t i = 0; rc == 0 && deviations && i < plan->count; i++)
		if (deviations[i] == 0)
			rc = sdp_warn_in(warnings, err,
					 "column '%s' is constant: it cannot be standardized and "
					 "is ignored",
					 plan->schema->columns[plan->features[i]].name);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		const struct sdp_kmeans_result *r = &results[i];
		if (!r->converged)
			rc = sdp_warn_in(warnings, err,
					 "k = %zu: not converged: %" PRIu64
					 " row%s changed cluster in the last "
					 "iteration, %d",
					 r->k, r->changed, r->changed == 1 ? "" : "s",
					 r->iterations);
		if (rc == 0 && isinf(r->inertia))
			rc = sdp_warn_in(
				warnings, err,
				"k = %zu: the inertia exceeds every double and is printed as null",
				r->k);
		if (rc == 0 && r->refills)
			rc = sdp_warn_in(warnings, err,
					 "k = %zu: clusters that lost all their rows: %" PRIu64
					 "; each continued from the row farthest from its center",
					 r->k, r->refills);
	}
	return rc;
}

static int emit(const void *opaque, const void *root, cJSON *doc, struct sdp_err *err)
{
	size_t count;
	const struct plan *plan = opaque;
	const struct state *s = root;
	const struct sdp_kmeans_result *results = sdp_kmeans_results(plan->km, &count);
	bool scan = plan->options.first_k != plan->options.last_k;
	if (!scan)
		sdp_doc_count(doc, "k", results->k, err);
	cJSON *features = sdp_doc_array(doc, "features", err);
	for (size_t i = 0; i < plan->count; i++)
		sdp_doc_text(features, NULL, plan->schema->columns[plan->features[i]].name, err);
	sdp_doc_count(doc, "rows", s->rows, err);
	sdp_doc_count(doc, "rows_used", s->points.rows, err);
	sdp_doc_count(doc, "rows_dropped", s->rows - s->points.rows, err);
	if (scan)
		kmeans_put_scan(results, count, doc, err);
	else
		kmeans_put_clusters(results, plan->count, doc, err);
	sdp_doc_reals(doc, "deviations", sdp_kmeans_deviations(plan->km), plan->count, err);
	return put_warnings(plan, results, count, doc, err);
}

static const struct sdp_task task = {
	.name = "kmeans",
	.open = open_plan,
	.state_size = state_size,
	.update = update,
	.item = item,
	.merge = merge,
	.step = step,
	.emit = emit,
};

/* ---- options ---- */

static int check(const struct params *p, struct sdp_err *err)
{
	static const char fit[] = "clusters features standardize init restarts max-iterations "
				  "tolerance algorithm assign";
	struct sdp_kmeans_options options;
	if (p->predict)
		return sdp_refuse_given(
			       &p->common, fit,
			       "with --predict: the model determines clusters, features and scales",
			       err) < 0
			       ? -1
			       : sdp_run_rows_check(&p->common, err);
	if (make_options(p, &options, err) < 0)
		return -1;
	if (options.init == SDP_KMEANS_GIVEN &&
	    sdp_refuse_given(&p->common, "restarts", "with --init FILE", err) < 0)
		return -1;
	if (!p->assign)
		return 0;
	if (options.first_k != options.last_k)
		return sdp_fail(err, SDP_USAGE,
				"--assign needs a single number of clusters, not a range");
	return sdp_run_rows_check(&p->common, err);
}

static int run(void *params, int count, char **operands, struct sdp_err *err)
{
	struct params *p = params;
	cJSON *doc = NULL;
	if (check(p, err) < 0 ||
	    (p->predict && sdp_model_file_read(p->predict, task.name, &doc, err) < 0))
		return -1;
	p->common.rows_follow = p->assign;
	struct sdp_source *source = sdp_run_open(&p->common, count, operands, err);
	int rc = source ? 0 : -1;
	if (rc == 0 && !doc)
		rc = (doc = cJSON_CreateObject()) ? sdp_run_task_on(&task, p, source, doc, err)
						  : sdp_fail_memory(err);
	if (rc == 0 && (p->predict || p->assign))
		rc = kmeans_label_rows(&p->common, doc, p->predict, source, err);
	else if (rc == 0)
		rc = kmeans_print(&p->common, doc, err);
	sdp_source_free(source);
	cJSON_Delete(doc);
	return rc;
}

#define AT(member) offsetof(struct params, member)

static const struct sdp_option options[] = {
	{'k', "clusters", SDP_TEXT, AT(k), "N|A..B", NULL, NULL, 0, 0,
	 "number of clusters, or a range of numbers to compare"},
	{'x', "features", SDP_TEXT, AT(common.columns), "LIST", NULL, NULL, 0, 0,
	 "columns to use; names, numbers, ranges a:f, /regex/; by default all numeric "
	 "columns"},
	{0, "standardize", SDP_FLAG, AT(standardize), NULL, NULL, NULL, 0, 0,
	 "divide each feature by its standard deviation; with divisor n"},
	{0, "init", SDP_TEXT, AT(init), "k-means++|random|FILE", NULL, "k-means++", 0, 0,
	 "initial centers; FILE has one row per center"},
	{0, "restarts", SDP_INTEGER, AT(restarts), "N", "runs", "1", 1, 1000000,
	 "number of runs; the run with the lowest inertia is printed"},
	{0, "max-iterations", SDP_INTEGER, AT(max_iterations), "N", NULL, "300", 1, 1000000000,
	 "maximum number of iterations of a run"},
	{0, "tolerance", SDP_REAL, AT(tolerance), "D", NULL, "0", 0, INFINITY,
	 "end a run when no center moves farther than D; 0: when no row changes its cluster"},
	{0, "algorithm", SDP_CHOICE, AT(algorithm), "hamerly|lloyd", NULL, "hamerly", 0, 0,
	 "hamerly computes fewer distances; the result is the same"},
	{0, "assign", SDP_FLAG, AT(assign), NULL, NULL, NULL, 0, 0,
	 "print the input rows with a column cluster"},
	{0, "predict", SDP_TEXT, AT(predict), "MODEL.json", NULL, NULL, 0, 0,
	 "print the input rows with their clusters; MODEL.json is a JSON document that "
	 "sdp-kmeans printed"},
	{0},
};

static const char *const examples[] = {
	"sdp-sample iris | sdp-kmeans -k 3 --standardize",
	"sdp-kmeans -k 2..8 --restarts 10 -f csv table.csv",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"clusters", "clusters features standardize"},
	{"search", "init restarts max-iterations tolerance algorithm seed"},
	{"rows", "assign predict"},
	{0},
};

static const struct sdp_option_values values[] = {
	{"print", "features centers sizes metrics scan warnings"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-kmeans",
	.summary = "find clusters by k-means",
	.operands = "[FILE...]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.values = values,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_TABLE | SDP_GROUP_DOCUMENT | SDP_GROUP_ROWS |
		  SDP_GROUP_SEED | SDP_GROUP_MEMORY | SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct params),
	.task = &task,
	.run = run,
};
