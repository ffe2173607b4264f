/* Writes the document of sdp-logreg. */
#include "logreg.h"
#include "sdp/doc.h"
#include "sdp/num.h"

#include <math.h>

static void put_coefficient(cJSON *row, const struct sdp_logreg_coefficient *c, struct sdp_err *err)
{
	SDP_DOC_REALS(row, err, {"estimate", c->estimate}, {"std_error", c->std_error}, {"z", c->z},
		      {"p", c->p}, {"ci_low", c->low}, {"ci_high", c->high},
		      {"odds_ratio", c->odds_ratio});
}

static void put_coefficients(const struct logreg_plan *j, cJSON *doc, struct sdp_err *err)
{
	const struct sdp_logreg_coefficient nothing = {NAN, NAN, NAN, NAN, NAN, NAN, NAN},
					    *next = j->coefficients;
	size_t base = j->label_count - j->fit.shape.sets;
	cJSON *array = sdp_doc_array(doc, "coefficients", err);
	for (size_t k = 0; k < j->fit.shape.sets; k++)
		for (size_t c = 0; c < j->design->count; c++) {
			cJSON *row = sdp_doc_row(array, err);
			sdp_doc_text(row, "label", j->labels[base + k], err);
			sdp_doc_text(row, "name", j->design->columns[c].name, err);
			put_coefficient(row, j->dropped[c] ? &nothing : next++, err);
		}
}

/* Adds a real as a text, which no option rounds, to an object or (name is NULL) a list. */
static void put_text(cJSON *to, const char *name, double value, struct sdp_err *err)
{
	char text[32];
	sdp_num_print(text, value);
	sdp_doc_text(to, name, text, err);
}

/*
 * Writes the numbers that predictions are computed with, a row per column: the coefficients of
 * (x - centre) scale, one per set.
 */
static void put_model(const struct logreg_plan *j, cJSON *doc, struct sdp_err *err)
{
	const struct sdp_logreg_shape *s = &j->fit.shape;
	cJSON *rows = sdp_doc_array(doc, "model", err);
	for (size_t c = 0, at = 0; c < j->design->count; c++) {
		cJSON *row = sdp_doc_row(rows, err);
		sdp_doc_text(row, "name", j->design->columns[c].name, err);
		if (j->dropped[c]) {
			sdp_doc_null(row, "coefficients", err);
			sdp_doc_null(row, "centre", err);
			sdp_doc_null(row, "scale", err);
			continue;
		}
		cJSON *list = sdp_doc_array(row, "coefficients", err);
		for (size_t k = 0; k < s->sets; k++)
			put_text(list, NULL, j->fit.theta[k * s->columns + at], err);
		put_text(row, "centre", s->centre[at], err);
		put_text(row, "scale", s->scale[at], err);
		at++;
	}
}

static void put_quality(cJSON *object, const char *const names[3],
			const struct sdp_logreg_quality *q, struct sdp_err *err)
{
	SDP_DOC_REALS(object, err, {names[0], q->precision}, {names[1], q->recall},
		      {names[2], q->f1});
}

/*
 * Writes the scores of the training or test rows (which) to metrics, and those of each label to its
 * row of by_label, which may be NULL.
 */
static void put_scores(const struct logreg_plan *j, int which, cJSON *metrics, cJSON *by_label,
		       struct sdp_err *err)
{
	static const char *const names[3][3] = {{"precision", "recall", "f1"},
						{"precision_macro", "recall_macro", "f1_macro"},
						{"precision_weighted", "recall_weighted",
						 "f1_weighted"}};
	const struct sdp_logreg_scores *s = &j->scores[which];
	struct sdp_logreg_quality q[SDP_LOGREG_LABELS + 2];
	size_t n = j->label_count;
	double rows = (double)s->rows, areas[SDP_LOGREG_LABELS], mean = 0;
	double accuracy = sdp_logreg_qualities(n, s, q);
	for (size_t i = 0; i < j->curves; i++) {
		areas[i] = sdp_auc_area(j->areas + ((size_t)which * j->curves + i) * j->parts,
					j->parts);
		mean += areas[i] / (double)j->curves;
	}
	for (size_t k = 0; by_label && k < n; k++) {
		cJSON *row = sdp_doc_row(by_label, err);
		sdp_doc_text(row, "label", j->labels[k], err);
		put_quality(row, names[0], &q[k], err);
		sdp_doc_count(row, "support", q[k].support, err);
		sdp_doc_real(row, "auc", n == 2 ? areas[0] : areas[k], err);
	}
	sdp_doc_real(metrics, "accuracy", accuracy, err);
	put_quality(metrics, names[0], n == 2 ? &q[1] : &q[n], err);
	put_quality(metrics, names[1], &q[n], err);
	put_quality(metrics, names[2], &q[n + 1], err);
	SDP_DOC_REALS(metrics, err, {"log_loss", sdp_exact_sum_value(&s->loss) / rows},
		      {"brier", sdp_exact_sum_value(&s->squares) / rows}, {"auc", mean});
}

static void put_fitness(const struct logreg_plan *j, cJSON *metrics, struct sdp_err *err)
{
	struct sdp_logreg_fitness f;
	sdp_logreg_fitness(&j->fit, j->ranges->counts, &f);
	SDP_DOC_REALS(metrics, err, {"log_likelihood", f.log_likelihood},
		      {"null_log_likelihood", f.null}, {"deviance", f.deviance},
		      {"mcfadden_r2", f.mcfadden_r2}, {"llr", f.llr}, {"llr_p", f.llr_p},
		      {"aic", f.aic}, {"bic", f.bic});
}

static void put_confusion(const struct logreg_plan *j, int which, cJSON *doc, struct sdp_err *err)
{
	cJSON *rows = sdp_doc_array(doc, "confusion", err);
	for (size_t k = 0; k < j->label_count; k++) {
		cJSON *row = sdp_doc_array(rows, NULL, err);
		for (size_t l = 0; l < j->label_count; l++)
			sdp_doc_count(row, NULL, j->scores[which].confusion[k][l], err);
	}
}

static void put_test(const struct logreg_plan *j, cJSON *doc, struct sdp_err *err)
{
	if (j->params->test_fraction <= 0)
		return;
	cJSON *test = sdp_doc_object(doc, "test_metrics", err);
	sdp_doc_count(test, "rows_used", j->frame->tested, err);
	put_scores(j, HELD, test, NULL, err);
	put_confusion(j, HELD, test, err);
}

int logreg_emit(const struct logreg_plan *j, cJSON *doc, struct sdp_err *err)
{
	sdp_doc_text(doc, "target", j->frame->columns[0].name, err);
	cJSON *labels = sdp_doc_array(doc, "labels", err);
	for (size_t k = 0; k < j->label_count; k++)
		sdp_doc_text(labels, NULL, j->labels[k], err);
	sdp_design_put_rows(j->design, doc, err);
	put_coefficients(j, doc, err);
	cJSON *metrics = sdp_doc_object(doc, "metrics", err);
	cJSON *by_label = sdp_doc_array(doc, "by_label", err);
	put_scores(j, TRAINED, metrics, by_label, err);
	put_fitness(j, metrics, err);
	put_confusion(j, TRAINED, doc, err);
	put_test(j, doc, err);
	sdp_doc_integer(doc, "iterations", j->fit.iterations, err);
	sdp_doc_bool(doc, "converged", j->fit.converged, err);
	sdp_doc_real(doc, "gradient_norm", j->fit.gradient_norm, err);
	if (j->label_count == 2)
		sdp_doc_setting(doc, "threshold", j->params->threshold, err);
	sdp_doc_real(doc, "l2", j->params->l2, err);
	sdp_doc_setting(doc, "level", j->params->level, err);
	put_model(j, doc, err);
	sdp_design_put_inputs(j->design, doc, err);
	return sdp_err_result(err);
}
