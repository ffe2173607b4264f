/*
 * Where the S3 store is and who we are there, as the AWS tools have it: environment first, then the
 * profile's sections of the two files.
 */
#ifndef SDP_NET_AWS_CONFIG_H
#define SDP_NET_AWS_CONFIG_H

#include "sdp/err.h"

struct sdp_aws {
	char *id, *secret, *token; /* token: NULL if there is none */
	char *region;              /* us-east-1 if none is named */
	char *endpoint;            /* NULL: Amazon's own */
	char *ca_file;             /* NULL: the system's */
	int attempts;              /* a call at most */
	char source[64];           /* where the keys came from, for people */
};

/*
 * Reads AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; AWS_REGION,
 * AWS_DEFAULT_REGION; AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL; AWS_CA_BUNDLE; AWS_MAX_ATTEMPTS;
 * AWS_PROFILE (default) in AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE (in $HOME/.aws).  What
 * is missing or malformed is SDP_USAGE and named; no value of a key is ever in a message.
 */
int sdp_aws_settings(struct sdp_aws *aws, struct sdp_err *err);
void sdp_aws_release(struct sdp_aws *aws);

#endif
