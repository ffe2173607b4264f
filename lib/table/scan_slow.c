/* The byte-by-byte scan, which all kernels fall back on, and the kernel that does nothing else. */
#include "table/scan_private.h"

#include "sdp/block.h"

uint64_t sdp_scan_walk(struct sdp_scan_state *s, const char *p, unsigned n,
		       struct sdp_dialect dialect, uint64_t *newlines, unsigned *flags)
{
	uint64_t ends = 0, nl = 0;
	for (unsigned i = 0; i < n; i++) {
		char c = p[i];
		if (s->escaped) {
			s->escaped = false;
			continue;
		}
		if (dialect.escape && c == dialect.escape) {
			*flags |= SDP_SCAN_ESCAPED;
			*flags |= !s->inside && (s->previous == SDP_SCAN_CLOSE ||
						 s->previous == SDP_SCAN_CR)
					  ? SDP_SCAN_JUNK
					  : 0;
			s->escaped = true;
			s->previous = SDP_SCAN_OTHER;
			continue;
		}
		if (s->inside) {
			s->inside = c != dialect.quote;
			s->previous = s->inside ? SDP_SCAN_OTHER : SDP_SCAN_CLOSE;
			continue;
		}
		bool closed = s->previous == SDP_SCAN_CLOSE, blank = s->previous == SDP_SCAN_BLANK,
		     fresh = blank || s->previous == SDP_SCAN_START;
		if (s->previous == SDP_SCAN_CR && c != '\n')
			*flags |= SDP_SCAN_JUNK;
		if (c == dialect.delimiter || c == '\n') {
			ends |= UINT64_C(1) << i;
			nl |= (uint64_t)(c == '\n') << i;
			s->previous = SDP_SCAN_START;
		} else if (c == dialect.quote && (closed || fresh)) {
			*flags |= closed || blank ? SDP_SCAN_ESCAPED : 0;
			s->inside = true;
			s->previous = SDP_SCAN_OTHER;
		} else if (closed && c == '\r') {
			s->previous = SDP_SCAN_CR;
		} else if (fresh && sdp_is_blank(c) && dialect.quote != '\n') {
			s->previous = SDP_SCAN_BLANK;
		} else {
			*flags |= closed ? SDP_SCAN_JUNK : 0;
			s->previous = SDP_SCAN_OTHER;
		}
	}
	*newlines = nl;
	return ends;
}

void sdp_scan_look_back(struct sdp_scan_state *s, const char *begin, const char *p,
			struct sdp_scan_state first, struct sdp_dialect dialect)
{
	const char *q = p;
	if (s->previous != SDP_SCAN_OTHER || s->inside || dialect.quote == '\n')
		return;
	while (q > begin && sdp_is_blank(q[-1]) && q[-1] != dialect.delimiter)
		q--;
	bool fresh = q > begin ? q[-1] == dialect.delimiter || q[-1] == '\n'
			       : !first.inside && (first.previous == SDP_SCAN_START ||
						   first.previous == SDP_SCAN_BLANK);
	if (q < p && fresh)
		s->previous = SDP_SCAN_BLANK;
}

bool sdp_scan_only_crlf(const char *p, uint64_t junk, unsigned n)
{
	for (; junk; junk &= junk - 1) {
		unsigned i = (unsigned)__builtin_ctzll(junk);
		if (p[i] != '\r' || (i + 1 < n && p[i + 1] != '\n'))
			return false;
	}
	return true;
}

static void records_slow(struct sdp_scan_state *state, const char *text, size_t length,
			 struct sdp_dialect dialect, struct sdp_scan_count *out)
{
	uint64_t nl;
	unsigned flags = 0;
	*out = (struct sdp_scan_count){0};
	for (size_t i = 0; i < length; i++) {
		sdp_scan_walk(state, text + i, 1, dialect, &nl, &flags);
		out->records += nl;
		out->last_end = nl ? i + 1 : out->last_end;
	}
}

static void cells_slow(const char *text, size_t length, struct sdp_dialect dialect, uint32_t *ends,
		       struct sdp_scan_fields *out)
{
	uint64_t nl;
	*out = (struct sdp_scan_fields){0};
	for (size_t i = 0; i < length; i++) {
		if (sdp_scan_walk(&out->state, text + i, 1, dialect, &nl, &out->flags))
			ends[out->fields++] = (uint32_t)i;
		out->records += nl;
		out->flags |= (unsigned char)text[i] > 0x7f ? SDP_SCAN_HIGH : 0;
		out->flags |= text[i] == '\0' ? SDP_SCAN_NUL : 0;
	}
	out->flags |= out->state.previous == SDP_SCAN_CR ? SDP_SCAN_JUNK : 0;
}

const struct sdp_scan_kernel sdp_scan_slow = {"slow", records_slow, cells_slow};
