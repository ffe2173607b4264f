/* Between design.c and design_doc.c: which columns a term makes. */
#ifndef SDP_ENGINE_DESIGN_PRIVATE_H
#define SDP_ENGINE_DESIGN_PRIVATE_H

#include "engine/design.h"

/*
 * How many: a choice of one level but the reference from each factor of levels.  A double, for they
 * may be very many.
 */
double sdp_design_term_columns(const struct sdp_frame *frame, const struct sdp_term *term);

/*
 * The levels of the first of them, and of the next, the first factor's changing fastest; false
 * behind the last.
 */
void sdp_design_first_levels(const struct sdp_frame *frame, const struct sdp_term *term,
			     uint16_t levels[SDP_TERM_DEGREE]);
bool sdp_design_next_levels(const struct sdp_frame *frame, const struct sdp_term *term,
			    uint16_t levels[SDP_TERM_DEGREE]);

#endif
