/*
 * The columns of a table, and the source that the table is read from.
 *
 * The schema belongs to the source, which sdp_run_open makes from a program's operands; both live
 * until sdp_source_free.
 */
#ifndef SDP_SCHEMA_H
#define SDP_SCHEMA_H

#include "sdp/err.h"
#include "sdp/type.h"

#include <stdbool.h>

/* What becomes of a record that has not as many cells as the table has columns. */
enum sdp_ragged {
	SDP_RAGGED_ERROR,
	SDP_RAGGED_PAD,  /* missing cells are filled; too many are an error */
	SDP_RAGGED_SKIP, /* it is passed over */
};

struct sdp_column {
	const char *name;
	bool fixed;           /* by --types */
	enum sdp_type type;   /* of a fixed column */
	enum sdp_class guess; /* how its cells look in the first chunk */
};

struct sdp_schema {
	struct sdp_column *columns;
	size_t count;
	char delimiter; /* '\0': the input is JSON, its cells are values */
	char decimal, thousands;
	struct sdp_nulls nulls;
	char comment;
	enum sdp_ragged ragged;
};

struct sdp_source;

struct sdp_schema *sdp_source_schema(struct sdp_source *source);

/* The input's name as messages have it. */
const char *sdp_source_name(const struct sdp_source *source, uint32_t input);

void sdp_source_free(struct sdp_source *source);

#endif
