/* Reads benchmark documents and checks the members that the report relies on. */
#include "report.h"

#include "base/address.h"
#include "base/file.h"
#include "base/json_tree.h"
#include "base/utf8.h"
#include "process/fetch.h"
#include "sdp/mem.h"
#include "sdp/output.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 256 << 20 };

/* Where in an input a document is faulty. */
struct spot {
	const struct report_file *file;
	const char *array;
	size_t index;
};

static int fault(const struct spot *spot, const char *key, const char *what, struct sdp_err *err)
{
	struct sdp_place place = {.file = spot->file->path};
	size_t number = spot->file->document_count;
	char which[40] = "";
	if (number > 1)
		snprintf(which, sizeof which, "document %zu: ", number);
	if (!spot->array)
		return sdp_fail_at(err, place, "%s%s: %s", which, key, what);
	return sdp_fail_at(err, place, "%s%s[%zu].%s: %s", which, spot->array, spot->index, key,
			   what);
}

/* Reads a finite number. *out is NaN if the member is null or missing. */
static int real(const struct spot *spot, const cJSON *object, const char *key, double *out,
		struct sdp_err *err)
{
	const cJSON *item = sdp_doc_member(object, key);
	*out = sdp_doc_get_number(object, key, NAN);
	return item && !cJSON_IsNull(item) && isnan(*out) ? fault(spot, key, "not a number", err)
							  : 0;
}

static int positive(const struct spot *spot, const cJSON *object, const char *key, double *out,
		    struct sdp_err *err)
{
	if (real(spot, object, key, out, err) < 0)
		return -1;
	return *out > 0 ? 0 : fault(spot, key, "not a positive number", err);
}

static int whole(const struct spot *spot, const cJSON *object, const char *key, double *out,
		 struct sdp_err *err)
{
	if (real(spot, object, key, out, err) < 0)
		return -1;
	return *out >= 1 && *out <= 1e9 && *out == floor(*out)
		       ? 0
		       : fault(spot, key, "not a whole number of at least 1", err);
}

static int text(const struct spot *spot, const cJSON *object, const char *key, const char **out,
		struct sdp_err *err)
{
	*out = sdp_doc_get_text(object, key);
	return *out ? 0 : fault(spot, key, "not a string", err);
}

const struct report_series *report_find(const struct report_file *file, const char *name)
{
	for (size_t i = 0; i < file->count; i++)
		if (strcmp(file->series[i].name, name) == 0)
			return &file->series[i];
	return NULL;
}

const struct report_run *report_find_run(const struct report_series *series, double workers)
{
	for (size_t i = 0; series && i < series->count; i++)
		if (series->runs[i].workers == workers)
			return &series->runs[i];
	return NULL;
}

/*
 * Returns the series of this name in the document that is being read, or NULL if there is none yet.
 */
static struct report_series *own_series(struct report_file *file, const char *name)
{
	const struct report_document *last = file->documents[file->document_count - 1];
	for (size_t i = file->count; i > 0 && file->series[i - 1].document == last; i--)
		if (strcmp(file->series[i - 1].name, name) == 0)
			return &file->series[i - 1];
	return NULL;
}

static struct report_series *new_series(struct report_file *file, const char *name,
					struct sdp_err *err)
{
	if (sdp_grow(&file->series, &file->capacity, file->count + 1, sizeof *file->series, err) <
	    0)
		return NULL;
	struct report_series *s = &file->series[file->count++];
	*s = (struct report_series){.name = name,
				    .document = file->documents[file->document_count - 1]};
	return s;
}

static int read_measures(const struct spot *spot, const cJSON *row, struct report_run *run,
			 struct sdp_err *err)
{
	const struct {
		const char *key;
		double *to;
	} numbers[] = {
		{"ci_low", &run->low},
		{"ci_high", &run->high},
		{"speedup", &run->speedup},
		{"speedup_ci_low", &run->speedup_low},
		{"speedup_ci_high", &run->speedup_high},
		{"efficiency", &run->efficiency},
		{"karp_flatt", &run->karp_flatt},
		{"user", &run->user},
		{"sys", &run->sys},
		{"peak_rss", &run->memory},
		{"bytes_per_second", &run->bytes_per_second},
		{"rows_per_second", &run->rows_per_second},
	};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (real(spot, row, numbers[i].key, numbers[i].to, err) < 0)
			return -1;
	run->identical = !cJSON_IsFalse(sdp_doc_member(row, "identical"));
	return 0;
}

static int read_row(struct report_file *file, const struct spot *spot, const cJSON *row,
		    struct sdp_err *err)
{
	struct report_run run = {0};
	const char *name;
	double runs;
	if (text(spot, row, "name", &name, err) < 0 ||
	    whole(spot, row, "workers", &run.workers, err) < 0 ||
	    whole(spot, row, "runs", &runs, err) < 0 ||
	    positive(spot, row, "median", &run.median, err) < 0 ||
	    read_measures(spot, row, &run, err) < 0)
		return -1;
	run.runs = (size_t)runs;
	struct report_series *s = own_series(file, name);
	if (!s && !(s = new_series(file, name, err)))
		return -1;
	if (report_find_run(s, run.workers))
		return fault(spot, "workers", "occurs twice for this name", err);
	if (sdp_grow(&s->runs, &s->capacity, s->count + 1, sizeof *s->runs, err) < 0)
		return -1;
	size_t at = s->count++;
	for (; at > 0 && s->runs[at - 1].workers > run.workers; at--)
		s->runs[at] = s->runs[at - 1];
	s->runs[at] = run;
	return 0;
}

static int read_fit(struct report_file *file, const struct spot *spot, const cJSON *row,
		    struct sdp_err *err)
{
	const cJSON *amdahl = sdp_doc_member(row, "amdahl");
	const cJSON *usl = sdp_doc_member(row, "usl");
	const char *name;
	if (text(spot, row, "name", &name, err) < 0)
		return -1;
	struct report_series *s = own_series(file, name);
	if (!s)
		return fault(spot, "name", "is not a name of results", err);
	s->fit = (struct report_fit){
		.there = true,
		.weak = cJSON_IsTrue(sdp_doc_member(row, "weak")),
	};
	const struct {
		const cJSON *from;
		const char *key;
		double *to;
	} numbers[] = {
		{amdahl, "serial_fraction", &s->fit.serial_fraction},
		{amdahl, "max_speedup", &s->fit.max_speedup},
		{usl, "alpha", &s->fit.alpha},
		{usl, "beta", &s->fit.beta},
		{usl, "gamma", &s->fit.gamma},
		{usl, "peak_workers", &s->fit.peak_workers},
	};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (real(spot, numbers[i].from, numbers[i].key, numbers[i].to, err) < 0)
			return -1;
	return 0;
}

static int read_time(struct report_file *file, const struct spot *spot, const cJSON *row,
		     struct sdp_err *err)
{
	const char *name;
	double workers, seconds;
	if (text(spot, row, "name", &name, err) < 0 ||
	    whole(spot, row, "workers", &workers, err) < 0 ||
	    positive(spot, row, "seconds", &seconds, err) < 0)
		return -1;
	struct report_run *run =
		(struct report_run *)report_find_run(own_series(file, name), workers);
	if (!run)
		return fault(spot, "workers", "no result has this name and number of workers", err);
	if (sdp_grow(&run->times, &run->time_capacity, run->time_count + 1, sizeof *run->times,
		     err) < 0)
		return -1;
	run->times[run->time_count++] = seconds;
	return 0;
}

static int read_command(struct report_file *file, const struct spot *spot, const cJSON *row,
			struct sdp_err *err)
{
	const char *name, *command;
	if (text(spot, row, "name", &name, err) < 0 ||
	    text(spot, row, "command", &command, err) < 0)
		return -1;
	struct report_series *s = own_series(file, name);
	if (s)
		s->command = command;
	return 0;
}

static int read_array(struct report_file *file, const cJSON *tree, const char *key,
		      int (*read_one)(struct report_file *, const struct spot *, const cJSON *,
				      struct sdp_err *),
		      struct sdp_err *err)
{
	const cJSON *array = sdp_doc_member(tree, key), *row;
	struct spot spot = {file, NULL, 0};
	if (array && !cJSON_IsArray(array))
		return fault(&spot, key, "not an array", err);
	spot.array = key;
	cJSON_ArrayForEach(row, array)
	{
		if (read_one(file, &spot, row, err) < 0)
			return -1;
		spot.index++;
	}
	return 0;
}

static int read_document(struct report_file *file, cJSON *tree, struct sdp_err *err)
{
	struct spot spot = {file, NULL, 0};
	struct report_document *document = sdp_alloc(1, sizeof *document, err);
	if (!document || sdp_grow(&file->documents, &file->document_capacity,
				  file->document_count + 1, sizeof *file->documents, err) < 0) {
		cJSON_Delete(tree);
		free(document);
		return -1;
	}
	file->documents[file->document_count++] = document;
	document->tree = tree;
	const char *task = sdp_doc_get_text(tree, "task");
	if (!task || strcmp(task, "benchmark"))
		return fault(&spot, "task", "not a benchmark document of sdp-bench", err);
	if (real(&spot, tree, "cores", &document->cores, err) < 0 ||
	    read_array(file, tree, "results", read_row, err) < 0 ||
	    read_array(file, tree, "fits", read_fit, err) < 0 ||
	    read_array(file, tree, "times", read_time, err) < 0 ||
	    read_array(file, tree, "commands", read_command, err) < 0)
		return -1;
	return 0;
}

/* Parses one or more documents, separated by blanks. */
static int parse(struct report_file *file, const struct sdp_buf *text, struct sdp_err *err)
{
	struct sdp_place place = {.file = file->path};
	const char *at = text->data, *stop = text->data + text->length, *end = NULL;
	size_t valid = sdp_utf8_valid(text->data, text->length);
	if (valid < text->length)
		return sdp_fail_at(err, place, "invalid UTF-8 at offset %zu", valid);
	for (;;) {
		while (at < stop && *at && strchr(" \t\r\n", *at))
			at++;
		if (at == stop)
			return file->document_count ? 0
						    : sdp_fail_at(err, place, "the input is empty");
		cJSON *tree = sdp_json_tree_parse(at, (size_t)(stop - at), &end, err);
		if (!tree && err->code == SDP_SYSTEM)
			return -1;
		if (!tree)
			return sdp_fail_at(err, place, "invalid JSON at offset %zu%s",
					   (size_t)(end - text->data),
					   end >= stop ? ", the end of the input" : "");
		if (read_document(file, tree, err) < 0)
			return -1;
		at = end;
	}
}

static char *label_of(const char *path, struct sdp_err *err)
{
	const char *last = sdp_file_last_part(path), *name = *last ? last : path;
	size_t length = strlen(name);
	if (length > 5 && strcmp(name + length - 5, ".json") == 0)
		length -= 5;
	if (sdp_utf8_valid(name, length) < length) {
		name = "?";
		length = 1;
	}
	return sdp_strndup(name, length, err);
}

/* Reads standard input or a file, which must not be that of -o. */
static int read_local(const char *path, bool standard, const char *output, struct sdp_buf *text,
		      struct sdp_err *err)
{
	struct stat st;
	int fd = standard ? STDIN_FILENO : sdp_file_open(path, O_RDONLY, 0);
	if (fd < 0 || fstat(fd, &st) < 0)
		return sdp_fail_errno(err, "cannot open %s", path);
	int rc = sdp_output_spares(output, &st, err);
	if (rc == 0)
		rc = sdp_read_whole(fd, standard ? "stdin" : path, MOST, text, err);
	if (!standard)
		close(fd);
	return rc;
}

int report_read(const char *path, const char *output, struct report_file *file, struct sdp_err *err)
{
	bool standard = strcmp(path, "-") == 0;
	struct sdp_buf text = {0};
	*file = (struct report_file){.path = sdp_address_shown(standard ? "stdin" : path, err)};
	if (!file->path)
		return -1;
	int rc = sdp_address_is(path) ? sdp_fetch_read(path, MOST, &text, err)
				      : read_local(path, standard, output, &text, err);
	if (rc == 0)
		rc = (file->label = label_of(file->path, err)) ? parse(file, &text, err) : -1;
	sdp_buf_release(&text);
	if (rc == 0 && !file->count)
		rc = sdp_fail_at(err, (struct sdp_place){.file = file->path}, "no results");
	return rc;
}

void report_file_release(struct report_file *file)
{
	for (size_t i = 0; i < file->count; i++) {
		for (size_t k = 0; k < file->series[i].count; k++)
			free(file->series[i].runs[k].times);
		free(file->series[i].runs);
	}
	free(file->series);
	for (size_t i = 0; i < file->document_count; i++) {
		cJSON_Delete(file->documents[i]->tree);
		free(file->documents[i]);
	}
	free(file->documents);
	free(file->label);
	free(file->path);
}
