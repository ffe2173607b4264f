/*
 * The type of a file: by its contents and its name (sniff.c).
 *
 * Functions that return int return 0, or -1 with err filled, unless their comment says otherwise.
 */
#ifndef SDP_STORAGE_KIND_H
#define SDP_STORAGE_KIND_H

#include "storage/file.h"

enum sdp_upload_type {
	SDP_UPLOAD_CSV,
	SDP_UPLOAD_JSON,
	SDP_UPLOAD_NDJSON,
	SDP_UPLOAD_TXT,
	SDP_UPLOAD_PDF,
	SDP_UPLOAD_OTHER
};

struct sdp_upload_kind {
	enum sdp_upload_type type;
	const struct sdp_codec *codec; /* NULL: not compressed */
};

const char *sdp_upload_type_name(enum sdp_upload_type type);
/* Returns SDP_UPLOAD_OTHER if there is no such type. */
enum sdp_upload_type sdp_upload_type_by_name(const char *name);
const char *sdp_upload_content_type(const struct sdp_upload_kind *kind);

/*
 * Detects the type by the contents and, if these are ambiguous, by the extension of the name.
 * format is --input-format, 1 + a type, or 0.
 */
int sdp_upload_sniff(const struct sdp_upload_file *file, const char *name, int format,
		     struct sdp_upload_kind *kind, struct sdp_err *err);

#endif
