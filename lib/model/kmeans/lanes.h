/*
 * One distance kernel (kernel.h).  This file is included once for each instruction set, with the
 * macros that make up the kernel.
 */

typedef double VECTOR(double) __attribute__((vector_size(WIDTH * 8)));
typedef float VECTOR(float) __attribute__((vector_size(WIDTH * 8)));
typedef float VECTOR(half) __attribute__((vector_size(WIDTH * 4)));
typedef int32_t VECTOR(int) __attribute__((vector_size(WIDTH * 8)));

enum { VECTOR(doubles) = KMEANS_LANES / WIDTH, VECTOR(floats) = KMEANS_LANES / WIDTH / 2 };

/* Inlined into two functions, in one of which rests is NULL. */
TARGET __attribute__((always_inline)) static inline void
KERNEL(measure)(const double *tile, const double *weight, const double *centers,
		const double *rests, size_t count, size_t features, double *out)
{
	for (size_t c = 0; c < count; c++) {
		const double *center = centers + c * features,
			     *rest = rests ? rests + c * features : NULL;
		VECTOR(double) sum[VECTOR(doubles)];
		UNROLL for (int i = 0; i < VECTOR(doubles); i++) sum[i] = (VECTOR(double)){0};
		for (size_t f = 0; f < features; f++)
			UNROLL for (int i = 0; i < VECTOR(doubles); i++)
			{
				VECTOR(double) x;
				memcpy(&x, tile + f * KMEANS_LANES + i * WIDTH, sizeof x);
				x -= center[f];
				if (rests)
					x -= rest[f];
				x *= weight[f];
				sum[i] += x * x;
			}
		UNROLL for (int i = 0; i < VECTOR(doubles); i++)
			memcpy(out + c * KMEANS_LANES + i * WIDTH, &sum[i], sizeof sum[i]);
	}
}

TARGET static void KERNEL(distances)(const double *tile, const double *weight,
				     const double *centers, size_t count, size_t features,
				     double *out)
{
	KERNEL(measure)(tile, weight, centers, NULL, count, features, out);
}

TARGET static void KERNEL(spreads)(const double *tile, const double *weight, const double *centers,
				   const double *rests, size_t count, size_t features, double *out)
{
	KERNEL(measure)(tile, weight, centers, rests, count, features, out);
}

/*
 * Converts rows to the form of the centres (shifted, weighted, single precision), and computes
 * their squared norms.
 */
TARGET static void KERNEL(narrow)(const double *tile, const struct kmeans_fast *fast, float *narrow,
				  float *norm)
{
	VECTOR(half) sum[VECTOR(doubles)];
	UNROLL for (int i = 0; i < VECTOR(doubles); i++) sum[i] = (VECTOR(half)){0};
	for (size_t f = 0; f < fast->features; f++)
		UNROLL for (int i = 0; i < VECTOR(doubles); i++)
		{
			VECTOR(double) x;
			memcpy(&x, tile + f * KMEANS_LANES + i * WIDTH, sizeof x);
			x = (x - fast->shift[f]) * fast->weight[f];
			VECTOR(half) y = __builtin_convertvector(x, VECTOR(half));
			sum[i] += y * y;
			memcpy(narrow + f * KMEANS_LANES + i * WIDTH, &y, sizeof y);
		}
	UNROLL for (int i = 0; i < VECTOR(doubles); i++)
		memcpy(norm + i * WIDTH, &sum[i], sizeof sum[i]);
}

TARGET static void KERNEL(scores)(const float *tile, const float *centers, const float *norms,
				  size_t features, float *scores)
{
	VECTOR(float) dot[KERNEL_GROUP][VECTOR(floats)];
	UNROLL for (int c = 0; c < KERNEL_GROUP; c++)
		UNROLL for (int i = 0; i < VECTOR(floats); i++) dot[c][i] = (VECTOR(float)){0};
	for (size_t f = 0; f < features; f++)
		UNROLL for (int i = 0; i < VECTOR(floats); i++)
		{
			VECTOR(float) x;
			memcpy(&x, tile + f * KMEANS_LANES + i * WIDTH * 2, sizeof x);
			UNROLL for (size_t c = 0; c < KERNEL_GROUP; c++) dot[c][i] =
				MULTIPLY_ADD(x, centers[c * features + f], dot[c][i]);
		}
	UNROLL for (int c = 0; c < KERNEL_GROUP; c++)
		UNROLL for (int i = 0; i < VECTOR(floats); i++)
	{
		VECTOR(float) score = norms[c] - 2 * dot[c][i];
		memcpy(scores + c * KMEANS_LANES + i * WIDTH * 2, &score, sizeof score);
	}
}

/* Returns a where mask has ones, and b elsewhere. */
TARGET static inline VECTOR(float)
	KERNEL(choose)(VECTOR(int) mask, VECTOR(float) a, VECTOR(float) b)
{
	return (VECTOR(float))((mask & (VECTOR(int))a) | (~mask & (VECTOR(int))b));
}

/* Computes the error and the bounds for one vector of lanes. */
TARGET static inline void KERNEL(bounds)(const struct kmeans_fast *fast, struct kmeans_rank *rank,
					 int at, VECTOR(float) best, VECTOR(float) second)
{
	VECTOR(float) norm, none = {0};
	memcpy(&norm, rank->norm + at, sizeof norm);
	VECTOR(float) span = FLOAT_ROOT(norm) + fast->reach;
	VECTOR(float) error = span * span * fast->slack + fast->floor;
	VECTOR(int) near = second - best <= 2.01f * error;
	VECTOR(float) upper = norm + best + error, lower = norm + second - error;
	upper = KMEANS_UPPER(FLOAT_ROOT(KERNEL(choose)(upper > 0, upper, none)));
	lower = KMEANS_LOWER(FLOAT_ROOT(KERNEL(choose)(lower > 0, lower, none)));
	memcpy(rank->error + at, &error, sizeof error);
	memcpy(rank->near + at, &near, sizeof near);
	memcpy(rank->upper + at, &upper, sizeof upper);
	memcpy(rank->lower + at, &lower, sizeof lower);
}

TARGET static void KERNEL(rank)(const double *tile, const struct kmeans_fast *fast, float *narrow,
				float *scores, struct kmeans_rank *rank)
{
	VECTOR(float) infinite = (VECTOR(float)){0} + HUGE_VALF;
	KERNEL(narrow)(tile, fast, narrow, rank->norm);
	for (size_t c = 0; c < fast->count; c += KERNEL_GROUP)
		KERNEL(scores)
	(narrow, fast->centers + c * fast->features, fast->norms + c, fast->features,
	 scores + c * KMEANS_LANES);
	for (int at = 0; at < KMEANS_LANES; at += WIDTH * 2) {
		VECTOR(float) best = infinite, second = infinite, score, index = {0};
		for (size_t c = 0; c < fast->count; c++) {
			VECTOR(int) number = (VECTOR(int)){0} + (int32_t)c;
			memcpy(&score, scores + c * KMEANS_LANES + at, sizeof score);
			VECTOR(int) less = score < best;
			second = KERNEL(choose)(less, best,
						KERNEL(choose)(score < second, score, second));
			best = KERNEL(choose)(less, score, best);
			index = KERNEL(choose)(less, (VECTOR(float))number, index);
		}
		memcpy(rank->best + at, &best, sizeof best);
		memcpy(rank->second + at, &second, sizeof second);
		memcpy(rank->index + at, &index, sizeof index);
		KERNEL(bounds)(fast, rank, at, best, second);
	}
}

TARGET static void KERNEL(add_roots)(const double *distances, const uint32_t *labels, size_t count,
				     double *to)
{
	for (size_t i = 0; i < count; i++)
		UNROLL for (int part = 0; part < VECTOR(doubles); part++)
		{
			VECTOR(double) sum, distance;
			double *at = to + labels[i] * KMEANS_LANES + part * WIDTH;
			memcpy(&sum, at, sizeof sum);
			memcpy(&distance, distances + i * KMEANS_LANES + part * WIDTH,
			       sizeof distance);
			sum += ROOT(distance);
			memcpy(at, &sum, sizeof sum);
		}
}

static const struct kmeans_kernel KERNEL(kernel) = {KERNEL(distances), KERNEL(spreads),
						    KERNEL(rank), KERNEL(add_roots)};

#undef KERNEL
#undef VECTOR
#undef TARGET
#undef WIDTH
#undef KERNEL_GROUP
#undef MULTIPLY_ADD
#undef ROOT
#undef FLOAT_ROOT
