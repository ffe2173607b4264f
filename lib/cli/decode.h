/*
 * Decoding of text, which every program does itself, and of PDFs, which only sdp-pdf does, because
 * it alone is linked with mupdf.
 *
 * Other programs start sdp-pdf in a child process (process/child.h) as
 *
 *	sdp-pdf --decode NAME FORMAT TITLE [OPTION...]
 *
 * with the PDF as its standard input.  NAME precedes its messages, FORMAT is "pdf" or "pdf-pages",
 * TITLE is the name of the PDF in messages, and the options are those of sdp-pdf.  Of "pdf" it
 * writes the rows that the options ask for, as CSV; of "pdf-pages" it checks all pages and writes
 * how many there are.  It reports its error through the memory of the child instead of printing it.
 *
 * Functions return 0, or -1 with err.
 */
#ifndef SDP_CLI_DECODE_H
#define SDP_CLI_DECODE_H

#include "sdp/program.h"
#include "table/source.h"

/* What sdp-pdf and sdp-cat print of a PDF. */
struct sdp_pdf_params {
	bool tables;
	int64_t table; /* number of the table; 0: all tables */
	const char *password_file;
};

/* The rows of these in a table of options; member is the struct sdp_pdf_params in struct params. */
/* clang-format off */
#define SDP_PDF_OPTIONS(member)                                                                    \
	{0, "tables", SDP_FLAG, offsetof(struct params, member.tables), NULL, NULL, NULL, 0, 0,    \
	 "print the tables of a PDF instead of its lines"},                                        \
	{0, "table", SDP_INTEGER, offsetof(struct params, member.table), "N", NULL, NULL, 1, 1e6,  \
	 "print only table number N of a PDF"},                                                    \
	{0, "password-file", SDP_TEXT, offsetof(struct params, member.password_file), "FILE",      \
	 NULL, NULL, 0, 0, "its first line is the password of an encrypted PDF"}
/* clang-format on */

/* Refuses two of --pdf-table, --tables and --table. */
int sdp_pdf_check(const struct sdp_common *common, const struct sdp_pdf_params *pdf,
		  struct sdp_err *err);

/*
 * The run function of struct sdp_decoder for programs without a decoder of their own: decodes text,
 * or the table of a PDF that --pdf-table names.  context is the struct sdp_common of the program.
 */
int sdp_decode(const void *context, const struct sdp_decoding *what, struct sdp_err *err);

/*
 * Replaces a child process by sdp-pdf.  name is NAME, and what->format is FORMAT.  options are
 * ended by NULL, and are at most SDP_DECODE_OPTIONS; --quiet and --no-header are added to them as
 * common says.  Returns only on failure: with SDP_SYSTEM if sdp-pdf is not installed, and the
 * message says how to get it.
 */
enum { SDP_DECODE_OPTIONS = 8 };
int sdp_decode_by_sdp_pdf(const struct sdp_common *common, const char *name,
			  const struct sdp_decoding *what, const char *const *options,
			  struct sdp_err *err);

/* Returns whether another program has started this one for decoding. */
bool sdp_decode_wanted(int argc, char **argv);

/* Does what the command line of that program says.  Returns the exit code of this program. */
int sdp_decode_serve(int argc, char **argv);

#endif
