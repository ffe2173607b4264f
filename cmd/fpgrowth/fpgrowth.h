/* What the files of sdp-fpgrowth share. */
#ifndef SDP_CMD_FPGROWTH_H
#define SDP_CMD_FPGROWTH_H

#include "model/itemsets/baskets.h"
#include "model/itemsets/itemsets.h"
#include "sdp/doc.h"
#include "sdp/program.h"
#include "sdp/task.h"

/* What tells a table's baskets, in messages. */
#define FPGROWTH_FORMS                                                                             \
	"--basket and --item, --items-column, --one-hot or --table say what a table's baskets are"

struct fpgrowth_params {
	struct sdp_common common;
	char separator; /* 0: blanks */
	const char *basket, *item, *items_column;
	bool one_hot, table;
	const char *support, *confidence;
	/* max_length, top, max_basket: 0: no limit */
	int64_t min_length, max_length, top, max_basket;
	bool count_only, rules;
	int64_t max_consequent;
	double lift;
	const char *sort;
	const char *predict;
};

/*
 * "0.01" or "1%", a decimal, percent taken off; false if it is not between 0 and 1 (out may be a
 * count then: "100").
 */
bool fpgrowth_share(const char *text, struct sdp_number *out, bool *percent);

extern const struct sdp_task fpgrowth_task;

/* How baskets stand in the input. */
enum fpgrowth_form {
	FPGROWTH_LINES,
	FPGROWTH_PIECES, /* a row an item of a basket */
	FPGROWTH_ONE_HOT,
	FPGROWTH_TABLE,
	FPGROWTH_LIST, /* a column holds the items, or in JSON an array */
};

struct fpgrowth_input {
	enum fpgrowth_form form;
	char separator;
	bool separated;         /* by choice, not by default */
	size_t *columns, count; /* FPGROWTH_PIECES: basket, item; else the items' */
	/*
	 * FPGROWTH_LIST: so many of these, 0 or 1, hold several items, the others an array's
	 * elements
	 */
	size_t texts;
};

/* Resolves the columns, which are the caller's to free. */
int fpgrowth_input_init(struct fpgrowth_input *input, const struct fpgrowth_params *params,
			const struct sdp_schema *schema, struct sdp_err *err);

/* Takes the items of a row, one after the other. */
struct fpgrowth_taker {
	int (*item)(void *context, const char *text, size_t length, struct sdp_err *err);
	void *context;
	struct sdp_buf text; /* room for column=value */
};

/* The items of a row (of FPGROWTH_PIECES: up to one). */
int fpgrowth_read_row(const struct fpgrowth_input *input, const struct sdp_block *block, size_t row,
		      struct fpgrowth_taker *taker, struct sdp_err *err);

/* All baskets of a block into a part; *dropped grows by the rows without a basket. */
int fpgrowth_read_block(const struct fpgrowth_input *input, const struct sdp_block *block,
			struct sdp_basket_part *part, uint64_t limit, struct sdp_spill *spill,
			uint64_t *dropped, struct sdp_err *err);

/* ---- the plan ---- */

enum fpgrowth_phase {
	FPGROWTH_READING,
	FPGROWTH_GROUPING,
	FPGROWTH_RECODING,
	FPGROWTH_MINING,
	FPGROWTH_RULES
};

/* A run of neighbouring ranks whose sets are found together. */
struct fpgrowth_group {
	uint32_t first, end;
	uint64_t cells, cost;
};

struct fpgrowth_output;

struct fpgrowth_job {
	const struct fpgrowth_params *params;
	struct fpgrowth_input input;
	enum fpgrowth_phase phase;
	double start;           /* seconds of the monotonic clock */
	double reading, mining; /* seconds */
	/* Of what was read. */
	struct sdp_basket_part *parts;
	struct sdp_items items;
	uint64_t baskets, empty, large, dropped;
	struct sdp_basket_place first_large;
	uint64_t min_count;
	/* Of the frequent items. */
	uint32_t count;    /* of ranks */
	uint32_t *ranked;  /* the item of each rank */
	uint32_t *ranks;   /* the rank of each item, or UINT32_MAX */
	uint32_t *support; /* of each rank */
	struct fpgrowth_block {
		const struct sdp_extent *extent;
		const uint32_t *map;
	} * blocks;
	size_t block_count;
	struct sdp_kept_list recoded;
	size_t longest, max_length;
	struct fpgrowth_group *groups;
	size_t group_count;
	uint64_t cells; /* of all baskets; 0: each group goes through the baskets for itself */
	/* Of the results. */
	struct sdp_kept_list *found; /* by rank */
	uint64_t *lengths;           /* sets of each length up to longest */
	struct sdp_itemset_table table;
	struct sdp_rule_options rule_options;
	struct sdp_kept_list *rules; /* by segment */
	size_t segments;
	struct fpgrowth_output *output;
};

enum { FPGROWTH_SEGMENT = 1 << 15 /* sets that a piece of the rules' work takes */ };

/* Gets the results ready to be printed; in shared memory. */
int fpgrowth_prepare_output(struct fpgrowth_job *plan, struct sdp_spill *spill,
			    struct sdp_err *err);
int fpgrowth_emit(const struct fpgrowth_job *plan, cJSON *doc, struct sdp_err *err);

/* --predict */
int fpgrowth_predict(const struct fpgrowth_params *params, int count, char **operands,
		     struct sdp_err *err);

#endif
