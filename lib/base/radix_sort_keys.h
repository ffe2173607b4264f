/*
 * The radix sort for one type of keys.  radix_sort.c, which explains the algorithm, includes this
 * file with KEY (the type), BITS (its width) and NAME (the suffix of the functions) defined.
 *
 * Each function sorts n keys, with other as scratch of the same size, and returns keys or other,
 * whichever has the result.
 */
#define CONCAT2(a, b) a##b
#define CONCAT(a, b)  CONCAT2(a, b)
#define FN(name)      CONCAT(name, NAME)

/* Returns the bits that are not the same in all keys. */
static KEY FN(varying_)(const KEY *keys, size_t n)
{
	KEY some = 0, first = keys[0];

	for (size_t i = 1; i < n; i++)
		some |= keys[i] ^ first;
	return some;
}

/* Insertion sort in place, for few keys. */
static void FN(insert_)(KEY *keys, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		KEY key = keys[i];
		size_t j = i;
		for (; j > 0 && keys[j - 1] > key; j--)
			keys[j] = keys[j - 1];
		keys[j] = key;
	}
}

/*
 * Counting sort, for keys that differ only in few bits, low … high-1, where n ≥ 2^bits: counts each
 * value in other, then writes the keys from the counts.
 */
static KEY *FN(count_)(KEY *keys, KEY *other, size_t n, unsigned low, unsigned high)
{
	KEY mask = (KEY)((KEY)1 << (high - low)) - 1, rest = keys[0] & (KEY) ~(mask << low);
	size_t at = 0;

	memset(other, 0, (mask + (size_t)1) * sizeof(KEY));
	for (size_t i = 0; i < n; i++)
		other[keys[i] >> low & mask]++;
	for (KEY d = 0; d <= mask; d++)
		for (KEY left = other[d]; left > 0; left--)
			keys[at++] = rest | d << low;
	return keys;
}

/* Sorts by the method that is fastest for these keys. */
static KEY *FN(sort_)(KEY *keys, KEY *other, size_t n);

/* Sorts keys that are sorted by their bits from low on: each run of keys that share these bits. */
static void FN(runs_)(KEY *keys, KEY *other, size_t n, unsigned low)
{
	for (size_t i = 0, end; i < n; i = end) {
		KEY bits = keys[i] >> low;
		for (end = i + 1; end < n && keys[end] >> low == bits;)
			end++;
		if (end == i + 1)
			continue;
		const KEY *run = FN(sort_)(keys + i, other + i, end - i);
		if (run != keys + i)
			memcpy(keys + i, run, (end - i) * sizeof(KEY));
	}
}

/* Sorts by the bits low … high-1, from the least significant digit; n < 2^32. */
static KEY *FN(digits_)(KEY *keys, KEY *other, size_t n, unsigned low, unsigned high)
{
	unsigned passes = (high - low + DIGIT - 1) / DIGIT,
		 width = (high - low + passes - 1) / passes;
	uint32_t mask = (UINT32_C(1) << width) - 1;
	uint32_t counts[(BITS + DIGIT - 1) / DIGIT][1 << DIGIT];

	for (unsigned p = 0; p < passes; p++)
		memset(counts[p], 0, sizeof(**counts) << width);
	for (size_t i = 0; i < n; i++) {
		KEY rest = keys[i] >> low;
		for (unsigned p = 0; p < passes; p++, rest >>= width)
			counts[p][rest & mask]++;
	}
	for (unsigned p = 0; p < passes; p++, low += width) {
		uint32_t *next = counts[p], start = 0;
		if (next[keys[0] >> low & mask] == n)
			continue;
		for (uint32_t d = 0; d <= mask; d++) {
			uint32_t count = next[d];
			next[d] = start;
			start += count;
		}
		for (size_t i = 0; i < n; i++) {
			KEY key = keys[i];
			other[next[key >> low & mask]++] = key;
		}
		KEY *t = keys;
		keys = other;
		other = t;
	}
	return keys;
}

/*
 * Sorts by the bits low … high-1, n < 2^32. If there are many more bits than are needed to tell n
 * keys apart, it sorts by the upper ones, and then the few runs that share these.
 */
static KEY *FN(bits_)(KEY *keys, KEY *other, size_t n, unsigned low, unsigned high)
{
	unsigned enough = 64 - (unsigned)__builtin_clzll(n) + SPARE;
	enough = (enough + DIGIT - 1) / DIGIT * DIGIT;
	if (high - low <= enough + DIGIT)
		return FN(digits_)(keys, other, n, low, high);
	KEY *sorted = FN(digits_)(keys, other, n, high - enough, high);
	FN(runs_)(sorted, sorted == keys ? other : keys, n, high - enough);
	return sorted;
}

/*
 * Distributes the keys by their most significant digit, from bit shift on, and sorts each part by
 * itself.  The result is in other.
 */
static KEY *FN(split_)(KEY *keys, KEY *other, size_t n, unsigned shift)
{
	size_t next[1 << SPLIT_DIGIT] = {0};
	size_t mask = (1 << SPLIT_DIGIT) - 1, start = 0;

	for (size_t i = 0; i < n; i++)
		next[keys[i] >> shift & mask]++;
	for (size_t d = 0; d <= mask; d++) {
		size_t count = next[d];
		next[d] = start;
		start += count;
	}
	for (size_t i = 0; i < n; i++) {
		KEY key = keys[i];
		other[next[key >> shift & mask]++] = key;
	}
	start = 0;
	for (size_t d = 0; d <= mask; d++) {
		size_t count = next[d] - start;
		const KEY *part = FN(sort_)(other + start, keys + start, count);
		if (part != other + start)
			memcpy(other + start, part, count * sizeof(KEY));
		start = next[d];
	}
	return other;
}

static KEY *FN(sort_)(KEY *keys, KEY *other, size_t n)
{
	if (n <= FEW) {
		FN(insert_)(keys, n);
		return keys;
	}
	size_t ascending = 1;
	while (ascending < n && keys[ascending - 1] <= keys[ascending])
		ascending++;
	if (ascending == n)
		return keys;
	uint64_t varying = FN(varying_)(keys, n);
	unsigned low = (unsigned)__builtin_ctzll(varying),
		 high = 64 - (unsigned)__builtin_clzll(varying);
	if (high - low <= FEW_BITS && n >> (high - low) >= 4 && n <= UINT32_MAX)
		return FN(count_)(keys, other, n, low, high);
	if (n <= SPLIT || (high - low <= 2 * DIGIT && n <= UINT32_MAX))
		return FN(bits_)(keys, other, n, low, high);
	return FN(split_)(keys, other, n, high > SPLIT_DIGIT ? high - SPLIT_DIGIT : 0);
}

#undef CONCAT2
#undef CONCAT
#undef FN
