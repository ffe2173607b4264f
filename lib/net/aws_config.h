/*
 * Credentials and location of an S3 store, from the same settings as the AWS tools: environment
 * variables first, then the sections of a profile in ~/.aws/credentials and ~/.aws/config.
 */
#ifndef SDP_NET_AWS_CONFIG_H
#define SDP_NET_AWS_CONFIG_H

#include "sdp/err.h"

/* The settings.  The struct owns the strings. */
struct sdp_aws {
	char *id, *secret, *token; /* access key; token: NULL if there is none */
	char *region;              /* "us-east-1" if none is set */
	char *endpoint;            /* URL of the store; NULL: Amazon */
	char *ca_file;             /* certificates to trust; NULL: those of the system */
	int attempts;              /* the most attempts of a call, 1 to 100; 6 if it is not set */
	char source[64];           /* where the keys come from, for messages */
};

/*
 * Reads the settings:
 *
 *	keys       AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, else the profile
 *	region     AWS_REGION, AWS_DEFAULT_REGION, else the profile
 *	endpoint   AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, else the profile
 *	other      AWS_CA_BUNDLE, AWS_MAX_ATTEMPTS
 *	profile    AWS_PROFILE ("default"), in AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE
 *
 * Returns 0, or -1 with err; *aws then needs no release.  A setting that is missing or malformed
 * is SDP_USAGE and is named.  No message contains the value of a key.
 */
int sdp_aws_settings(struct sdp_aws *aws, struct sdp_err *err);
void sdp_aws_release(struct sdp_aws *aws);

#endif
