/* The plain C scan kernel, and the choice of the kernel. The SIMD kernels are in scan_x86.c. */
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

static const struct sdp_scan_kernel *kernel_for(struct sdp_dialect dialect)
{
	return dialect.escape ? &sdp_scan_slow : choose();
}

/* ---- the functions of scan.h ---- */

void sdp_scan_records(struct sdp_scan_state *state, const char *text, size_t length,
		      struct sdp_dialect dialect, struct sdp_scan_count *count)
{
	kernel_for(dialect)->records(state, text, length, dialect, count);
}

void sdp_scan_cells(const char *text, size_t length, struct sdp_dialect dialect, uint32_t *ends,
		    struct sdp_scan_fields *out)
{
	kernel_for(dialect)->cells(text, length, dialect, ends, out);
}

enum sdp_scan_byte sdp_scan_byte(struct sdp_scan_state *state, char byte,
				 struct sdp_dialect dialect)
{
	uint64_t newline;
	unsigned flags = 0;
	uint64_t end = sdp_scan_walk(state, &byte, 1, dialect, &newline, &flags);
	return newline ? SDP_SCAN_RECORD_END : end ? SDP_SCAN_CELL_END : SDP_SCAN_WITHIN;
}

size_t sdp_scan_first_end(struct sdp_scan_state *state, const char *text, size_t length,
			  struct sdp_dialect dialect)
{
	enum { STEP = 4096 };
	for (size_t at = 0; at < length; at += STEP) {
		size_t n = length - at < STEP ? length - at : STEP;
		struct sdp_scan_state before = *state;
		struct sdp_scan_count count;
		sdp_scan_records(state, text + at, n, dialect, &count);
		if (count.records == 0)
			continue;
		*state = before;
		for (size_t i = 0; i < n; i++)
			if (sdp_scan_byte(state, text[at + i], dialect) == SDP_SCAN_RECORD_END)
				return at + i + 1;
	}
	return 0;
}

bool sdp_scan_hide_comments(char *text, size_t length, struct sdp_dialect dialect, char comment)
{
	const char pattern[] = {'\n', comment};
	struct sdp_scan_state state = {0};
	struct sdp_scan_count count;
	bool any = false;
	/* state is the state after scanned bytes. */
	for (size_t at = 0, scanned = 0; at < length;) {
		if (text[at] == comment) {
			sdp_scan_records(&state, text + scanned, at - scanned, dialect, &count);
			scanned = at;
			/* After an escaped LF, the byte is not the first of a record. */
			if (!state.inside && state.previous == SDP_SCAN_START) {
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
