/* sdp-fpgrowth: frequent itemsets and association rules. */
#include "fpgrowth.h"

#include "base/share.h"
#include "sdp/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int check_form(struct fpgrowth_params *p, struct sdp_err *err)
{
	struct sdp_common *c = &p->common;
	int forms = (p->basket || p->item) + (p->items_column != NULL) + p->one_hot + p->table;
	if (!p->basket != !p->item)
		return sdp_fail(err, SDP_USAGE, "--basket and --item need each other");
	if (forms > 1)
		return sdp_fail(err, SDP_USAGE,
				"only one of --basket with --item, --items-column, --one-hot and "
				"--table can be given");
	if (c->columns && !p->one_hot && !p->table)
		return sdp_fail(err, SDP_USAGE, "--columns needs --one-hot or --table");
	if (p->predict && p->basket)
		return sdp_fail(err, SDP_USAGE,
				"--predict needs one row per basket: --basket cannot be given");
	if (p->separator && forms && !p->items_column && !p->predict)
		return sdp_fail(err, SDP_USAGE,
				"--separator needs lines of items or --items-column");
	if (forms)
		return 0;
	/* Without these options the input is lines of text. */
	if (sdp_refuse_given(c, "delimiter",
			     "with lines of items; --separator names the character between items",
			     err) < 0 ||
	    sdp_refuse_given(
		    c,
		    "no-header input-format pdf-table records types na decimal thousands ragged "
		    "quote escape",
		    "with lines of items; " FPGROWTH_FORMS, err) < 0)
		return -1;
	c->lines = true;
	c->no_lines = FPGROWTH_FORMS;
	c->no_header = true;
	return 0;
}

static int check_numbers(const struct fpgrowth_params *p, struct sdp_err *err)
{
	struct sdp_number n;
	bool percent, share = sdp_share_parse(p->support, &n, &percent),
		      count = n.integer && !percent;
	if (count ? n.mantissa < 1 || n.mantissa > UINT32_MAX : !share || n.mantissa == 0)
		return sdp_fail(
			err, SDP_USAGE,
			"--support: not a fraction up to 1 (0.01, 1%%) or a count (100): '%s'",
			p->support);
	/* Confidences are compared exactly, so that the option must be a decimal. */
	if (!sdp_share_parse(p->confidence, &n, &percent) || n.kind != SDP_NUMBER_DECIMAL)
		return sdp_share_fail("confidence", p->confidence, err);
	if (p->max_length && p->max_length < p->min_length)
		return sdp_fail(err, SDP_USAGE, "--max-length is less than --min-length");
	return 0;
}

/* Refuses the options that select itemsets and rules, which have no effect with a model. */
static int check_predict(const struct fpgrowth_params *p, struct sdp_err *err)
{
	static const char made[] = "support min-length max-length max-basket count-only rules "
				   "confidence lift max-consequent sort top print digits";
	return sdp_refuse_given(&p->common, made,
				"with --predict, which uses the rules of the model", err) < 0
		       ? -1
		       : sdp_run_rows_check(&p->common, err);
}

static int check_results(struct fpgrowth_params *p, struct sdp_err *err)
{
	static const char *const measures[] = {"confidence", "lift", "leverage", "conviction"};
	struct sdp_common *c = &p->common;
	c->list = p->items_column;
	if (p->predict)
		return check_predict(p, err);
	if (c->format == SDP_RESULT_NDJSON)
		return sdp_fail(err, SDP_USAGE, "--format: ndjson needs --predict");
	if (p->count_only && (p->rules || p->top || p->sort))
		return sdp_fail(
			err, SDP_USAGE,
			"--count-only excludes --rules, --sort and --top: it makes no itemsets");
	if (!p->rules && p->sort > FPGROWTH_BY_COUNT)
		return sdp_fail(err, SDP_USAGE, "--sort: only rules have a %s; --rules finds rules",
				measures[p->sort - FPGROWTH_BY_CONFIDENCE]);
	if (!p->rules && sdp_given(c, "confidence lift max-consequent"))
		return sdp_fail(err, SDP_USAGE,
				"--confidence, --lift and --max-consequent need --rules");
	if (p->rules)
		c->rows = "rules";
	return 0;
}

static int run(void *params, int count, char **operands, struct sdp_err *err)
{
	struct fpgrowth_params *p = params;
	if (check_form(p, err) < 0 || check_numbers(p, err) < 0 || check_results(p, err) < 0)
		return -1;
	if (p->predict)
		return fpgrowth_predict(p, count, operands, err);
	struct sdp_source *source = sdp_run_open(&p->common, count, operands, err);
	int rc = source ? sdp_run_document_on(&fpgrowth_task, p, source, err) : -1;
	sdp_source_free(source);
	return rc;
}

#define AT(member) offsetof(struct fpgrowth_params, member)

static const struct sdp_option options[] = {
	{0, "separator", SDP_CHAR, AT(separator), "CHAR", NULL, NULL, 0, 0,
	 "character between items; in lines and --items-column; by default blanks"},
	{0, "basket", SDP_TEXT, AT(basket), "COL", NULL, NULL, 0, 0,
	 "one row per item: the column of the basket's id; needs --item"},
	{0, "item", SDP_TEXT, AT(item), "COL", NULL, NULL, 0, 0,
	 "one row per item: the column of the item; needs --basket"},
	{0, "items-column", SDP_TEXT, AT(items_column), "COL", NULL, NULL, 0, 0,
	 "one row per basket: the column of its items"},
	{0, "one-hot", SDP_FLAG, AT(one_hot), NULL, NULL, NULL, 0, 0,
	 "one row per basket, one column per item; the basket has the item unless the cell is 0, "
	 "false or "
	 "null"},
	{0, "table", SDP_FLAG, AT(table), NULL, NULL, NULL, 0, 0,
	 "one row per basket, whose items are column=value"},
	{'s', "support", SDP_TEXT, AT(support), "SHARE|N", NULL, "10%", 0, 0,
	 "minimum share or number of baskets; a share is a fraction (0.01) or a percentage (1%)"},
	{0, "min-length", SDP_INTEGER, AT(min_length), "N", "items", "1", 1, INFINITY,
	 "minimum number of items of a printed itemset"},
	{0, "max-length", SDP_INTEGER, AT(max_length), "N", "items", NULL, 1, INFINITY,
	 "maximum number of items of an itemset"},
	{0, "max-basket", SDP_INTEGER, AT(max_basket), "N", "items", NULL, 1, INFINITY,
	 "leave out baskets of more than N items; with a warning"},
	{0, "count-only", SDP_FLAG, AT(count_only), NULL, NULL, NULL, 0, 0,
	 "print only the number of itemsets of each length"},
	{'r', "rules", SDP_FLAG, AT(rules), NULL, NULL, NULL, 0, 0, "also find association rules"},
	{'c', "confidence", SDP_TEXT, AT(confidence), "SHARE", NULL, "50%", 0, 0,
	 "minimum confidence of a rule"},
	{0, "lift", SDP_REAL, AT(lift), "X", NULL, NULL, 0, INFINITY, "minimum lift of a rule"},
	{0, "max-consequent", SDP_INTEGER, AT(max_consequent), "N", "items", "1", 1, INFINITY,
	 "maximum number of items of a rule's consequent"},
	{0, "sort", SDP_CHOICE, AT(sort), "count|confidence|lift|leverage|conviction", NULL, NULL,
	 FPGROWTH_BY_COUNT, 0, "sort rules, largest first; itemsets are sorted by count"},
	{0, "top", SDP_INTEGER, AT(top), "N", NULL, NULL, 1, INFINITY,
	 "print only the first N itemsets and rules; sorted by count and confidence unless --sort "
	 "is given"},
	{0, "predict", SDP_TEXT, AT(predict), "MODEL.json", NULL, NULL, 0, 0,
	 "add predicted items to each basket; by the rules of MODEL.json, a JSON document of "
	 "--rules"},
	{0},
};

static const char *const examples[] = {
	"sdp-sample baskets | sdp-fpgrowth -s 2% --rules -c 0.9 --sort lift --top 10",
	"sdp-fpgrowth --basket InvoiceNo --item StockCode -s 1% invoices.csv",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"baskets", "basket item items-column one-hot table columns separator max-basket"},
	{"itemsets", "support min-length max-length count-only"},
	{"rules", "rules confidence lift max-consequent predict"},
	{"order", "sort top"},
	{0},
};

static const struct sdp_option_values values[] = {
	{"print", "itemsets rules lengths warnings"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-fpgrowth",
	.summary = "find frequent itemsets and association rules",
	.operands = "[FILE...]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.values = values,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_TABLE | SDP_GROUP_COLUMNS | SDP_GROUP_DOCUMENT |
		  SDP_GROUP_ROWS | SDP_GROUP_MEMORY | SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct fpgrowth_params),
	.task = &fpgrowth_task,
	.run = run,
};
