/* Reads the settings that come from the environment. */
#ifndef SDP_BASE_ENV_H
#define SDP_BASE_ENV_H

/*
 * Returns the value of an environment variable, or NULL if it is unset or empty.  The environment
 * owns the text.
 */
const char *sdp_env(const char *name);

#endif
