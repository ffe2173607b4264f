/* Turns the target's values into labels and checks their number. */
#include "logreg.h"

#include <string.h>

enum { MANY = 20 }; /* A numeric target with more labels than this is probably not a label */

static int refuse_many(const struct sdp_frame_column *target, struct sdp_err *err)
{
	return sdp_fail(err, SDP_DATA, "column '%s' has %zu labels; at most %d are possible%s",
			target->name, target->level_count, SDP_LOGREG_LABELS,
			target->typed.class == SDP_CLASS_NUMBER ? "; sdp-linreg predicts numbers"
								: "");
}

void logreg_print_warnings(const struct logreg_plan *j)
{
	for (const char *text; (text = sdp_frame_next_warning(j->frame));)
		sdp_warn("%s", text);
}

/* Warns at once, because the fit may take long. */
static int warn_of_many(const struct logreg_plan *j, struct sdp_spill *spill, struct sdp_err *err)
{
	const struct sdp_frame_column *target = &j->frame->columns[0];
	if (sdp_frame_warn(j->frame, spill, err,
			   "column '%s' is numeric, and each of its %zu values is a label: "
			   "sdp-linreg predicts numbers",
			   target->name, target->level_count) < 0)
		return -1;
	logreg_print_warnings(j);
	return 0;
}

int logreg_settle_labels(struct logreg_plan *j, struct sdp_spill *spill, struct sdp_err *err)
{
	const struct sdp_frame_column *target = &j->frame->columns[0];
	const char *positive = j->params->positive;
	size_t n = target->level_count, first = 0;
	bool unseen = target->unseen_count > 0;
	if (n == 1)
		return sdp_fail(err, SDP_DATA,
				"column '%s' has only one label%s, '%s': at least two are needed",
				target->name, unseen ? " in the rows of the fit" : "",
				target->levels[0].data);
	if (n > SDP_LOGREG_LABELS)
		return refuse_many(target, err);
	if (n > 2 && sdp_given(&j->params->common, "positive threshold"))
		return sdp_fail(err, SDP_USAGE, "--%s needs two labels; column '%s' has %zu",
				positive ? "positive" : "threshold", target->name, n);
	if (positive && strcmp(positive, target->levels[0].data) == 0)
		first = 1;
	else if (positive && strcmp(positive, target->levels[1].data) != 0)
		return sdp_fail(err, SDP_DATA, "--positive: column '%s' has no label '%s'%s",
				target->name, positive, unseen ? " in the rows of the fit" : "");
	j->label_count = n;
	for (size_t i = 0; i < n; i++) {
		j->code_of[i] = (unsigned char)(first ? n - 1 - i : i);
		j->labels[j->code_of[i]] = target->levels[i].data;
	}
	return n > MANY && target->typed.class == SDP_CLASS_NUMBER ? warn_of_many(j, spill, err)
								   : 0;
}
