/* Random integers below a bound. */
#include "base/rng.h"

#include "sdp/err.h"

__extension__ typedef unsigned __int128 uint128;

uint64_t sdp_rng_below(uint64_t n, uint64_t seed, uint64_t record, uint64_t draw)
{
	if (n == 0)
		SDP_BUG();
	return (uint64_t)((uint128)sdp_rng(seed, record, draw) * n >> 64);
}
