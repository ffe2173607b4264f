/*
 * The body of a scan kernel, which is included once per instruction set. Define before the
 * inclusion:
 *
 *	KERNEL(name)       the name with the suffix of the kernel
 *	TARGET             the function attribute
 *	struct bytes64     64 bytes as the instruction set holds them
 *	load64(p), equal64(bytes, c) → 64-bit mask, parity64(mask): bit i is the parity of bits 0..i
 *	seen               an accumulator of bytes: seen_start, seen_add, seen_flags
 *	put_ends(ends, at, mask)  writes at plus the index of each bit of mask; may overwrite ends
 *	                   up to ends + 64 entries
 *
 * Quotes are resolved without a branch per byte (bit i is byte i of the block):
 *
 *	text     a,"x,y",b        Q = quotes
 *	Q        0010001..0       inside = running parity of Q, carried from block to block
 *	inside   00111100..       a delimiter counts where inside is 0
 *
 * The parity is right only if every opening quote is at the start of a cell (or doubles a closing
 * quote). A block in which one is not, for instance because blanks precede it, is scanned byte by
 * byte.
 */

/*
 * Returns the cell ends among the first n ≤ 64 bytes at p (64 of them readable) as a mask. The
 * bytes are those at at in the text, which begins at begin in the state *first.
 * *newlines becomes the mask of those that end a record.
 */
TARGET __attribute__((always_inline)) static inline uint64_t
KERNEL(block)(struct sdp_scan_state *s, const struct sdp_scan_state *first, const char *begin,
	      const char *at, const char *p, unsigned n, struct sdp_dialect dialect,
	      uint64_t *newlines, unsigned *flags, SEEN *seen)
{
	struct bytes64 b = load64(p);
	uint64_t valid = n < 64 ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0);
	if (n < 64)
		seen_tail(seen, p, n);
	else
		seen_add(seen, b);
	uint64_t quotes = dialect.quote == '\n' ? 0 : valid;
	uint64_t q = equal64(b, dialect.quote) & quotes, nl = equal64(b, '\n') & valid;
	uint64_t ends = (equal64(b, dialect.delimiter) & valid) | nl;
	if (s->previous == SDP_SCAN_CR && !(nl & 1))
		*flags |= SDP_SCAN_JUNK;
	if (q == 0 && !s->inside && s->previous != SDP_SCAN_CLOSE) {
		s->previous = ends >> (n - 1) & 1 ? SDP_SCAN_START : SDP_SCAN_OTHER;
		*newlines = nl;
		return ends;
	}
	uint64_t inside = parity64(q) ^ (s->inside ? ~UINT64_C(0) : 0);
	uint64_t open = q & inside, close = q & ~inside;
	uint64_t after_end = ends << 1 | (s->previous == SDP_SCAN_START);
	uint64_t after_close = close << 1 | (s->previous == SDP_SCAN_CLOSE && !s->inside);
	if (__builtin_expect((open & ~after_end & ~after_close) != 0, 0)) {
		/* A copy lets *s stay in registers. */
		struct sdp_scan_state walked = *s;
		sdp_scan_look_back(&walked, begin, at, *first, dialect);
		unsigned found = 0;
		ends = sdp_scan_walk(&walked, p, n, dialect, &nl, &found);
		*s = walked;
		*flags |= found;
		*newlines = nl;
		return ends;
	}
	if (open & after_close)
		*flags |= SDP_SCAN_ESCAPED;
	uint64_t junk = after_close & ~ends & ~q & valid;
	if (__builtin_expect(junk != 0, 0) && !sdp_scan_only_crlf(p, junk, n))
		*flags |= SDP_SCAN_JUNK;
	s->inside = inside >> (n - 1) & 1;
	ends &= ~inside;
	s->previous = ends >> (n - 1) & 1                       ? SDP_SCAN_START
		      : close >> (n - 1) & 1                    ? SDP_SCAN_CLOSE
		      : junk >> (n - 1) & 1 && p[n - 1] == '\r' ? SDP_SCAN_CR
								: SDP_SCAN_OTHER;
	*newlines = nl & ~inside;
	return ends;
}

TARGET static void KERNEL(records)(struct sdp_scan_state *state, const char *text, size_t length,
				   struct sdp_dialect dialect, struct sdp_scan_count *out)
{
	struct sdp_scan_state s = *state, first = s;
	SEEN seen = seen_start();
	unsigned flags = 0;
	size_t records = 0, last = 0, i = 0;
	char tail[64];
	uint64_t nl;
	for (; length - i >= 64; i += 64) {
		KERNEL(block)
		(&s, &first, text, text + i, text + i, 64, dialect, &nl, &flags, &seen);
		if (nl) {
			records += (size_t)__builtin_popcountll(nl);
			last = i + 64 - (size_t)__builtin_clzll(nl);
		}
	}
	if (i < length) {
		memset(tail, ' ', sizeof tail);
		memcpy(tail, text + i, length - i);
		KERNEL(block)
		(&s, &first, text, text + i, tail, (unsigned)(length - i), dialect, &nl, &flags,
		 &seen);
		if (nl) {
			records += (size_t)__builtin_popcountll(nl);
			last = i + 64 - (size_t)__builtin_clzll(nl);
		}
	}
	sdp_scan_look_back(&s, text, text + length, first, dialect);
	*state = s;
	out->records = records;
	out->last_end = last;
}

TARGET static void KERNEL(cells)(const char *text, size_t length, struct sdp_dialect dialect,
				 uint32_t *ends, struct sdp_scan_fields *out)
{
	struct sdp_scan_state s = {0}, first = {0};
	SEEN seen = seen_start();
	unsigned flags = 0;
	size_t records = 0, i = 0;
	uint32_t *e = ends;
	uint64_t nl, mask;
	for (; length - i >= 64; i += 64) {
		mask = KERNEL(block)(&s, &first, text, text + i, text + i, 64, dialect, &nl, &flags,
				     &seen);
		records += (size_t)__builtin_popcountll(nl);
		e = put_ends(e, (uint32_t)i, mask);
	}
	if (i < length) {
		mask = KERNEL(block)(&s, &first, text, text + i, text + i, (unsigned)(length - i),
				     dialect, &nl, &flags, &seen);
		records += (size_t)__builtin_popcountll(nl);
		e = put_ends(e, (uint32_t)i, mask);
	}
	sdp_scan_look_back(&s, text, text + length, first, dialect);
	out->fields = (size_t)(e - ends);
	out->records = records;
	out->flags = flags | seen_flags(seen) | (s.previous == SDP_SCAN_CR ? SDP_SCAN_JUNK : 0);
	out->state = s;
}
