/*
 * The header of GMP, to be included instead of <gmp.h> and before <mpfr.h>.
 *
 * GMP, and MPFR with it, aborts if it lacks memory.  A program that includes this file exits with
 * SDP_SYSTEM instead (base/need_memory.h).
 */
#ifndef SDP_BASE_GMP_H
#define SDP_BASE_GMP_H

#include <gmp.h>

/* Links base/gmp.c, which sets the functions that GMP allocates with before main runs. */
extern const int sdp_gmp;
static const int *const sdp_gmp_linked __attribute__((used)) = &sdp_gmp;

#endif
