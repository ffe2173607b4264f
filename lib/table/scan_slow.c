/* The byte-by-byte scan that all kernels fall back on. */
#include "table/scan_private.h"

uint64_t sdp_scan_walk(struct sdp_scan_state *s, const char *p, unsigned n, char delimiter,
		       uint64_t *newlines, unsigned *flags)
{
	uint64_t ends = 0, nl = 0;
	for (unsigned i = 0; i < n; i++) {
		char c = p[i];
		if (s->inside) {
			s->inside = c != '"';
			s->previous = s->inside ? SDP_SCAN_OTHER : SDP_SCAN_CLOSE;
			continue;
		}
		bool closed = s->previous == SDP_SCAN_CLOSE;
		if (s->previous == SDP_SCAN_CR && c != '\n')
			*flags |= SDP_SCAN_JUNK;
		if (c == delimiter || c == '\n') {
			ends |= UINT64_C(1) << i;
			nl |= (uint64_t)(c == '\n') << i;
			s->previous = SDP_SCAN_START;
		} else if (c == '"' && (closed || s->previous == SDP_SCAN_START)) {
			*flags |= closed ? SDP_SCAN_ESCAPED : 0;
			s->inside = true;
			s->previous = SDP_SCAN_OTHER;
		} else if (closed && c == '\r') {
			s->previous = SDP_SCAN_CR;
		} else {
			*flags |= closed ? SDP_SCAN_JUNK : 0;
			s->previous = SDP_SCAN_OTHER;
		}
	}
	*newlines = nl;
	return ends;
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
