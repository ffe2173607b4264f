/* Writes the document of sdp-logreg. */
#include "logreg.h"
#include "sdp/doc.h"
#include "sdp/num.h"

#include <math.h>

static int put_coefficient(cJSON *row, const struct sdp_logreg_coefficient *c, struct sdp_err *err)
{
	return sdp_doc_real(row, "estimate", c->estimate, err) < 0 ||
			       sdp_doc_real(row, "std_error", c->std_error, err) < 0 ||
			       sdp_doc_real(row, "z", c->z, err) < 0 ||
			       sdp_doc_real(row, "p", c->p, err) < 0 ||
			       sdp_doc_real(row, "ci_low", c->low, err) < 0 ||
			       sdp_doc_real(row, "ci_high", c->high, err) < 0
		       ? -1
		       : sdp_doc_real(row, "odds_ratio", c->odds_ratio, err);
}

static int put_coefficients(const struct logreg_plan *j, cJSON *doc, struct sdp_err *err)
{
	const struct sdp_logreg_coefficient nothing = {NAN, NAN, NAN, NAN, NAN, NAN, NAN},
					    *next = j->coefficients;
	size_t base = j->label_count - j->fit.shape.sets;
	cJSON *array = sdp_doc_array(doc, "coefficients", err);
	for (size_t k = 0; array && k < j->fit.shape.sets; k++)
		for (size_t c = 0; c < j->design->count; c++) {
			cJSON *row = sdp_doc_row(array, err);
			if (!row || sdp_doc_text(row, "label", j->labels[base + k], err) < 0 ||
			    sdp_doc_text(row, "name", j->design->columns[c].name, err) < 0 ||
			    put_coefficient(row, j->dropped[c] ? &nothing : next++, err) < 0)
				return -1;
		}
	return array ? 0 : -1;
}

/* Adds a real as a text, which no option rounds, to an object or (name is NULL) a list. */
static int put_text(cJSON *to, const char *name, double value, struct sdp_err *err)
{
	char text[32];
	sdp_num_print(text, value);
	return sdp_doc_text(to, name, text, err);
}

/*
 * Writes the numbers that predictions are computed with, a row per column: the coefficients of
 * (x - centre) scale, one per set.
 */
static int put_model(const struct logreg_plan *j, cJSON *doc, struct sdp_err *err)
{
	const struct sdp_logreg_shape *s = &j->fit.shape;
	cJSON *rows = sdp_doc_array(doc, "model", err);
	for (size_t c = 0, at = 0; rows && c < j->design->count; c++) {
		cJSON *row = sdp_doc_row(rows, err);
		if (!row || sdp_doc_text(row, "name", j->design->columns[c].name, err) < 0)
			return -1;
		if (j->dropped[c]) {
			if (sdp_doc_null(row, "coefficients", err) < 0 ||
			    sdp_doc_null(row, "centre", err) < 0 ||
			    sdp_doc_null(row, "scale", err) < 0)
				return -1;
			continue;
		}
		cJSON *list = sdp_doc_array(row, "coefficients", err);
		for (size_t k = 0; list && k < s->sets; k++)
			if (put_text(list, NULL, j->fit.theta[k * s->columns + at], err) < 0)
				return -1;
		if (!list || put_text(row, "centre", s->centre[at], err) < 0 ||
		    put_text(row, "scale", s->scale[at], err) < 0)
			return -1;
		at++;
	}
	return rows ? 0 : -1;
}

static int put_quality(cJSON *object, const char *const names[3],
		       const struct sdp_logreg_quality *q, struct sdp_err *err)
{
	return sdp_doc_real(object, names[0], q->precision, err) < 0 ||
			       sdp_doc_real(object, names[1], q->recall, err) < 0
		       ? -1
		       : sdp_doc_real(object, names[2], q->f1, err);
}

/*
 * Writes the scores of the training or test rows (which) to metrics, and those of each label to its
 * row of by_label, which may be NULL.
 */
static int put_scores(const struct logreg_plan *j, int which, cJSON *metrics, cJSON *by_label,
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
		if (!row || sdp_doc_text(row, "label", j->labels[k], err) < 0 ||
		    put_quality(row, names[0], &q[k], err) < 0 ||
		    sdp_doc_count(row, "support", q[k].support, err) < 0 ||
		    sdp_doc_real(row, "auc", n == 2 ? areas[0] : areas[k], err) < 0)
			return -1;
	}
	if (sdp_doc_real(metrics, "accuracy", accuracy, err) < 0 ||
	    put_quality(metrics, names[0], n == 2 ? &q[1] : &q[n], err) < 0 ||
	    put_quality(metrics, names[1], &q[n], err) < 0 ||
	    put_quality(metrics, names[2], &q[n + 1], err) < 0 ||
	    sdp_doc_real(metrics, "log_loss", sdp_exact_sum_value(&s->loss) / rows, err) < 0 ||
	    sdp_doc_real(metrics, "brier", sdp_exact_sum_value(&s->squares) / rows, err) < 0)
		return -1;
	return sdp_doc_real(metrics, "auc", mean, err);
}

static int put_fitness(const struct logreg_plan *j, cJSON *metrics, struct sdp_err *err)
{
	struct sdp_logreg_fitness f;
	sdp_logreg_fitness(&j->fit, j->ranges->counts, &f);
	return sdp_doc_real(metrics, "log_likelihood", f.log_likelihood, err) < 0 ||
			       sdp_doc_real(metrics, "null_log_likelihood", f.null, err) < 0 ||
			       sdp_doc_real(metrics, "deviance", f.deviance, err) < 0 ||
			       sdp_doc_real(metrics, "mcfadden_r2", f.mcfadden_r2, err) < 0 ||
			       sdp_doc_real(metrics, "llr", f.llr, err) < 0 ||
			       sdp_doc_real(metrics, "llr_p", f.llr_p, err) < 0 ||
			       sdp_doc_real(metrics, "aic", f.aic, err) < 0
		       ? -1
		       : sdp_doc_real(metrics, "bic", f.bic, err);
}

static int put_confusion(const struct logreg_plan *j, int which, cJSON *doc, struct sdp_err *err)
{
	cJSON *rows = sdp_doc_array(doc, "confusion", err);
	for (size_t k = 0; rows && k < j->label_count; k++) {
		cJSON *row = sdp_doc_array(rows, NULL, err);
		for (size_t l = 0; row && l < j->label_count; l++)
			if (sdp_doc_count(row, NULL, j->scores[which].confusion[k][l], err) < 0)
				return -1;
		if (!row)
			return -1;
	}
	return rows ? 0 : -1;
}

static int put_test(const struct logreg_plan *j, cJSON *doc, struct sdp_err *err)
{
	if (j->params->test_fraction <= 0)
		return 0;
	cJSON *test = sdp_doc_object(doc, "test_metrics", err);
	return test && sdp_doc_count(test, "rows_used", j->frame->tested, err) == 0 &&
			       put_scores(j, HELD, test, NULL, err) == 0
		       ? put_confusion(j, HELD, test, err)
		       : -1;
}

int logreg_emit(const struct logreg_plan *j, cJSON *doc, struct sdp_err *err)
{
	if (sdp_doc_text(doc, "target", j->frame->columns[0].name, err) < 0)
		return -1;
	cJSON *labels = sdp_doc_array(doc, "labels", err);
	for (size_t k = 0; labels && k < j->label_count; k++)
		if (sdp_doc_text(labels, NULL, j->labels[k], err) < 0)
			return -1;
	if (!labels || sdp_design_put_rows(j->design, doc, err) < 0 ||
	    put_coefficients(j, doc, err) < 0)
		return -1;
	cJSON *metrics = sdp_doc_object(doc, "metrics", err);
	cJSON *by_label = metrics ? sdp_doc_array(doc, "by_label", err) : NULL;
	if (!by_label || put_scores(j, TRAINED, metrics, by_label, err) < 0 ||
	    put_fitness(j, metrics, err) < 0 || put_confusion(j, TRAINED, doc, err) < 0 ||
	    put_test(j, doc, err) < 0 ||
	    sdp_doc_integer(doc, "iterations", j->fit.iterations, err) < 0 ||
	    sdp_doc_bool(doc, "converged", j->fit.converged, err) < 0 ||
	    sdp_doc_real(doc, "gradient_norm", j->fit.gradient_norm, err) < 0 ||
	    (j->label_count == 2 &&
	     sdp_doc_setting(doc, "threshold", j->params->threshold, err) < 0) ||
	    sdp_doc_real(doc, "l2", j->params->l2, err) < 0 ||
	    sdp_doc_setting(doc, "level", j->params->level, err) < 0 || put_model(j, doc, err) < 0)
		return -1;
	return sdp_design_put_inputs(j->design, doc, err);
}
