/*
 * The types and functions that the files of sdp-fpgrowth share.
 *
 * Functions return 0, or -1 with err filled, unless the comment says otherwise. Everything in a
 * plan is in shared memory of the spill, which the engine frees.
 */
#ifndef SDP_CMD_FPGROWTH_H
#define SDP_CMD_FPGROWTH_H

#include "model/itemsets/baskets.h"
#include "model/itemsets/itemsets.h"
#include "sdp/doc.h"
#include "sdp/program.h"
#include "sdp/task.h"

/* The options that say what the baskets of a table are, for messages. */
#define FPGROWTH_FORMS                                                                             \
	"for a table, --basket with --item, --items-column, --one-hot or --table says what a "     \
	"basket is"

struct fpgrowth_params {
	struct sdp_common common;
	char separator; /* 0: blanks */
	const char *basket, *item, *items_column;
	bool one_hot, table;
	const char *support, *confidence;
	/* max_length, top and max_basket: 0 means no limit */
	int64_t min_length, max_length, top, max_basket;
	bool count_only, rules;
	int64_t max_consequent;
	double lift;
	enum {
		FPGROWTH_NOT_SORTED,
		FPGROWTH_BY_COUNT,
		FPGROWTH_BY_CONFIDENCE,
		FPGROWTH_BY_LIFT,
		FPGROWTH_BY_LEVERAGE,
		FPGROWTH_BY_CONVICTION
	} sort;
	const char *predict;
};

extern const struct sdp_task fpgrowth_task;

/* The form of the baskets in the input. */
enum fpgrowth_form {
	FPGROWTH_LINES,
	FPGROWTH_PIECES, /* each row is an item of a basket */
	FPGROWTH_ONE_HOT,
	FPGROWTH_TABLE,
	FPGROWTH_LIST, /* a column has lists of items; in JSON, arrays */
};

struct fpgrowth_input {
	enum fpgrowth_form form;
	char separator;
	bool separated;         /* whether --separator was given */
	size_t *columns, count; /* FPGROWTH_PIECES: basket, item; otherwise those with the items */
	/*
	 * FPGROWTH_LIST: the first `texts` columns (0 or 1) have several items in a cell, the other
	 * columns have one array element each.
	 */
	size_t texts;
};

/* Resolves the columns. The caller frees input->columns. */
int fpgrowth_input_init(struct fpgrowth_input *input, const struct fpgrowth_params *params,
			const struct sdp_schema *schema, struct sdp_err *err);

/* A callback for the items of a row, which are passed one by one. */
struct fpgrowth_taker {
	int (*item)(void *context, const char *text, size_t length, struct sdp_err *err);
	void *context;
	struct sdp_buf text; /* buffer for "column=value" */
};

/* Passes the items of a row to taker. In the form FPGROWTH_PIECES a row has at most one item. */
int fpgrowth_read_row(const struct fpgrowth_input *input, const struct sdp_block *block, size_t row,
		      struct fpgrowth_taker *taker, struct sdp_err *err);

/*
 * Writes all baskets of a block, flushes the writer and releases it. Adds the number of rows
 * without a basket to *dropped.
 */
int fpgrowth_read_block(const struct fpgrowth_input *input, const struct sdp_block *block,
			struct sdp_basket_writer *writer, uint64_t *dropped, struct sdp_err *err);

/* ---- the plan ---- */

enum fpgrowth_phase {
	FPGROWTH_READING,
	FPGROWTH_GROUPING,
	FPGROWTH_COUNTING,
	FPGROWTH_RECODING,
	FPGROWTH_MINING,
	FPGROWTH_RULES
};

/* A range of consecutive ranks, first … end - 1, whose itemsets one unit of work finds. */
struct fpgrowth_group {
	uint32_t first, end;
	uint64_t cells, cost;
};

struct fpgrowth_output;

struct fpgrowth_plan {
	const struct fpgrowth_params *params;
	struct fpgrowth_input input;
	enum fpgrowth_phase phase;
	double start;           /* seconds of the monotonic clock */
	double reading, mining; /* durations in seconds */
	/* Results of reading. */
	struct sdp_basket_part *parts; /* with the baskets */
	struct sdp_basket_part *texts; /* with the items that were read; they may be the same */
	bool keyed; /* a dictionary was closed: items has the frequent items only */
	struct sdp_map items;
	struct sdp_map by_key; /* of the items, if they are keyed */
	uint64_t different;    /* number of all items, also of those that are not frequent */
	uint64_t baskets, empty, large, dropped;
	struct sdp_basket_place first_large;
	uint64_t min_count;
	/* The frequent items. A rank is the position of an item by descending count. */
	uint32_t count;    /* number of ranks */
	uint32_t *ranked;  /* the item of each rank */
	uint32_t *ranks;   /* the rank of each item, or UINT32_MAX */
	uint32_t *support; /* the count of each rank */
	struct fpgrowth_block {
		const struct sdp_extent *extent;
		const struct sdp_basket_part *part;
	} * blocks;
	size_t block_count;
	struct sdp_kept_list recoded;
	size_t longest, max_length;
	struct fpgrowth_group *groups;
	size_t group_count;
	uint64_t cells; /* of all baskets; 0: each group reads the baskets by itself */
	/* The results. */
	struct sdp_kept_list *found; /* one list per rank */
	uint64_t *lengths;           /* number of itemsets of each length up to longest */
	struct sdp_itemset_table table;
	struct sdp_rule_options rule_options;
	struct sdp_kept_list *rules; /* one list per segment */
	size_t segments;
	struct fpgrowth_output *output;
};

enum { FPGROWTH_SEGMENT = 1 << 15 /* itemsets per unit of the pass that makes rules */ };

/* Sorts the results if necessary and prepares them for printing. */
int fpgrowth_prepare_output(struct fpgrowth_plan *plan, struct sdp_spill *spill,
			    struct sdp_err *err);
int fpgrowth_emit(const struct fpgrowth_plan *plan, cJSON *doc, struct sdp_err *err);

/*
 * --predict: prints the rows of the operands with a column of the items that the rules of a model
 * predict.
 */
int fpgrowth_predict(const struct fpgrowth_params *params, int count, char **operands,
		     struct sdp_err *err);

#endif
