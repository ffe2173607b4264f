/*
 * The type of a column, guessed from the first rows and corrected after each pass over the cells.
 *
 * A pass reads a column by the class of its type. If the cells turn out to be of another class, the
 * column is read again by that class, which then is right.
 */
#ifndef SDP_ENGINE_TYPED_COLUMNS_H
#define SDP_ENGINE_TYPED_COLUMNS_H

#include "base/all_different.h"
#include "table/misfits.h"

#include <stdint.h>

struct sdp_typed_column {
	bool fixed; /* The type was given by --types. */
	/* The class that the current pass reads; after the last pass, the class of the column. */
	enum sdp_class class;
	/* The type of all cells so far; after the last pass, the type of the column. */
	enum sdp_type type;
	/* What nearly all cells seem to be: the first pass counts the others. */
	enum sdp_class nearly;
};

/* Returns what the schema says of a column: the type given by --types, or the guessed class. */
struct sdp_typed_column sdp_typed_column(const struct sdp_column *column);

/* Returns whether a column with these SDP_SEEN_ bits can be read by its class. */
bool sdp_typed_column_holds(const struct sdp_typed_column *column, unsigned seen);

/*
 * Counts the misfits of a column (index in the schema) of a block, in the first pass. numbers is
 * scratch memory; if the class is SDP_CLASS_NUMBER or SDP_CLASS_TIME, it is the column as it was
 * read. Returns 0 or -1.
 */
int sdp_typed_column_count(const struct sdp_typed_column *column, struct sdp_misfits *misfits,
			   const struct sdp_block *block, size_t index,
			   struct sdp_number_column *numbers, struct sdp_err *err);

/*
 * Corrects class and type by the SDP_SEEN_ bits that a pass found; 0: it did not read the column,
 * or read it as text, or found no value. Returns whether the column must be read again.
 */
bool sdp_typed_column_update(struct sdp_typed_column *column, unsigned seen);

/*
 * Checks a default feature of integers, in so many rows without nulls; negative: some of them are.
 * Returns whether they seem to
 * be ids, and not measurements: they are all different, not negative, and their range is under
 * twice the number of rows. Clears values->different if there are fewer than ten of them: nine
 * random integers of such a range are all different with a probability of 9 %, ten of 7 %, twenty
 * of 0.3 %.
 */
enum { SDP_IDS_LEAST = 10 };
bool sdp_typed_column_is_id(struct sdp_all_different *values, bool negative, uint64_t rows);

/*
 * Warnings about default features whose integers are all different: the first five that are left
 * out and the first five that are used are named, and the others counted. {0} is a fresh count.
 */
enum { SDP_ID_WARNING = 600 };
struct sdp_id_warnings {
	size_t found[2]; /* the features that are used, and those left out */
};

/*
 * Writes the warning about a feature to text. low and high are the texts of the least and the
 * greatest integer; NULL: as in values. Returns whether the warning is to be given.
 */
bool sdp_id_warning(struct sdp_id_warnings *warnings, const char *name, bool left_out,
		    const struct sdp_all_different *values, const char *low, const char *high,
		    char text[SDP_ID_WARNING]);
/*
 * Writes to text the warning that counts the others that are left out, or used. Returns whether
 * there are any.
 */
bool sdp_id_warning_more(const struct sdp_id_warnings *warnings, bool left_out,
			 char text[SDP_ID_WARNING]);

#endif
