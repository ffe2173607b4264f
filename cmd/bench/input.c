/* Opens the input that the tasks of sdp-bench read, and looks at its columns or its baskets. */
#include "base/address.h"
#include "base/file.h"
#include "base/json_tree.h"
#include "base/signals.h"
#include "bench.h"
#include "process/find.h"
#include "sdp/columns.h"
#include "sdp/output.h"
#include "table/json_columns.h"
#include "table/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Copies input from a pipe to an unlinked file. */
static int spool(struct sdp_bench *bench, int from, struct sdp_err *err)
{
	char bytes[1 << 16];
	ssize_t n;
	if ((bench->inherit = sdp_spool_new(err)) < 0)
		return -1;
	while ((n = read(from, bytes, sizeof bytes)) != 0) {
		if (sdp_interrupted)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sdp_fail_errno(err, "cannot read %s", bench->input.path);
		if (sdp_write_all(bench->inherit, bytes, (size_t)n) < 0)
			return sdp_fail_errno(err, "cannot write to a temporary file in %s",
					      sdp_temporary_folder());
	}
	return 0;
}

static int spool_address(struct sdp_bench *bench, const char *address, struct sdp_err *err)
{
	if (!(bench->shown = sdp_address_shown(address, err)))
		return -1;
	bench->input.path = bench->shown;
	bench->inherit = sdp_spool_address(address, err);
	return bench->inherit < 0 ? -1 : 0;
}

/* Opens a file or a stream, which is copied. */
static int open_local(struct sdp_bench *bench, const char *path, bool standard, struct sdp_err *err)
{
	struct stat st;
	int fd = standard ? STDIN_FILENO : sdp_file_open(path, O_RDONLY, 0), rc = 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		rc = sdp_fail_errno(err, "cannot open %s", path);
	else if (S_ISDIR(st.st_mode))
		rc = sdp_fail(err, SDP_SYSTEM, "cannot read %s: it is a directory",
			      bench->input.path);
	else if (sdp_output_spares(bench->common->output, &st, err) < 0)
		rc = -1;
	else if (standard || !S_ISREG(st.st_mode))
		rc = spool(bench, fd, err);
	else
		bench->input.bytes = (double)st.st_size;
	if (!standard)
		sdp_file_close(fd);
	return rc;
}

int sdp_bench_open_input(struct sdp_bench *bench, const char *path, struct sdp_err *err)
{
	bool standard = !path || strcmp(path, "-") == 0;
	struct stat st;
	bench->input.path = standard ? "-" : path;
	bench->input.place = path;
	int rc = !standard && sdp_address_is(path) ? spool_address(bench, path, err)
						   : open_local(bench, path, standard, err);
	if (rc < 0 || bench->inherit < 0)
		return rc;
	if (fstat(bench->inherit, &st) == 0)
		bench->input.bytes = (double)st.st_size;
	/* All runs read it under this name. */
	snprintf(bench->file, sizeof bench->file, "/dev/fd/%d", bench->inherit);
	bench->input.place = bench->file;
	return 0;
}

/* Shows the warnings about how the input is decoded, which are the same in all runs. */
static void show_decoder_warnings(const struct sdp_buf *messages)
{
	static const char prefix[] = "sdp-pdf: warning: ";
	const char *line = messages->data, *end = line + messages->length, *next;
	for (; line && line < end; line = next) {
		const char *lf = memchr(line, '\n', (size_t)(end - line));
		next = lf ? lf + 1 : end;
		if ((size_t)(next - line) > strlen(prefix) &&
		    memcmp(line, prefix, strlen(prefix)) == 0)
			sdp_pass_on_messages(line, (size_t)(next - line));
	}
}

/*
 * Runs a program on the input and returns its document, or NULL. words has room for "--", the
 * input and NULL. *refused says whether the program failed because of the data.
 */
static cJSON *document_of(struct sdp_bench *bench, char **words, const char *what, bool *refused,
			  struct sdp_err *err)
{
	struct sdp_buf path = {0}, text = {0};
	struct sdp_measure m = {0};
	struct sdp_measure_command command = {.words = words,
					      .inherit = bench->inherit,
					      .capture = &text};
	cJSON *doc = NULL;
	size_t n = 0;
	while (words[n])
		n++;
	words[n++] = "--";
	words[n++] = (char *)bench->input.place;
	*refused = false;
	if (sdp_find_program(words[0], &path, err) == 0) {
		command.path = path.data;
		if (sdp_measure_run(&command, &m, err) < 0)
			;
		else if (!sdp_bench_succeeded(&m, what, true, err))
			*refused = WIFEXITED(m.status) && WEXITSTATUS(m.status) == SDP_DATA;
		else if (!(doc = sdp_json_tree_parse(text.data ? text.data : "", text.length, NULL,
						     err)) &&
			 err->code == SDP_DATA)
			sdp_fail(err, SDP_SYSTEM, "%s: its output is not JSON", words[0]);
	}
	if (doc && !bench->common->quiet)
		show_decoder_warnings(&m.messages);
	sdp_buf_release(&m.messages);
	sdp_buf_release(&text);
	sdp_buf_release(&path);
	return doc;
}

/* Reads the columns and rows of the table. */
static cJSON *read_table(struct sdp_bench *bench, struct sdp_bench_profile *profile, bool *refused,
			 struct sdp_err *err)
{
	char *words[8] = {"sdp-stats", "-f", "json"};
	if (bench->common->pdf_table) {
		words[3] = "--pdf-table";
		words[4] = (char *)bench->common->pdf_table;
	}
	cJSON *doc =
		document_of(bench, words, "looking at the columns with sdp-stats", refused, err);
	profile->rows = sdp_doc_get_count(doc, "rows", 0);
	profile->columns = sdp_doc_member(doc, "columns");
	return doc;
}

/* Counts the baskets of lines or, of JSON, of the column called items. */
static int count_baskets(struct sdp_bench *bench, const struct sdp_bench_choice *choice,
			 const char *items, uint64_t *count, struct sdp_err *err)
{
	char *words[16] = {"sdp-fpgrowth", "-f",   "json",         "--count-only",
			   "-s",           "100%", "--max-length", "1"};
	size_t n = 8;
	bool refused;
	if (items) {
		words[n++] = "--items-column";
		words[n++] = (char *)items;
	}
	if (choice->values[SDP_BASKETS_SEPARATOR]) {
		words[n++] = "--separator";
		words[n++] = choice->values[SDP_BASKETS_SEPARATOR];
	}
	cJSON *doc =
		document_of(bench, words, "counting the baskets with sdp-fpgrowth", &refused, err);
	*count = sdp_doc_get_count(doc, "baskets", 0);
	int rc = doc ? 0 : -1;
	cJSON_Delete(doc);
	return rc;
}

/* Returns whether the columns have the list of this name, and JSON nothing within its items. */
static bool has_list(const struct sdp_schema *schema, const char *name)
{
	bool found = false, nested = false, within = false;
	for (size_t i = 0; i < schema->count; i++) {
		const char *column = schema->columns[i].name;
		bool item = schema->format == SDP_FORMAT_JSON &&
			    sdp_columns_is_item(column, name, &within);
		found |= item || strcmp(column, name) == 0;
		nested |= item && within;
	}
	return found && !nested;
}

/*
 * Looks at the beginning of the input.  Of what fails, only failures of the system are reported: a
 * task that reads the input finds the others.
 */
static int look(const struct sdp_bench *bench, const char *items, struct sdp_bench_profile *profile,
		struct sdp_err *err)
{
	enum { FIRST = 1000 };
	struct sdp_source_options options = {.decimal = '.', .max_record = 1 << 20, .list = items};
	char *operand = (char *)bench->input.place;
	struct sdp_source *source = sdp_source_open(&options, 1, &operand, err);
	int rc = source ? 0 : -1;
	if (source) {
		const struct sdp_schema *schema = sdp_source_schema(source);
		profile->text = schema->format == SDP_FORMAT_DELIMITED;
		profile->json = schema->format == SDP_FORMAT_JSON;
		profile->lines =
			profile->text && schema->count == 1 && strchr(schema->columns[0].name, ' ');
		rc = sdp_json_find_columns(source, FIRST, err);
		profile->items = rc == 0 && has_list(sdp_source_schema(source), items);
	}
	sdp_source_free(source);
	return rc < 0 && err->code == SDP_SYSTEM ? -1 : 0;
}

int sdp_bench_profile_input(struct sdp_bench *bench, struct sdp_bench_choice *choices,
			    struct sdp_bench_profile *profile, cJSON **doc, struct sdp_err *err)
{
	const struct sdp_bench_choice *baskets = &choices[SDP_BENCH_BASKETS];
	const char *items = baskets->values[SDP_BASKETS_COLUMN];
	bool others = false, refused;
	items = items ? items : "items";
	for (int i = 0; i < SDP_BENCH_BASKETS; i++)
		others |= choices[i].wanted;
	if (baskets->wanted && look(bench, items, profile, err) < 0)
		return -1;
	bool lines = sdp_bench_reads_lines(profile, choices),
	     arrays = profile->json && profile->items && !baskets->values[SDP_BASKETS_BASKET];
	if ((others || !(lines || arrays)) && !(*doc = read_table(bench, profile, &refused, err)) &&
	    !(refused && (lines || arrays)))
		return -1;
	for (int i = 0; !*doc && i < SDP_BENCH_BASKETS; i++)
		choices[i].reason = "the input cannot be read as a table";
	if ((lines || !*doc) &&
	    count_baskets(bench, baskets, lines ? NULL : items, &profile->baskets, err) < 0)
		return -1;
	if (!*doc)
		profile->rows = profile->baskets;
	bench->input.rows = (double)(lines ? profile->baskets : profile->rows);
	return 0;
}
