/* Finds the stored file that a word of the command line stands for. */
#include "base/names.h"
#include "base/suggest.h"
#include "storage/record.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool matches(const struct sdp_upload_record *record, const char *word)
{
	return strcmp(record->name, word) == 0 || strncasecmp(record->id, word, strlen(word)) == 0;
}

/* Fails because several records match, and names them. */
static int refuse_several(const struct sdp_upload_records *records, const char *word, size_t count,
			  struct sdp_err *err)
{
	struct sdp_names names = {0};
	char quoted[80], candidate[SDP_UUID_LENGTH + sizeof quoted + 4];
	for (size_t i = 0; i < records->count; i++) {
		const struct sdp_upload_record *r = &records->items[i];
		if (!matches(r, word))
			continue;
		snprintf(candidate, sizeof candidate, "%s (%s)", r->id,
			 sdp_quote(quoted, sizeof quoted, r->name, strlen(r->name)));
		sdp_names_add(&names, candidate);
	}
	return sdp_fail(err, SDP_DATA, "%s stands for %zu files: %s",
			sdp_quote(quoted, sizeof quoted, word, strlen(word)), count,
			sdp_names_end(&names));
}

static int refuse_unknown(const struct sdp_upload_records *records, const char *word,
			  const char *store, struct sdp_err *err)
{
	struct sdp_suggestion near = sdp_suggest_for(word, strlen(word));
	char quoted[80], meant[80];
	if (sdp_uuid_valid(word))
		return sdp_fail(err, SDP_DATA, "there is no file %s in the %s store", word, store);
	if (records->skipped) /* it may be among these */
		return sdp_fail(
			err, records->why.code,
			"%s is no file of the %s store that can be read; %zu cannot: %.600s",
			sdp_quote(quoted, sizeof quoted, word, strlen(word)), store,
			records->skipped, records->why.text);
	for (size_t i = 0; i < records->count; i++)
		sdp_suggest_try(&near, records->items[i].name);
	sdp_quote(quoted, sizeof quoted, word, strlen(word));
	if (near.name)
		return sdp_fail(err, SDP_DATA,
				"there is no file %s in the %s store, did you mean %s?", quoted,
				store,
				sdp_quote(meant, sizeof meant, near.name, strlen(near.name)));
	return sdp_fail(err, SDP_DATA,
			"there is no file %s in the %s store: neither a name nor the beginning of "
			"an id; sdp-upload --list shows what there is",
			quoted, store);
}

const char *sdp_upload_match(const struct sdp_upload_records *records, const char *word,
			     const char *store, struct sdp_err *err)
{
	size_t count = 0, found = 0;
	for (size_t i = 0; i < records->count; i++) {
		const struct sdp_upload_record *r = &records->items[i];
		/* A file that is being sent to S3 is in both stores for a while. */
		if (!matches(r, word) || (count && strcmp(r->id, records->items[found].id) == 0))
			continue;
		if (count++ == 0)
			found = i;
	}
	if (count == 1)
		return records->items[found].id;
	if (count)
		refuse_several(records, word, count, err);
	else
		refuse_unknown(records, word, store, err);
	return NULL;
}
