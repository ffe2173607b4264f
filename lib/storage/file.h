/*
 * A file that is to be stored, and its bytes.
 *
 *	FILE ─ sdp_upload_file_take ─▶ bytes in a file, hashed ─ sdp_upload_reader ─▶ plain text
 *
 * Functions that return int return 0, or -1 with err filled, unless their comment says otherwise.
 */
#ifndef SDP_STORAGE_FILE_H
#define SDP_STORAGE_FILE_H

#include "net/sha256.h"
#include "process/fetch.h"
#include "sdp/buf.h"

#include <stdbool.h>
#include <sys/stat.h>

struct sdp_upload_file {
	const char *title;      /* its name in messages */
	char *shown;            /* the title of an address; NULL: it is no address */
	struct sdp_fetch fetch; /* the program that reads the address */
	int in;                 /* descriptor of the input */
	bool regular;           /* whether in can be read at any offset, repeatedly */
	bool unnamed;           /* it is standard input, but no operand says so */
	struct stat stat;       /* of a regular file, when it was opened */
	int fd;                 /* descriptor of the bytes once they were read: in, or a copy */
	uint64_t size;
	char sha256[SDP_SHA256_HEX]; /* "": not known yet */
};

/*
 * Opens the operand, which may be an address (base/address.h).  "-" is standard input, and so is
 * NULL, but then it must not be empty.
 */
int sdp_upload_file_open(struct sdp_upload_file *file, const char *operand, struct sdp_err *err);
/*
 * Reads all bytes, counts and hashes them, and writes them to the descriptor copy unless it is -1.
 * Fails as soon as there are more than max_size bytes.
 */
int sdp_upload_file_take(struct sdp_upload_file *file, int copy, uint64_t max_size,
			 struct sdp_err *err);
/*
 * Takes the size of a regular file without reading it. The digest is computed while the file is
 * sent.
 */
int sdp_upload_file_measure(struct sdp_upload_file *file, uint64_t max_size, struct sdp_err *err);
/*
 * Computes the key of an upload in progress: the file's digest or, if it is not known yet, a digest
 * of its device, inode, size and times.
 */
int sdp_upload_file_key(const struct sdp_upload_file *file, char key[SDP_SHA256_HEX],
			struct sdp_err *err);
/* Fails if a regular file has changed since it was opened. */
int sdp_upload_file_unchanged(const struct sdp_upload_file *file, struct sdp_err *err);
void sdp_upload_file_close(struct sdp_upload_file *file);

/* ---- the bytes (reader.c) ---- */

/* Writes a path by which this process and its children can open the bytes. */
enum { SDP_UPLOAD_PATH = 40 };
void sdp_upload_file_path(const struct sdp_upload_file *file, char path[SDP_UPLOAD_PATH]);

/* A reader of the file's bytes, which are decompressed, and converted from UTF-16. */
struct sdp_upload_reader;
struct sdp_codec;
struct sdp_foreign;
struct sdp_upload_reader *sdp_upload_reader_open(const struct sdp_upload_file *file,
						 struct sdp_err *err);
/*
 * Says what the first bytes are to the programs that read tables (table/input.h): what decodes
 * them, and the format that none of them reads.
 */
void sdp_upload_reader_format(const struct sdp_upload_reader *reader, const char **decode,
			      const struct sdp_foreign **foreign);
/* Returns how the file is compressed, or NULL. */
const struct sdp_codec *sdp_upload_reader_codec(const struct sdp_upload_reader *reader);
/* Reads up to size bytes. Returns their number, 0 at the end, or -1. */
ssize_t sdp_upload_reader_next(struct sdp_upload_reader *reader, char *bytes, size_t size,
			       struct sdp_err *err);
/*
 * Copies the remaining bytes to a temporary file. Returns its descriptor, which the caller closes,
 * or -1.
 */
int sdp_upload_reader_spool(struct sdp_upload_reader *reader, struct sdp_err *err);
void sdp_upload_reader_close(struct sdp_upload_reader *reader);

#endif
