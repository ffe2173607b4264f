/*
 * Addresses: names of FILEs that another program of sdp reads and passes on.
 *
 *	s3://BUCKET/KEY, http://…, https://…    sdp-upload
 *	the id of a file that it has stored     sdp-upload
 *	dbfs:/…                                 sdp-databricks
 *
 * An address is recognised by its form alone, with a scheme in upper or lower case, but a local
 * file of that very name takes precedence. It may hold secrets: the query of an URL can be a
 * signature, and what precedes @ a password. Messages and documents therefore show
 * sdp_address_shown, and no command line has the address.
 */
#ifndef SDP_BASE_ADDRESS_H
#define SDP_BASE_ADDRESS_H

#include "sdp/err.h"

#include <stdbool.h>

enum sdp_address {
	SDP_ADDRESS_NONE,
	SDP_ADDRESS_S3,
	SDP_ADDRESS_WEB, /* http and https */
	SDP_ADDRESS_DBFS,
	SDP_ADDRESS_STORED, /* the id of a stored file */
};

/* Returns the form of a name, whether or not there is such a file. */
enum sdp_address sdp_address_form(const char *name);

/* Returns whether a name has the form of an address and is no local file. */
bool sdp_address_is(const char *name);

/*
 * Returns the name of a FILE as messages and documents show it, as a new string, or NULL: an
 * address without user, password and the query and fragment of an URL, any other name as it is.
 * What precedes an @ counts as a password, which may hold a slash, a question mark or a hash sign,
 * if a host could not be written like that, or if another @ comes before it in an URL.
 */
char *sdp_address_shown(const char *name, struct sdp_err *err);

#endif
