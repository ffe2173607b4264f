/* The error of a cell that is not allowed in its column. */
#include "engine/frame_private.h"

/*
 * Returns the term that requires the column of the schema to be a number, and what it uses it for
 * ("powers"); NULL if --types requires it, or if the column is the target.
 */
static const struct sdp_term *needing_number(const struct sdp_frame *f, size_t index,
					     const char **what)
{
	for (size_t t = 0; t < f->term_count; t++)
		for (size_t k = 0; k < f->terms[t].degree; k++) {
			const struct sdp_term *term = &f->terms[t];
			const struct sdp_frame_column *c = &f->columns[term->factor[k]];
			*what = term->kind == SDP_TERM_LOG    ? "logarithms"
				: term->kind == SDP_TERM_SQRT ? "roots"
							      : "powers";
			if (c->index == index && !c->typed.fixed && sdp_term_needs_number(term, k))
				return term;
		}
	return NULL;
}

int sdp_frame_refuse(const struct sdp_frame *f, const struct sdp_fault *fault, struct sdp_err *err)
{
	struct sdp_err why;
	const char *what;
	if (sdp_fault_fail(fault, &why) == 0)
		return 0;
	const struct sdp_term *term = needing_number(f, fault->column, &what);
	return term ? sdp_fail(err, why.code, "%.600s, and only numbers have %s: %.300s", why.text,
			       what, term->name)
		    : sdp_fail(err, why.code, "%s", why.text);
}
