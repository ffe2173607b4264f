/*
 * The plain C scan kernel, the choice of the kernel, and scanning lines of text. The SIMD kernels
 * are in scan_x86.c.
 */
#define _GNU_SOURCE
#include "table/scan.h"

#include "table/scan_private.h"

#include <string.h>

/* ---- plain C: eight bytes at a time ---- */

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

struct bytes64 {
	uint64_t word[8];
};

#define SEEN struct seen_c
#define TARGET
#define KERNEL(name) name##_c
#define put_ends     sdp_scan_put_ends

struct seen_c {
	uint64_t high, zero;
};

static inline struct bytes64 load64(const char *p)
{
	struct bytes64 b;
	memcpy(&b, p, sizeof b);
	return b;
}

/* Returns 0x80 in exactly the bytes of w that are zero, and 0 in the others. */
static inline uint64_t zero_bytes(uint64_t w)
{
	return ~(((w & ~HIGHS) + ~HIGHS) | w) & HIGHS;
}

static inline uint64_t equal64(struct bytes64 b, char c)
{
	uint64_t mask = 0, pattern = ONES * (unsigned char)c;
	for (unsigned i = 0; i < 8; i++) {
		/* The multiplication moves the eight high bits into one byte. */
		uint64_t bits =
			(zero_bytes(b.word[i] ^ pattern) >> 7) * UINT64_C(0x0102040810204080) >> 56;
		mask |= bits << 8 * i;
	}
	return mask;
}

static inline uint64_t parity64(uint64_t q)
{
	return sdp_bitmask_parity(q);
}

static inline struct seen_c seen_start(void)
{
	return (struct seen_c){0, 0};
}

static inline void seen_add(struct seen_c *s, struct bytes64 b)
{
	for (int i = 0; i < 8; i++) {
		s->high |= b.word[i];
		s->zero |= zero_bytes(b.word[i]);
	}
}

static inline void seen_tail(struct seen_c *s, const char *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		s->high |= (uint64_t)(unsigned char)p[i];
		s->zero |= p[i] == '\0';
	}
}

static inline unsigned seen_flags(struct seen_c s)
{
	return (s.high & HIGHS ? SDP_SCAN_HIGH : 0) | (s.zero ? SDP_SCAN_NUL : 0);
}

#include "table/scan_kernel.h"

static const struct sdp_scan_kernel plain = {"c", records_c, cells_c};

/* ---- the choice ---- */

static const struct sdp_scan_kernel *chosen; /* NULL until a kernel has been chosen */

/*
 * Returns the kernel "avx512", "avx2", "sse2" or "c", or NULL if the machine or the build does not
 * have it.
 */
static const struct sdp_scan_kernel *kernel_named(const char *name)
{
	return strcmp(name, plain.name) == 0 ? &plain : sdp_scan_x86(name);
}

static const struct sdp_scan_kernel *choose(void)
{
	static const char *const best_first[] = {"avx512", "avx2", "sse2", "c"};
	for (size_t i = 0; !chosen; i++)
		chosen = kernel_named(best_first[i]);
	return chosen;
}

/* ---- lines of text ---- */

static void count_lines(const char *text, size_t length, struct sdp_scan_count *count)
{
	*count = (struct sdp_scan_count){0};
	for (const char *lf;
	     (lf = memchr(text + count->last_end, '\n', length - count->last_end));) {
		count->last_end = (size_t)(lf - text) + 1;
		count->records++;
	}
}

static void find_lines(const char *text, size_t length, uint32_t *ends, struct sdp_scan_fields *out)
{
	struct seen_c seen = seen_start();
	size_t at = 0;
	*out = (struct sdp_scan_fields){0};
	for (; length - at >= sizeof(struct bytes64); at += sizeof(struct bytes64))
		seen_add(&seen, load64(text + at));
	seen_tail(&seen, text + at, (unsigned)(length - at));
	out->flags = seen_flags(seen);
	at = 0;
	for (const char *lf; (lf = memchr(text + at, '\n', length - at));
	     at = (size_t)(lf - text) + 1)
		ends[out->fields++] = (uint32_t)(lf - text);
	out->records = out->fields;
	out->state.previous = at < length ? SDP_SCAN_OTHER : SDP_SCAN_START;
}

/* ---- the functions of scan.h ---- */

void sdp_scan_records(struct sdp_scan_state *state, const char *text, size_t length, char delimiter,
		      struct sdp_scan_count *count)
{
	if (delimiter == '\n') {
		count_lines(text, length, count);
		return;
	}
	choose()->records(state, text, length, delimiter, count);
}

void sdp_scan_cells(const char *text, size_t length, char delimiter, uint32_t *ends,
		    struct sdp_scan_fields *out)
{
	if (delimiter == '\n') {
		find_lines(text, length, ends, out);
		return;
	}
	choose()->cells(text, length, delimiter, ends, out);
}

enum sdp_scan_byte sdp_scan_byte(struct sdp_scan_state *state, char byte, char delimiter)
{
	uint64_t newline;
	unsigned flags = 0;
	if (delimiter == '\n')
		return byte == '\n' ? SDP_SCAN_RECORD_END : SDP_SCAN_WITHIN;
	uint64_t end = sdp_scan_walk(state, &byte, 1, delimiter, &newline, &flags);
	return newline ? SDP_SCAN_RECORD_END : end ? SDP_SCAN_CELL_END : SDP_SCAN_WITHIN;
}

size_t sdp_scan_first_end(struct sdp_scan_state *state, const char *text, size_t length,
			  char delimiter)
{
	enum { STEP = 4096 };
	for (size_t at = 0; at < length; at += STEP) {
		size_t n = length - at < STEP ? length - at : STEP;
		struct sdp_scan_state before = *state;
		struct sdp_scan_count count;
		sdp_scan_records(state, text + at, n, delimiter, &count);
		if (count.records == 0)
			continue;
		*state = before;
		for (size_t i = 0; i < n; i++)
			if (sdp_scan_byte(state, text[at + i], delimiter) == SDP_SCAN_RECORD_END)
				return at + i + 1;
	}
	return 0;
}

bool sdp_scan_hide_comments(char *text, size_t length, char delimiter, char comment)
{
	const char pattern[] = {'\n', comment};
	struct sdp_scan_state state = {0};
	struct sdp_scan_count count;
	bool any = false;
	/* state is the state after scanned bytes. */
	for (size_t at = 0, scanned = 0; at < length;) {
		if (text[at] == comment) {
			sdp_scan_records(&state, text + scanned, at - scanned, delimiter, &count);
			scanned = at;
			if (!state.inside) {
				const char *lf = memchr(text + at, '\n', length - at);
				scanned = lf ? (size_t)(lf - text) : length;
				memset(text + at, comment, scanned - at);
				any = true;
			}
		}
		const char *next = memmem(text + at, length - at, pattern, sizeof pattern);
		at = next ? (size_t)(next - text) + 1 : length;
	}
	return any;
}
