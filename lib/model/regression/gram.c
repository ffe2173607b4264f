/* The exact Gram matrix of integer columns, and the rank of its columns modulo a prime. */
#include "model/regression/gram.h"

#include "sdp/mem.h"

#include <string.h>

enum { DOWN = 4, ACROSS = 4 };

/*
 * Sums the products of DOWN columns with the first across of ACROSS other columns over n rows, a
 * multiple of 8.
 */
typedef void function(const int32_t *const a[DOWN], const int32_t *const b[ACROSS], size_t n,
		      int64_t sums[ACROSS][DOWN]);

/*
 * A kernel.  small, unless it is NULL, is faster and needs integers of at most SMALL in magnitude:
 * their products are summed as doubles, and 2^10 products of 2^42 are still exact.
 */
struct kernel {
	function *all, *small;
	size_t across;
};

enum { SMALL = 1 << 21, GROUPS = 64 * 64 };

/* For each group of DOWN columns, one bit: whether they are small.  Those beyond GROUPS are not. */
struct small_groups {
	uint64_t bits[GROUPS / 64];
};

static void kernel_plain(const int32_t *const a[DOWN], const int32_t *const b[ACROSS], size_t n,
			 int64_t sums[ACROSS][DOWN])
{
	for (size_t k = 0; k < ACROSS; k++)
		for (size_t i = 0; i < DOWN; i++) {
			int64_t sum = 0;
			for (size_t row = 0; row < n; row++)
				sum += (int64_t)a[i][row] * b[k][row];
			sums[k][i] = sum;
		}
}

#ifdef __x86_64__
#include <immintrin.h>

/* Unrolls the loop that follows, so that its arrays become registers. */
#ifdef __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

#define TARGET __attribute__((target("avx2")))

TARGET static inline int64_t across(__m256i v)
{
	int64_t lane[4];
	_mm256_storeu_si256((__m256i *)(void *)lane, v);
	return lane[0] + lane[1] + lane[2] + lane[3];
}

/* Processes eight rows at a time: first the even rows, then the odd rows after a shift. */
enum { ACROSS_AVX2 = 2 };
TARGET static void kernel_avx2(const int32_t *const a[DOWN], const int32_t *const b[ACROSS],
			       size_t n, int64_t sums[ACROSS][DOWN])
{
	__m256i total[ACROSS_AVX2][DOWN];
	UNROLL
	for (size_t k = 0; k < ACROSS_AVX2; k++) {
		UNROLL
		for (size_t i = 0; i < DOWN; i++)
			total[k][i] = _mm256_setzero_si256();
	}
	for (size_t row = 0; row < n; row += 8) {
		__m256i y[ACROSS_AVX2], z[ACROSS_AVX2];
		UNROLL
		for (size_t k = 0; k < ACROSS_AVX2; k++) {
			y[k] = _mm256_load_si256((const __m256i *)(const void *)(b[k] + row));
			z[k] = _mm256_srli_epi64(y[k], 32);
		}
		UNROLL
		for (size_t i = 0; i < DOWN; i++) {
			__m256i x = _mm256_load_si256((const __m256i *)(const void *)(a[i] + row));
			__m256i w = _mm256_srli_epi64(x, 32);
			UNROLL
			for (size_t k = 0; k < ACROSS_AVX2; k++) {
				__m256i even = _mm256_mul_epi32(x, y[k]),
					odd = _mm256_mul_epi32(w, z[k]);
				total[k][i] =
					_mm256_add_epi64(total[k][i], _mm256_add_epi64(even, odd));
			}
		}
	}
	UNROLL
	for (size_t k = 0; k < ACROSS_AVX2; k++) {
		UNROLL
		for (size_t i = 0; i < DOWN; i++)
			sums[k][i] = across(total[k][i]);
	}
}

#define WIDE __attribute__((target("avx512f")))

/* Widens eight rows to 64 bits, whose low halves are multiplied. */
WIDE static void kernel_avx512(const int32_t *const a[DOWN], const int32_t *const b[ACROSS],
			       size_t n, int64_t sums[ACROSS][DOWN])
{
	__m512i total[ACROSS][DOWN];
	UNROLL
	for (size_t k = 0; k < ACROSS; k++) {
		UNROLL
		for (size_t i = 0; i < DOWN; i++)
			total[k][i] = _mm512_setzero_si512();
	}
	for (size_t row = 0; row < n; row += 8) {
		__m512i x[DOWN];
		UNROLL
		for (size_t i = 0; i < DOWN; i++)
			x[i] = _mm512_cvtepi32_epi64(
				_mm256_load_si256((const __m256i *)(const void *)(a[i] + row)));
		UNROLL
		for (size_t k = 0; k < ACROSS; k++) {
			__m512i y = _mm512_cvtepi32_epi64(
				_mm256_load_si256((const __m256i *)(const void *)(b[k] + row)));
			UNROLL
			for (size_t i = 0; i < DOWN; i++)
				total[k][i] =
					_mm512_add_epi64(total[k][i], _mm512_mul_epi32(x[i], y));
		}
	}
	UNROLL
	for (size_t k = 0; k < ACROSS; k++) {
		UNROLL
		for (size_t i = 0; i < DOWN; i++)
			sums[k][i] = _mm512_reduce_add_epi64(total[k][i]);
	}
}

WIDE static void kernel_avx512_small(const int32_t *const a[DOWN], const int32_t *const b[ACROSS],
				     size_t n, int64_t sums[ACROSS][DOWN])
{
	__m512d total[ACROSS][DOWN];
	UNROLL
	for (size_t k = 0; k < ACROSS; k++) {
		UNROLL
		for (size_t i = 0; i < DOWN; i++)
			total[k][i] = _mm512_setzero_pd();
	}
	for (size_t row = 0; row < n; row += 8) {
		__m512d x[DOWN];
		UNROLL
		for (size_t i = 0; i < DOWN; i++)
			x[i] = _mm512_cvtepi32_pd(
				_mm256_load_si256((const __m256i *)(const void *)(a[i] + row)));
		UNROLL
		for (size_t k = 0; k < ACROSS; k++) {
			__m512d y = _mm512_cvtepi32_pd(
				_mm256_load_si256((const __m256i *)(const void *)(b[k] + row)));
			UNROLL
			for (size_t i = 0; i < DOWN; i++)
				total[k][i] = _mm512_fmadd_pd(x[i], y, total[k][i]);
		}
	}
	UNROLL
	for (size_t k = 0; k < ACROSS; k++) {
		UNROLL
		for (size_t i = 0; i < DOWN; i++)
			sums[k][i] = (int64_t)_mm512_reduce_add_pd(total[k][i]);
	}
}

static const struct kernel *choose_kernel(void)
{
	static const struct kernel plain = {kernel_plain, NULL, ACROSS},
				   avx2 = {kernel_avx2, NULL, ACROSS_AVX2},
				   avx512 = {kernel_avx512, kernel_avx512_small, ACROSS};
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx512f") ? &avx512
	       : __builtin_cpu_supports("avx2")  ? &avx2
						 : &plain;
}
#else
static const struct kernel *choose_kernel(void)
{
	static const struct kernel plain = {kernel_plain, NULL, ACROSS};
	return &plain;
}
#endif

static inline size_t at(size_t i, size_t j)
{
	return i <= j ? j * (j + 1) / 2 + i : i * (i + 1) / 2 + j;
}

/* Returns whether the integers of a column are at most SMALL in magnitude. */
static bool is_small(const int32_t *column, size_t n)
{
	uint32_t above = 0;
	for (size_t i = 0; i < n; i++)
		above |= (uint32_t)(column[i] + SMALL) > 2 * (uint32_t)SMALL;
	return !above;
}

/* Sets from[k] to column first + k of a tile, or to the last column in place of those beyond it. */
static void take_columns(const int32_t *tile, size_t first, size_t last, size_t count,
			 const int32_t **from)
{
	for (size_t k = 0; k < count; k++)
		from[k] = tile + (first + k < last ? first + k : last) * SDP_TILE;
}

static bool are_small(const int32_t *const *columns, size_t count, size_t n)
{
	bool small = true;
	for (size_t k = 0; small && k < count; k++)
		small = is_small(columns[k], n);
	return small;
}

static void find_small(struct small_groups *small, const int32_t *tile, size_t last, size_t n)
{
	const int32_t *columns[DOWN];
	for (size_t i = 0; i <= last && i / DOWN < GROUPS; i += DOWN) {
		take_columns(tile, i, last, DOWN, columns);
		if (are_small(columns, DOWN, n))
			small->bits[i / DOWN / 64] |= UINT64_C(1) << i / DOWN % 64;
	}
}

/* Returns whether the columns from i on, a multiple of DOWN, are small. */
static bool has_small(const struct small_groups *small, size_t i)
{
	size_t group = i / DOWN;
	return group < GROUPS && small->bits[group / 64] >> group % 64 & 1;
}

void sdp_gram_add(struct sdp_gram *g, const int32_t *tile, size_t n)
{
	const struct kernel *kernel = choose_kernel();
	size_t last = g->limbs - 1, rows = (n + 7) / 8 * 8;
	const int32_t *a[DOWN], *b[ACROSS];
	int64_t sums[ACROSS][DOWN];
	struct small_groups small = {0};
	/* A kernel for small integers takes the same groups of columns on both sides. */
	_Static_assert(ACROSS == DOWN, "groups of columns");
	if (kernel->small)
		find_small(&small, tile, last, rows);
	for (size_t j = 0; j <= last; j += kernel->across) {
		take_columns(tile, j, last, kernel->across, b);
		/* The sums of columns in place of those beyond the last are ignored. */
		for (size_t i = 0; i < j + kernel->across && i <= last; i += DOWN) {
			bool both = has_small(&small, j) && has_small(&small, i);
			take_columns(tile, i, last, DOWN, a);
			(both ? kernel->small : kernel->all)(a, b, rows, sums);
			for (size_t k = 0; k < kernel->across && j + k <= last; k++)
				for (size_t m = 0; m < DOWN && i + m <= j + k; m++)
					g->sums[at(i + m, j + k)] += sums[k][m];
		}
	}
}

void sdp_gram_merge(struct sdp_gram *into, const struct sdp_gram *from)
{
	for (size_t i = 0; i < into->limbs * (into->limbs + 1) / 2; i++)
		into->sums[i] += from->sums[i];
}

void sdp_gram_product(const struct sdp_gram *g, const struct sdp_gram_column *a,
		      const struct sdp_gram_column *b, mpz_t out)
{
	mpz_t term;
	mpz_init(term);
	mpz_set_ui(out, 0);
	for (size_t power = a->limbs + b->limbs - 1; power-- > 0;) {
		mpz_mul_2exp(out, out, SDP_LIMB_BITS);
		for (size_t i = 0; i < a->limbs; i++) {
			if (power < i || power - i >= b->limbs)
				continue;
			sdp_int128 sum = g->sums[at(a->limb + i, b->limb + power - i)];
			mpz_set_si(term, (long)(sum >> 64));
			mpz_mul_2exp(term, term, 64);
			mpz_add_ui(term, term, (unsigned long)sum);
			mpz_add(out, out, term);
		}
	}
	mpz_clear(term);
}

/* ---- rank, modulo 2^61 - 1 or another prime below 2^61 ---- */

static const uint64_t MERSENNE = (UINT64_C(1) << 61) - 1;

static inline uint64_t reduce(sdp_uint128 x, uint64_t prime)
{
	if (prime != MERSENNE)
		return (uint64_t)(x % prime);
	while (x > MERSENNE)
		x = (x & MERSENNE) + (x >> 61);
	return x == MERSENNE ? 0 : (uint64_t)x;
}

static inline uint64_t multiply(uint64_t a, uint64_t b, uint64_t prime)
{
	return reduce((sdp_uint128)a * b, prime);
}

/* Returns a^(prime - 2), the inverse of a by Fermat's little theorem. */
static uint64_t invert(uint64_t a, uint64_t prime)
{
	uint64_t exponent = prime - 2, result = 1;
	for (; exponent; exponent >>= 1, a = multiply(a, a, prime))
		if (exponent & 1)
			result = multiply(result, a, prime);
	return result;
}

static inline uint64_t residue(sdp_int128 x, uint64_t prime)
{
	uint64_t r = reduce(x < 0 ? 0 - (sdp_uint128)x : (sdp_uint128)x, prime);
	return x < 0 && r ? prime - r : r;
}

/* Both sums, over the limbs of a and within them of b, are polynomials in 2^27. */
static uint64_t product_residue(const struct sdp_gram *g, const struct sdp_gram_column *a,
				const struct sdp_gram_column *b, uint64_t prime)
{
	const uint64_t base = UINT64_C(1) << SDP_LIMB_BITS;
	uint64_t total = 0;
	for (size_t i = a->limbs; i-- > 0;) {
		uint64_t row = 0;
		for (size_t k = b->limbs; k-- > 0;)
			row = reduce((sdp_uint128)row * base +
					     residue(g->sums[at(a->limb + i, b->limb + k)], prime),
				     prime);
		total = reduce((sdp_uint128)total * base + row, prime);
	}
	return total;
}

/*
 * Eliminates the symmetric matrix m, count × count, given by its upper triangle.  Returns the
 * number of pivots.
 */
static size_t eliminate(uint64_t *m, size_t count, uint64_t prime, bool *independent)
{
	size_t rank = 0;
	for (size_t k = 0; k < count; k++) {
		const uint64_t *pivot = m + k * count;
		independent[k] = pivot[k] != 0;
		if (!independent[k])
			continue;
		rank++;
		uint64_t inverse = invert(pivot[k], prime);
		for (size_t i = k + 1; i < count; i++) {
			if (pivot[i] == 0)
				continue;
			uint64_t factor = prime - multiply(pivot[i], inverse, prime),
				 *row = m + i * count;
			for (size_t j = i; j < count; j++)
				row[j] = reduce((sdp_uint128)factor * pivot[j] + row[j], prime);
		}
	}
	return rank;
}

/*
 * Determines by back substitution in the eliminated matrix m which coefficients of the last column
 * are 0. Returns whether there are any. beta is scratch space for count numbers.
 */
static bool find_zeros(const uint64_t *m, size_t count, uint64_t prime, const bool *independent,
		       uint64_t *beta, bool *zero)
{
	bool any = false;
	for (size_t i = count - 1; i-- > 0;) {
		const uint64_t *row = m + i * count;
		uint64_t rest = row[count - 1];
		for (size_t j = i + 1; independent[i] && j + 1 < count; j++)
			if (independent[j])
				rest = reduce((sdp_uint128)(prime - row[j]) * beta[j] + rest,
					      prime);
		zero[i] = independent[i] && rest == 0;
		beta[i] = independent[i] ? multiply(rest, invert(row[i], prime), prime) : 0;
		any |= zero[i];
	}
	return any;
}

int sdp_gram_independent(const struct sdp_gram *g, const struct sdp_gram_column *columns,
			 size_t count, bool *independent, bool *zero, struct sdp_err *err)
{
	/* The second prime has no regular binary pattern that data could share. */
	const uint64_t primes[] = {MERSENNE, UINT64_C(1718281828459045247)};
	uint64_t *m = sdp_alloc(count * (count + 1), sizeof *m, err);
	bool *found = sdp_alloc(2 * count, sizeof *found, err);
	int rc = m && found ? 0 : -1;
	size_t rank = 0;
	bool again = true;
	for (int t = 0; rc == 0 && t < 2 && again; t++) {
		bool *found_zero = found + count;
		for (size_t i = 0; i < count; i++)
			for (size_t j = i; j < count; j++)
				m[i * count + j] =
					product_residue(g, &columns[i], &columns[j], primes[t]);
		/* The rank modulo a prime is at most the true rank. */
		size_t found_rank = eliminate(m, count, primes[t], found);
		again = zero &&
			find_zeros(m, count, primes[t], found, m + count * count, found_zero);
		again |= found_rank < count;
		for (size_t i = 0; zero && t > 0 && found_rank == rank && i + 1 < count; i++)
			zero[i] &= found_zero[i];
		if (t == 0 || found_rank > rank) {
			memcpy(independent, found, count * sizeof *found);
			if (zero)
				memcpy(zero, found_zero, (count - 1) * sizeof *found);
		}
		rank = found_rank > rank ? found_rank : rank;
	}
	free(found);
	free(m);
	return rc;
}
