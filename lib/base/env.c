#include "base/env.h"

#include <stdlib.h>

const char *sdp_env(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}
