/*
 * The settings of the stores: where files are stored, and how large they may be.
 *
 * Functions that return int return 0, or -1 with err filled, unless their comment says otherwise.
 */
#ifndef SDP_STORAGE_SETTINGS_H
#define SDP_STORAGE_SETTINGS_H

#include "net/aws_config.h"

#include <stdbool.h>
#include <stdint.h>

struct sdp_upload_settings {
	bool s3, fallback;
	uint64_t max_size; /* in bytes */
	char *home;        /* absolute path; owned */
	struct sdp_aws aws;
	const char *bucket, *prefix; /* strings of the environment */
	bool remote;                 /* whether aws, bucket and prefix are set */
};

/* Reads all settings but those of S3. fallback_given: whether --fallback was given. */
int sdp_upload_settings_read(struct sdp_upload_settings *settings, bool fallback_given,
			     struct sdp_err *err);
/*
 * Reads the settings of S3. Fails with SDP_USAGE if one is missing. A bucket that is set already is
 * kept.
 */
int sdp_upload_settings_remote(struct sdp_upload_settings *settings, struct sdp_err *err);
void sdp_upload_settings_release(struct sdp_upload_settings *settings);

#endif
