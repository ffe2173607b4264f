/* Reads model files and checks that they are documents of the expected task. */
#include "cli/model_file.h"

#include "base/address.h"
#include "base/json_tree.h"
#include "process/fetch.h"
#include "sdp/columns.h"
#include "sdp/mem.h"
#include "sdp/num.h"
#include "sdp/output.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SIZE_MOST = 256 << 20 };

/* Parses a text that must be exactly one JSON value.  Returns its tree, or NULL with err. */
static cJSON *parse(const char *path, const struct sdp_buf *text, struct sdp_err *err)
{
	struct sdp_place place = {.file = path};
	const char *end = NULL, *stop = text->data + text->length;
	const char *first = text->data;
	while (first < stop && strchr(" \t\r\n", *first) && *first)
		first++;
	if (first == stop) {
		sdp_fail_at(err, place, "not a model: it is empty");
		return NULL;
	}
	cJSON *doc = sdp_json_tree_parse(text->data, text->length, &end, err);
	if (!doc && err->code == SDP_SYSTEM)
		return NULL;
	while (doc && end < stop && strchr(" \t\r\n", *end) && *end)
		end++;
	if (!doc || end < stop) {
		sdp_fail_at(err, place, "not a model: invalid JSON %s offset %zu%s",
			    doc ? "after" : "at", (size_t)(end - text->data),
			    end == stop ? ", where it ends" : "");
		cJSON_Delete(doc);
		return NULL;
	}
	return doc;
}

/* Fails unless a document is that of the task. */
static int check_task(const cJSON *doc, const char *path, const char *task, struct sdp_err *err)
{
	const char *found = sdp_doc_get_text(doc, "task");
	if (found && strcmp(found, task) == 0)
		return 0;
	struct sdp_place place = {.file = path};
	if (found) {
		char quoted[64];
		bool plain = strlen(found) < 40 &&
			     strspn(found, "abcdefghijklmnopqrstuvwxyz_") == strlen(found);
		sdp_fail_at(err, place, "this is the document of %s, not of %s",
			    plain ? found : sdp_quote(quoted, sizeof quoted, found, strlen(found)),
			    task);
	} else {
		sdp_fail_at(err, place, "not a model: it names no task (one of %s was expected)",
			    task);
	}
	return -1;
}

int sdp_model_file_read(const char *path, const char *task, cJSON **doc, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	*doc = NULL;
	if (strcmp(path, "-") == 0)
		return sdp_fail(err, SDP_USAGE,
				"a model is read from a file: standard input is for the data");
	char *shown = sdp_address_shown(path, err);
	if (shown && sdp_fetch_read(path, SIZE_MOST, &text, err) == 0)
		*doc = parse(shown, &text, err);
	if (*doc && check_task(*doc, shown, task, err) < 0) {
		cJSON_Delete(*doc);
		*doc = NULL;
	}
	sdp_buf_release(&text);
	free(shown);
	return *doc ? 0 : -1;
}

int sdp_model_file_columns(const cJSON *doc, const char *key, struct sdp_source *source,
			   size_t **columns, size_t *count, struct sdp_err *err)
{
	const cJSON *names = sdp_doc_member(doc, key), *item;
	const struct sdp_schema *schema = sdp_source_schema(source);
	const char *file = sdp_source_name(source, 0);
	size_t n = 0;
	*count = cJSON_IsArray(names) ? (size_t)cJSON_GetArraySize(names) : 0;
	if (*count == 0)
		return sdp_fail(err, SDP_DATA, "the model has no %s", key);
	if (!(*columns = sdp_alloc(*count, sizeof **columns, err)))
		return -1;
	cJSON_ArrayForEach(item, names)
	{
		const char *name = cJSON_GetStringValue(item);
		if (!name)
			sdp_fail(err, SDP_DATA, "the model's %s are not all names", key);
		if (!name || sdp_columns_of_model(schema, file, name, &(*columns)[n++], err) < 0) {
			free(*columns);
			*columns = NULL;
			return -1;
		}
	}
	return 0;
}

int sdp_model_file_reals(const cJSON *array, const char *key, double *values, size_t count,
			 struct sdp_err *err)
{
	if (!cJSON_IsArray(array) || cJSON_GetArraySize(array) != (int)count)
		return sdp_fail(err, SDP_DATA, "the model's %s are not %zu numbers", key, count);
	const cJSON *item;
	cJSON_ArrayForEach(item, array)
	{
		struct sdp_number number = {.kind = SDP_NUMBER_NONE};
		if (cJSON_IsString(item))
			sdp_number_parse(item->valuestring, strlen(item->valuestring), '.',
					 &number);
		if (!cJSON_IsNumber(item) && !cJSON_IsRaw(item) && number.kind == SDP_NUMBER_NONE)
			return sdp_fail(err, SDP_DATA, "the model's %s are not all numbers", key);
		*values = cJSON_IsString(item) ? number.real
			  : cJSON_IsRaw(item)  ? strtod(item->valuestring, NULL)
					       : item->valuedouble;
		if (!isfinite(*values++))
			return sdp_fail(err, SDP_DATA,
					"the model's %s are not all within the range of doubles",
					key);
	}
	return 0;
}

int sdp_model_file_warn_dropped(const cJSON *rows, const bool *dropped, size_t count,
				struct sdp_err *err)
{
	enum { ENOUGH = 500 }; /* bytes of names; a line holds about twice as many */
	struct sdp_buf names = {0};
	size_t found = 0, rest = 0;
	char quoted[64];
	int rc = 0;
	const cJSON *row = rows->child;
	for (size_t i = 0; rc == 0 && row && i < count; i++, row = row->next) {
		const char *name = sdp_doc_get_text(row, "name");
		if (!dropped[i])
			continue;
		found++;
		if (!name || (names.length && names.length + strlen(name) > ENOUGH))
			rest++;
		else if (strlen(name) > ENOUGH)
			rc = sdp_buf_format(&names, err, "%s",
					    sdp_quote(quoted, sizeof quoted, name, strlen(name)));
		else
			rc = sdp_buf_format(&names, err, "%s'%s'", names.length ? ", " : "", name);
	}
	if (rc == 0 && rest)
		rc = sdp_buf_format(&names, err, "%s%zu more", names.length ? " and " : "", rest);
	if (rc == 0 && found)
		sdp_warn("the fit dropped column%s %s, constant or a combination of others: "
			 "predictions ignore %s, and may be wrong where that no longer holds",
			 found == 1 ? "" : "s", names.data, found == 1 ? "it" : "them");
	sdp_buf_release(&names);
	return rc;
}
