/* Comparison functions for qsort and bsearch. */
#ifndef SDP_BASE_ORDER_H
#define SDP_BASE_ORDER_H

#include <stdlib.h>

/* Returns a negative number, 0 or a positive number as x is less than, equal to or more than y. */
#define SDP_ORDER(x, y) (((x) > (y)) - ((x) < (y)))

/* Defines name, which orders values of a type with < and >. */
#define SDP_ORDER_VALUES(name, type)                                                               \
	static int name(const void *a, const void *b)                                              \
	{                                                                                          \
		return SDP_ORDER(*(const type *)a, *(const type *)b);                              \
	}

/* Defines name, which orders structs of a type by the member key, ascending. */
#define SDP_ORDER_BY(name, type, key)                                                              \
	static int name(const void *a, const void *b)                                              \
	{                                                                                          \
		const type *x = a, *y = b;                                                         \
		return SDP_ORDER(x->key, y->key);                                                  \
	}

/* The same for pointers to structs. */
#define SDP_ORDER_POINTERS_BY(name, type, key)                                                     \
	static int name(const void *a, const void *b)                                              \
	{                                                                                          \
		const type *const *x = a, *const *y = b;                                           \
		return SDP_ORDER((*x)->key, (*y)->key);                                            \
	}

/* Orders by first, and structs that are equal in first by second; both ascend. */
#define SDP_ORDER_BY_TWO(name, type, first, second)                                                \
	static int name(const void *a, const void *b)                                              \
	{                                                                                          \
		const type *x = a, *y = b;                                                         \
		int order = SDP_ORDER(x->first, y->first);                                         \
		return order ? order : SDP_ORDER(x->second, y->second);                            \
	}

#endif
