/* Declarations shared by design.c and design_doc.c: the columns of a term. */
#ifndef SDP_ENGINE_DESIGN_PRIVATE_H
#define SDP_ENGINE_DESIGN_PRIVATE_H

#include "engine/design.h"

/*
 * Returns the number of columns of a term: the product, over its factors with levels, of the number
 * of levels other than the reference. It is a double because it can exceed 2^64.
 */
double sdp_design_term_columns(const struct sdp_frame *frame, const struct sdp_term *term);

/*
 * These enumerate the columns of a term by the levels of its factors; the levels of the first
 * factor change fastest. first sets levels to those of the first column. next advances to the next
 * column and returns whether there is one.
 */
void sdp_design_first_levels(const struct sdp_frame *frame, const struct sdp_term *term,
			     uint16_t levels[SDP_TERM_DEGREE]);
bool sdp_design_next_levels(const struct sdp_frame *frame, const struct sdp_term *term,
			    uint16_t levels[SDP_TERM_DEGREE]);

#endif
