/*
 * sdp-sample: prints sample data.
 *
 * The real datasets are embedded in the program, so it needs no files. The generated ones are made
 * block by block; each block is a pure function of its record numbers.
 */
#define ZLIB_CONST
#include "base/file.h"
#include "base/names.h"
#include "base/signals.h"
#include "engine/ordered_stream.h"
#include "model/synthetic/synthetic.h"
#include "sdp/output.h"
#include "sdp/program.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

struct params {
	struct sdp_common common;
	const char *dataset;
	bool list;
	int64_t rows;
};

/* Paths are relative to the top of the source tree, where make runs the compiler. */
#define EMBED(set, file)                                                                           \
	__asm__(".pushsection .rodata, \"a\"\n"                                                    \
		"sample_" #set ":\n.incbin \"examples/data/" file "\"\n"                           \
		"sample_" #set "_end:\n.popsection\n");                                            \
	extern const unsigned char sample_##set[] __attribute__((visibility("hidden")));           \
	extern const unsigned char sample_##set##_end[] __attribute__((visibility("hidden")))

EMBED(iris, "iris.csv");
EMBED(wine, "wine.csv");
EMBED(breast_cancer, "breast_cancer.csv");
EMBED(penguins, "penguins.csv");
EMBED(auto_mpg, "auto_mpg.csv");
EMBED(co2_weekly, "co2_weekly.csv");
EMBED(airline_passengers, "airline_passengers.csv");
EMBED(seattle_weather, "seattle_weather.csv");
EMBED(flights, "flights.csv.gz");

struct set {
	const char *name, *file;
	int64_t rows; /* -1: the number of --rows */
	int columns;
	const char *tasks, *about;
	const unsigned char *data, *end;
	bool gzip;
	const char *header;
	int (*generate)(uint64_t seed, uint64_t first, uint64_t count, struct sdp_buf *out,
			struct sdp_err *err);
};

#define EMBEDDED(set) #set, #set ".csv"
#define BYTES(set)    .data = sample_##set, .end = sample_##set##_end

static const struct set sets[] = {
	{EMBEDDED(iris), 150, 5, "kmeans logistic_regression",
	 "four measures of three species of iris", BYTES(iris)},
	{EMBEDDED(wine), 178, 14, "kmeans logistic_regression",
	 "chemistry of wines from three cultivars", BYTES(wine)},
	{EMBEDDED(breast_cancer), 569, 31, "logistic_regression",
	 "cell nuclei of benign and malignant tumours", BYTES(breast_cancer)},
	{EMBEDDED(penguins), 344, 8,
	 "descriptive_stats kmeans linear_regression logistic_regression",
	 "measures of three species of penguin; some missing", BYTES(penguins)},
	{EMBEDDED(auto_mpg), 392, 9, "linear_regression", "fuel consumption of cars 1970 to 1982",
	 BYTES(auto_mpg)},
	{EMBEDDED(co2_weekly), 2284, 2, "time_series",
	 "carbon dioxide at Mauna Loa 1958 to 2001; some weeks missing", BYTES(co2_weekly)},
	{EMBEDDED(airline_passengers), 144, 2, "time_series",
	 "monthly airline passengers 1949 to 1960", BYTES(airline_passengers)},
	{EMBEDDED(seattle_weather), 1461, 6, "time_series descriptive_stats",
	 "daily weather of Seattle 2012 to 2015", BYTES(seattle_weather)},
	{"flights", "flights.csv.gz", 336776, 19, "descriptive_stats linear_regression time_series",
	 "all flights out of New York City in 2013", BYTES(flights), .gzip = true},
	{"synthetic", "synthetic.csv", -1, 14,
	 "descriptive_stats linear_regression logistic_regression kmeans fp_growth time_series",
	 "generated: mixed columns with planted relations", .header = sdp_synthetic_header,
	 .generate = sdp_synthetic_rows},
	{"baskets", "baskets.txt", -1, 1, "fp_growth",
	 "generated: a basket a line with planted itemsets; no header", .header = "",
	 .generate = sdp_synthetic_baskets},
};

enum { SETS = sizeof sets / sizeof sets[0] };

static int find_set(const char *name, const struct set **found, struct sdp_err *err)
{
	char quoted[200];
	struct sdp_names names = sdp_names_for(name, strlen(name));
	for (int i = 0; i < SETS; i++) {
		if (strcmp(sets[i].name, name) == 0) {
			*found = &sets[i];
			return 0;
		}
		sdp_names_add(&names, sets[i].name);
	}
	return sdp_fail(err, SDP_USAGE, "no dataset is called %s%s",
			sdp_quote(quoted, sizeof quoted, name, strlen(name)),
			sdp_names_help(&names));
}

struct generation {
	const struct set *set;
	uint64_t seed, rows;
	struct sdp_output *out;
};

static int make_block(void *context, uint64_t block, struct sdp_buf *out, struct sdp_err *err)
{
	const struct generation *g = context;
	uint64_t first = block * SDP_SYNTHETIC_BLOCK, left = g->rows - first;
	return g->set->generate(g->seed, first,
				left < SDP_SYNTHETIC_BLOCK ? left : SDP_SYNTHETIC_BLOCK, out, err);
}

static int write_block(void *context, uint64_t block, const char *text, size_t length,
		       struct sdp_err *err)
{
	struct generation *g = context;
	(void)block;
	return sdp_output_write(g->out, text, length, err);
}

static int put_generated(const struct set *set, const struct params *params, struct sdp_output *out,
			 struct sdp_err *err)
{
	struct generation g = {set, (uint64_t)params->common.seed, (uint64_t)params->rows, out};
	struct sdp_ordered_stream stream = {
		.chunks = (g.rows + SDP_SYNTHETIC_BLOCK - 1) / SDP_SYNTHETIC_BLOCK,
		.make = make_block,
		.write = write_block,
		.context = &g,
	};
	if (sdp_output_write(out, set->header, strlen(set->header), err) < 0)
		return -1;
	return sdp_ordered_stream_run(&stream, (int)params->common.workers, NULL, err);
}

static int put_inflated(const struct set *set, struct sdp_output *out, struct sdp_err *err)
{
	unsigned char text[1 << 15];
	z_stream z = {.next_in = set->data, .avail_in = (uInt)(set->end - set->data)};
	int rc = 0, step = Z_OK;

	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return sdp_fail_memory(err);
	while (rc == 0 && step == Z_OK) {
		z.next_out = text;
		z.avail_out = sizeof text;
		step = inflate(&z, Z_NO_FLUSH);
		rc = sdp_output_write(out, text, sizeof text - z.avail_out, err);
	}
	inflateEnd(&z);
	if (rc == 0 && step != Z_STREAM_END)
		rc = step == Z_MEM_ERROR
			     ? sdp_fail_memory(err)
			     : sdp_fail(err, SDP_SYSTEM, "%s: damaged in the program", set->name);
	return rc;
}

static bool named_gz(const char *path)
{
	size_t length = path ? strlen(path) : 0;
	return length > 3 && strcmp(path + length - 3, ".gz") == 0;
}

static int write_set(const struct set *set, const struct params *params, const char *path,
		     struct sdp_err *err)
{
	struct sdp_output out;
	int rc;

	if (sdp_output_open(&out, path, err) < 0)
		return -1;
	if (set->generate)
		rc = put_generated(set, params, &out, err);
	else if (set->gzip && !named_gz(path))
		rc = put_inflated(set, &out, err);
	else
		rc = sdp_output_write(&out, set->data, (size_t)(set->end - set->data), err);
	if (rc == 0)
		return sdp_output_close(&out, err);
	sdp_output_abandon(&out);
	return -1;
}

static int write_all_sets(const struct params *params, struct sdp_err *err)
{
	const char *folder = params->common.output ? params->common.output : "data";
	struct sdp_buf path = {0};
	int rc = -1;

	if (strcmp(folder, "-") == 0 || !*folder)
		return sdp_fail(err, SDP_USAGE,
				"without the name of a dataset, --output names a folder, not '%s'",
				folder);
	if (sdp_file_make_folders(folder, 0777) < 0)
		return sdp_fail_errno(err, "cannot make folder %s", folder);
	if (sdp_buf_add_text(&path, folder, err) < 0)
		goto out;
	if (path.data[path.length - 1] != '/' && sdp_buf_add_text(&path, "/", err) < 0)
		goto out;
	size_t length = path.length;
	for (int i = 0; i < SETS; i++) {
		path.length = length;
		if (sdp_buf_add_text(&path, sets[i].file, err) < 0 ||
		    write_set(&sets[i], params, path.data, err) < 0)
			goto out;
		sdp_say("wrote %s", path.data);
	}
	rc = 0;
out:
	sdp_buf_release(&path);
	return rc;
}

static int list_sets(const struct params *params, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	int rc = sdp_buf_add_text(&text, "name,rows,columns,tasks,about\n", err);

	for (int i = 0; rc == 0 && i < SETS; i++)
		rc = sdp_buf_format(&text, err, "%s,%lld,%d,%s,%s\n", sets[i].name,
				    (long long)(sets[i].rows < 0 ? params->rows : sets[i].rows),
				    sets[i].columns, sets[i].tasks, sets[i].about);
	if (rc == 0)
		rc = sdp_output_text(params->common.output, &text, err);
	sdp_buf_release(&text);
	return rc;
}

/* Refuses options that the set does not support; they are never ignored. */
static int check(const struct set *set, const struct params *params, struct sdp_err *err)
{
	if (!set->generate && sdp_given(&params->common, "rows seed"))
		return sdp_fail(err, SDP_USAGE,
				"--rows and --seed are for generated datasets; %s is none",
				set->name);
	if (!set->gzip && named_gz(params->common.output))
		return sdp_fail(err, SDP_USAGE,
				"%s is not compressed; --output must not end in .gz", set->name);
	return 0;
}

static int run(void *p, int count, char **operands, struct sdp_err *err)
{
	const struct params *params = p;
	const char *name = params->dataset ? params->dataset : count ? operands[0] : NULL;
	const struct set *set;

	/* Workers make the blocks, so signals are polled for. */
	if (sdp_signals_install_bounded() < 0)
		return sdp_fail_errno(err, "cannot handle signals");
	if (count + (params->dataset != NULL) > 1)
		return sdp_fail(err, SDP_USAGE, "one dataset at a time");
	if (params->list && name)
		return sdp_fail(err, SDP_USAGE, "--list goes without the name of a dataset");
	if (params->list)
		return sdp_refuse_given(&params->common, "seed", "with --list", err) < 0
			       ? -1
			       : list_sets(params, err);
	if (!name)
		return write_all_sets(params, err);
	if (find_set(name, &set, err) < 0 || check(set, params, err) < 0)
		return -1;
	return write_set(set, params, params->common.output, err);
}

static const struct sdp_option options[] = {
	{'d', "dataset", SDP_TEXT, offsetof(struct params, dataset), "NAME", NULL, NULL, 0, 0,
	 "the dataset to print, as NAME alone"},
	{0, "list", SDP_FLAG, offsetof(struct params, list), NULL, NULL, NULL, 0, 0,
	 "list the datasets and the tasks each suits, as CSV"},
	{'r', "rows", SDP_INTEGER, offsetof(struct params, rows), "N", "rows", "500000", 0,
	 SDP_SYNTHETIC_ROWS_MAX, "rows of a generated dataset"},
	{0, "seed", SDP_INTEGER, offsetof(struct params, common.seed), "N", NULL, "42", 0, 0,
	 "seed of a generated dataset"},
	{'o', "output", SDP_TEXT, offsetof(struct params, common.output), "FILE", NULL, NULL, 0, 0,
	 "write to FILE; without NAME the folder for all datasets, by default data"},
	{0},
};

static const char *operand(size_t i, const char **help)
{
	*help = i < SETS ? sets[i].about : NULL;
	return i < SETS ? sets[i].name : NULL;
}

static const char *const examples[] = {
	"sdp-sample penguins > penguins.csv",
	"sdp-sample synthetic -r 100000 | sdp-stats",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"data", "dataset list rows seed output"},
	{0},
};

static const struct sdp_option_values values[] = {
	{"dataset", NULL},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-sample",
	.summary = "print sample data: real datasets, or generated ones of any size. Without NAME, "
		   "all "
		   "datasets are written to the folder data, 103 MB",
	.operands = "[NAME]",
	.operand = operand,
	.examples = examples,
	.options = options,
	.sections = sections,
	.values = values,
	.groups = SDP_GROUP_WORKERS,
	.params_size = sizeof(struct params),
	.run = run,
};
