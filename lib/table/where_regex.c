/*
 * The regular expressions of --where, and what they may cost for one text.
 *
 * PCRE2 limits the steps from each byte at which a match may begin, but not those from all of them
 * together, nor the bytes that a step reads, so that its limits alone allow minutes. Hence a text
 * is matched in one of two ways, which find the same:
 *
 *	plainly     with so low a limit for each byte that all of them together cost little; nearly
 *	            all texts end here
 *	carefully   if that limit is reached, or the text is so long that reading it from each of
 *	            its bytes costs much: by a pattern that calls count_steps before each of its
 *	            items, which counts the steps of the whole match and the bytes that they read
 *
 * Both depend on the pattern and the text alone, never on the time.
 */
#include "table/where_eval.h"

#include "base/signals.h"

#include <string.h>

enum {
	PLAIN_STEPS = 1000000, /* of a plain match, if each byte takes as many as it may */
	PLAIN_LEAST = 100,     /* from one byte in any case */
	PLAIN_LENGTH = 20000,  /* bytes of the longest text that is matched plainly */
	STEPS = 20000000,      /* of a careful match; see sdp-csv(5) */
	STEP_BYTES = 16,       /* reading so many bytes is a step, too */
	DEPTH = 100000,
	KIBIBYTES = 1 << 16,
};

int sdp_where_regex_compile(struct sdp_where_node *node, size_t *at, char *reason, size_t size,
			    struct sdp_err *err)
{
	const struct sdp_where_node *text = node->operands[1];
	const uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
	int fault;
	PCRE2_SIZE place;
	*reason = '\0';
	if (node->pattern)
		return 0;
	node->pattern = pcre2_compile((PCRE2_SPTR)text->text, text->text_length, options, &fault,
				      &place, NULL);
	if (node->pattern) {
		/* It is longer than the other one, and may be too long: then it is not used. */
		node->careful = pcre2_compile((PCRE2_SPTR)text->text, text->text_length,
					      options | PCRE2_AUTO_CALLOUT, &fault, &place, NULL);
		return node->careful || fault != PCRE2_ERROR_HEAP_FAILED ? 0 : sdp_fail_memory(err);
	}
	if (fault == PCRE2_ERROR_HEAP_FAILED)
		return sdp_fail_memory(err);
	pcre2_get_error_message(fault, (PCRE2_UCHAR *)reason, size);
	*at = place;
	return -1;
}

void sdp_where_regex_free(struct sdp_where_node *node)
{
	pcre2_code_free(node->pattern);
	pcre2_code_free(node->careful);
}

static int begin_match(struct sdp_where_scratch *s, struct sdp_err *err)
{
	if (s->match)
		return 0;
	s->limits = s->limits ? s->limits : pcre2_match_context_create(NULL);
	if (!s->limits || !(s->match = pcre2_match_data_create(1, NULL)))
		return sdp_fail_memory(err);
	pcre2_set_depth_limit(s->limits, DEPTH);
	pcre2_set_heap_limit(s->limits, KIBIBYTES);
	return 0;
}

/* What a careful match has cost so far. */
struct cost {
	size_t steps, at; /* at: where the last step was */
};

static int count_steps(pcre2_callout_block *step, void *context)
{
	struct cost *cost = context;
	size_t at = step->current_position;
	cost->steps += 1 + (at > cost->at ? at - cost->at : cost->at - at) / STEP_BYTES;
	cost->at = at;
	return cost->steps > STEPS || sdp_interrupted ? PCRE2_ERROR_MATCHLIMIT : 0;
}

/* Returns what pcre2_match does. */
static int match(struct sdp_where_scratch *s, const struct sdp_where_node *node, const char *text,
		 size_t length)
{
	struct cost cost = {0};
	size_t plain = (node->careful ? PLAIN_STEPS : STEPS) / (length + 1);
	int rc = PCRE2_ERROR_MATCHLIMIT;
	/* Cells are valid UTF-8, which the reader has checked. */
	pcre2_set_match_limit(s->limits, (uint32_t)(plain > PLAIN_LEAST ? plain : PLAIN_LEAST));
	if (length <= PLAIN_LENGTH || !node->careful)
		rc = pcre2_match(node->pattern, (PCRE2_SPTR)text, length, 0, PCRE2_NO_UTF_CHECK,
				 s->match, s->limits);
	if (rc != PCRE2_ERROR_MATCHLIMIT || !node->careful)
		return rc;
	pcre2_set_match_limit(s->limits, STEPS);
	pcre2_set_callout(s->limits, count_steps, &cost);
	rc = pcre2_match(node->careful, (PCRE2_SPTR)text, length, 0, PCRE2_NO_UTF_CHECK, s->match,
			 s->limits);
	pcre2_set_callout(s->limits, NULL, NULL);
	return rc;
}

/* Returns the column whose text a node is, or of which a function makes it. */
static size_t column_below(const struct sdp_where_node *node)
{
	while (node->count)
		node = node->operands[0];
	return node->kind == SDP_WHERE_COLUMN ? node->column : SIZE_MAX;
}

/* Returns whether a text matches, as one of the three values, or -1. */
static int match_text(struct sdp_where_scratch *s, const struct sdp_where_node *node, size_t row,
		      const char *text, size_t length, struct sdp_err *err)
{
	int rc = match(s, node, text, length);
	size_t column = column_below(node->operands[0]);
	if (sdp_interrupted)
		return sdp_fail(err, SDP_SYSTEM, "interrupted");
	if (rc >= 0)
		return SDP_WHERE_TRUE;
	if (rc == PCRE2_ERROR_NOMATCH)
		return SDP_WHERE_FALSE;
	if (rc == PCRE2_ERROR_NOMEMORY)
		return sdp_fail_memory(err);
	if (column == SIZE_MAX)
		return sdp_fail(err, SDP_DATA,
				"--where: a regular expression takes too many steps");
	sdp_fault_note(&s->fault, (struct sdp_fault){.block = s->block,
						     .row = row,
						     .column = column,
						     .problem = "the regular expression of --where "
								"takes too many steps: "});
	return SDP_WHERE_NULL;
}

int sdp_where_match(struct sdp_where_scratch *s, const struct sdp_where_node *node, uint8_t *out,
		    struct sdp_err *err)
{
	if (begin_match(s, err) < 0)
		return -1;
	memset(out, SDP_WHERE_NULL, s->block->rows);
	for (size_t row = 0; row < s->block->rows; row++) {
		const char *text;
		size_t length;
		int rc = sdp_where_text(s, node->operands[0], row, &s->texts[0], &text, &length,
					err);
		if (rc == 0 && text)
			rc = match_text(s, node, row, text, length, err);
		else if (rc == 0)
			rc = SDP_WHERE_NULL;
		if (rc < 0)
			return -1;
		out[row] = (uint8_t)rc;
		if (s->fault.block && s->fault.row <= row)
			break; /* the rows after a fault do not matter */
	}
	return 0;
}
