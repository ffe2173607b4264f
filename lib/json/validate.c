/* Validates JSON, detects duplicate keys and finds the value at a JSON pointer. */
#include "json/validate.h"

#include "sdp/mem.h"

#include <inttypes.h>
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
	PIECE = 256 * 1024,
	LONGEST = 16 << 20, /* of keys and numbers, which are parsed again when more bytes come */
	FEW = 16,           /* maximum of keys of an object that are compared one by one */
};

struct sdp_json_validator *sdp_json_validator_new(const char *file, bool many, struct sdp_err *err)
{
	struct sdp_json_validator *c = sdp_alloc(1, sizeof *c, err);
	if (!c)
		return NULL;
	c->file = file;
	c->line = (struct sdp_json_line){1, 1};
	sdp_json_init(&c->json, many);
	c->json.partial_strings = true;
	return c;
}

void sdp_json_validator_free(struct sdp_json_validator *c)
{
	if (!c)
		return;
	for (size_t i = 0; i <= SDP_JSON_DEPTH; i++)
		sdp_map_release(&c->levels[i].map);
	sdp_buf_release(&c->window);
	sdp_buf_release(&c->name);
	free(c->keys);
	free(c);
}

uint64_t sdp_json_validator_values(const struct sdp_json_validator *c)
{
	return c->values;
}

/* ---- faults ---- */

static int fail_at(const struct sdp_json_validator *c, size_t at, const char *what,
		   struct sdp_err *err)
{
	struct sdp_json_line line = c->line;
	sdp_json_count(&line, c->window.data, at);
	return sdp_fail_at(err, (struct sdp_place){.file = c->file},
			   "line %" PRIu64 ", column %" PRIu64 ": %s", line.line, line.column,
			   what);
}

/* Fails at the fault that the tokens have come to. */
static int fail_at_token(const struct sdp_json_validator *c, struct sdp_err *err)
{
	char what[200];
	return fail_at(c, c->json.fault_at, sdp_json_describe(&c->json, what), err);
}

/* ---- keys ---- */

static int note_key(struct sdp_json_validator *c, const struct sdp_json_digest *key,
		    struct sdp_err *err)
{
	struct sdp_json_level *level = &c->levels[c->json.depth];
	size_t count = c->key_count - level->first;
	if (level->map.size)
		return sdp_map_add(&level->map, (const char *)key, sizeof *key, 0, err);
	for (size_t i = level->first; i < c->key_count; i++)
		if (memcmp(&c->keys[i], key, sizeof *key) == 0)
			return 0;
	if (sdp_grow(&c->keys, &c->key_capacity, c->key_count + 1, sizeof *c->keys, err) < 0)
		return -1;
	c->keys[c->key_count++] = *key;
	if (count < FEW)
		return 1;
	for (; c->key_count > level->first; c->key_count--)
		if (sdp_map_add(&level->map, (const char *)&c->keys[c->key_count - 1], sizeof *key,
				0, err) < 0)
			return -1;
	return 1;
}

/* Resolves the escapes of a key, with name as its memory. */
static int plain_key(struct sdp_json_validator *c, struct sdp_json_token *t, struct sdp_err *err)
{
	if (!t->escaped)
		return 0;
	c->name.length = 0;
	if (sdp_buf_reserve(&c->name, t->length, err) < 0)
		return -1;
	t->length = sdp_json_decode(t->start, t->length, c->name.data);
	t->start = c->name.data;
	return 0;
}

static int take_key(struct sdp_json_validator *c, const struct sdp_json_token *t, size_t at,
		    struct sdp_err *err)
{
	XXH128_hash_t hash = XXH3_128bits(t->start, t->length);
	struct sdp_json_digest key = {{hash.low64, hash.high64}};
	int rc = note_key(c, &key, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	char quoted[64], what[100];
	snprintf(what, sizeof what, "a duplicate key in an object: %s",
		 sdp_quote(quoted, sizeof quoted, t->start, t->length));
	return fail_at(c, at, what, err);
}

static void open_level(struct sdp_json_validator *c)
{
	c->levels[c->json.depth].first = c->key_count;
}

static void close_level(struct sdp_json_validator *c)
{
	struct sdp_json_level *level = &c->levels[c->json.depth + 1];
	c->key_count = level->first;
	if (level->map.size)
		sdp_map_release(&level->map);
}

/* ---- finding the records ---- */

int sdp_json_pointer_parse(struct sdp_json_pointer *p, const char *text, struct sdp_err *err)
{
	*p = (struct sdp_json_pointer){.text = text};
	if (*text && *text != '/')
		return sdp_fail(err, SDP_USAGE, "--records: a JSON pointer begins with '/': '%s'",
				text);
	while (*text) {
		if (p->count == SDP_JSON_DEPTH)
			return sdp_fail(err, SDP_USAGE, "--records: more than %d parts",
					SDP_JSON_DEPTH);
		for (text++; *text && *text != '/'; text++) {
			char c = *text;
			if (c == '~') {
				c = *++text;
				if (c != '0' && c != '1')
					return sdp_fail(err, SDP_USAGE,
							"--records: in a JSON pointer ~0 is '~' "
							"and ~1 is '/': '%s'",
							p->text);
				c = c == '0' ? '~' : '/';
			}
			if (sdp_buf_add(&p->names, &c, 1, err) < 0)
				return -1;
		}
		p->ends[p->count++] = p->names.length;
	}
	return 0;
}

void sdp_json_pointer_release(struct sdp_json_pointer *p)
{
	sdp_buf_release(&p->names);
	p->count = 0;
}

void sdp_json_validator_find(struct sdp_json_validator *c, const struct sdp_json_pointer *pointer)
{
	c->pointer = pointer;
	c->finding = true;
	c->next = true;
}

static const char *pointer_token(const struct sdp_json_pointer *p, unsigned i, size_t *length)
{
	size_t from = i ? p->ends[i - 1] : 0;
	*length = p->ends[i] - from;
	return p->names.data ? p->names.data + from : "";
}

/* Parses an index of RFC 6901, without leading zeros.  Returns UINT64_MAX if it is none. */
static uint64_t index_of(const char *s, size_t length)
{
	uint64_t n = 0;
	if (length == 0 || length > 18 || (s[0] == '0' && length > 1))
		return UINT64_MAX;
	for (size_t i = 0; i < length; i++) {
		if (s[i] < '0' || s[i] > '9')
			return UINT64_MAX;
		n = n * 10 + (uint64_t)(s[i] - '0');
	}
	return n;
}

static int not_found(const struct sdp_json_validator *c, struct sdp_err *err)
{
	return sdp_fail_at(err, (struct sdp_place){.file = c->file},
			   "there is no value at %s (--records)", c->pointer->text);
}

/* Handles the first token of a value; depth is the depth outside it. */
static int find_value(struct sdp_json_validator *c, enum sdp_json_kind kind, unsigned depth,
		      struct sdp_err *err)
{
	bool in_array = depth > 0 && depth == c->path_depth &&
			!(c->json.objects[depth / 64] >> depth % 64 & 1);
	if (in_array)
		c->next = c->index++ == c->wanted_index;
	if (!c->next)
		return 0;
	c->next = false;
	if (!c->pointer || depth == c->pointer->count) {
		c->found = true;
		c->kind = kind;
		return 0;
	}
	if (kind != SDP_JSON_OBJECT && kind != SDP_JSON_ARRAY)
		return not_found(c, err);
	size_t length;
	const char *token = pointer_token(c->pointer, depth, &length);
	c->path_depth = depth + 1;
	c->index = 0;
	c->wanted_index = index_of(token, length);
	return 0;
}

static void find_key(struct sdp_json_validator *c, const struct sdp_json_token *t)
{
	size_t length;
	if (c->json.depth != c->path_depth)
		return;
	const char *token = pointer_token(c->pointer, c->path_depth - 1, &length);
	c->next = length == t->length && memcmp(token, t->start, length) == 0;
}

static int find(struct sdp_json_validator *c, enum sdp_json_kind kind,
		const struct sdp_json_token *t, struct sdp_err *err)
{
	unsigned depth = c->json.depth;
	if (kind == SDP_JSON_KEY)
		find_key(c, t);
	else if (kind == SDP_JSON_CLOSE)
		return depth < c->path_depth ? not_found(c, err) : 0;
	else
		return find_value(c, kind,
				  depth - (kind == SDP_JSON_OBJECT || kind == SDP_JSON_ARRAY), err);
	return 0;
}

/* ---- tokens ---- */

static void count_value(struct sdp_json_validator *c, enum sdp_json_kind kind)
{
	bool container = kind == SDP_JSON_OBJECT || kind == SDP_JSON_ARRAY;
	unsigned depth = c->json.depth - container;
	if (depth == 0 && kind == SDP_JSON_ARRAY && !c->json.many)
		c->array = true;
	else
		c->values += depth == c->array;
}

static int take_token(struct sdp_json_validator *c, enum sdp_json_kind kind,
		      struct sdp_json_token *t, size_t before, struct sdp_err *err)
{
	if (kind == SDP_JSON_KEY) {
		if (plain_key(c, t, err) < 0 || take_key(c, t, before, err) < 0)
			return -1;
	} else if (kind == SDP_JSON_CLOSE) {
		close_level(c);
	} else {
		if (kind == SDP_JSON_OBJECT || kind == SDP_JSON_ARRAY)
			open_level(c);
		count_value(c, kind);
	}
	return c->finding ? find(c, kind, t, err) : 0;
}

/* Processes all tokens in the window, or those up to the value that is searched for. */
static int take_tokens(struct sdp_json_validator *c, struct sdp_err *err)
{
	struct sdp_json *j = &c->json;
	while (!c->found) {
		struct sdp_json_token t = {0};
		enum sdp_json_kind kind = sdp_json_next(j, &t);
		if (kind == SDP_JSON_FAULT)
			return fail_at_token(c, err);
		if (kind == SDP_JSON_MORE || kind == SDP_JSON_DONE)
			return 0;
		size_t before = kind == SDP_JSON_KEY ? (size_t)(t.start - j->text) - 1 : 0;
		if (take_token(c, kind, &t, before, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- the window ---- */

static void drop_taken(struct sdp_json_validator *c)
{
	size_t at = c->json.at;
	sdp_json_count(&c->line, c->window.data, at);
	c->window.length -= at;
	memmove(c->window.data, c->window.data + at, c->window.length);
	c->offset += at;
	c->json.at = 0;
}

/* Skips a byte order mark.  Returns false if there are too few bytes to recognize it. */
static bool begin(struct sdp_json_validator *c)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t n = c->window.length < 3 ? c->window.length : 3;
	bool same = memcmp(c->window.data, mark, n) == 0;
	if (same && n < 3 && !c->json.final)
		return false;
	if (same && n == 3) {
		c->json.at = 3;
		drop_taken(c);
		c->line = (struct sdp_json_line){1, 1};
	}
	c->begun = true;
	return true;
}

int sdp_json_validator_go_on(struct sdp_json_validator *c, struct sdp_err *err)
{
	if (sdp_buf_reserve(&c->window, SDP_JSON_PADDING, err) < 0)
		return -1;
	memset(c->window.data + c->window.length, 0, SDP_JSON_PADDING);
	if (!c->begun && !begin(c))
		return 0;
	memset(c->window.data + c->window.length, 0, SDP_JSON_PADDING);
	c->json.text = c->window.data;
	c->json.length = c->window.length;
	if (take_tokens(c, err) < 0)
		return -1;
	if (c->found)
		return 0;
	drop_taken(c);
	return c->window.length > LONGEST
		       ? fail_at(c, 0, "a key or a number of more than 16 MiB", err)
		       : 0;
}

int sdp_json_validator_feed(struct sdp_json_validator *c, const char *bytes, size_t length,
			    struct sdp_err *err)
{
	while (length > 0) {
		size_t n = length < PIECE ? length : PIECE;
		if (sdp_buf_add(&c->window, bytes, n, err) < 0)
			return -1;
		if (sdp_json_validator_go_on(c, err) < 0)
			return -1;
		bytes += n;
		length -= n;
	}
	return 0;
}

int sdp_json_validator_end(struct sdp_json_validator *c, struct sdp_err *err)
{
	c->json.final = true;
	return sdp_json_validator_go_on(c, err);
}
