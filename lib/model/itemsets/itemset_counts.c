/*
 * Numbers of itemsets by length, computed from itemsets with extras; see model/itemsets/frequent.h.
 */
#include "model/itemsets/frequent.h"
#include "sdp/exact.h"

size_t sdp_itemset_counts_size(size_t longest)
{
	return (SDP_ITEMSET_COUNTS_EXTRAS + 1) * (longest + 1) * sizeof(uint64_t);
}

bool sdp_itemset_counts_finish(const struct sdp_itemset_counts *s, size_t max_length, uint64_t *out)
{
	uint64_t sum = 0;
	for (size_t length = 0; length <= s->longest; length++)
		out[length] = 0;
	for (unsigned extras = 0; extras <= SDP_ITEMSET_COUNTS_EXTRAS; extras++) {
		const uint64_t *counts = s->counts + extras * (s->longest + 1);
		/*
		 * `more` of the extras can be chosen in C(extras, more) ways; each division is
		 * exact.
		 */
		sdp_uint128 ways = 1;
		for (unsigned more = 0; more <= extras; more++) {
			for (size_t length = 1;
			     length + more <= s->longest && length + more <= max_length; length++) {
				uint64_t add;
				if (__builtin_mul_overflow(counts[length], (uint64_t)ways, &add) ||
				    __builtin_add_overflow(out[length + more], add,
							   &out[length + more]) ||
				    __builtin_add_overflow(sum, add, &sum))
					return false;
			}
			ways = ways * (extras - more) / (more + 1);
		}
	}
	return true;
}

int sdp_itemset_counts_fail(struct sdp_err *err)
{
	return sdp_fail(err, SDP_DATA,
			"over 2^64 itemsets: --support or --max-length make them fewer");
}

bool sdp_itemset_counts_exceeds(uint64_t items, size_t max_length, uint64_t most)
{
	sdp_uint128 ways = 1, sum = 0;
	for (uint64_t length = 1; length <= items && length <= max_length && sum <= most;
	     length++) {
		ways = ways * (items - length + 1) / length;
		sum += ways;
	}
	return sum > most;
}
