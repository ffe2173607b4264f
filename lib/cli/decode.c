/* Decodes text, and starts sdp-pdf, which decodes PDFs, or serves as that program. */
#include "cli/decode.h"

#include "cli/cli.h"
#include "process/child.h"
#include "process/find.h"
#include "sdp/mem.h"
#include "table/decoded.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char decode_word[] = "--decode";
enum { WORD = 1, NAME, FORMAT, TITLE }; /* the words of the command line */

/* ---- the program that needs the file ---- */

int sdp_decode_by_sdp_pdf(const struct sdp_common *common, const char *name,
			  const struct sdp_decoding *what, const char *const *options,
			  struct sdp_err *err)
{
	enum { ADDED = 2 };
	const char *words[TITLE + 1 + ADDED + SDP_DECODE_OPTIONS + 1] = {"sdp-pdf", decode_word,
									 name, what->format,
									 what->name};
	struct sdp_buf path = {0};
	size_t n = TITLE + 1;
	if (common->quiet)
		words[n++] = "--quiet";
	if (common->no_header)
		words[n++] = "--no-header";
	for (size_t i = 0; options[i]; i++) {
		if (i == SDP_DECODE_OPTIONS)
			SDP_BUG();
		words[n++] = options[i];
	}
	if (sdp_find_program(words[0], &path, err) < 0)
		return sdp_fail(err, SDP_SYSTEM,
				"%s: reading PDFs needs the program sdp-pdf, which is neither in "
				"the folder of this program nor in PATH: install the Debian "
				"package sdp-pdf, or run 'make install' in the source of sdp",
				what->name);
	sdp_child_exec(path.data, (char *const *)words, what->fd, err);
	sdp_buf_release(&path);
	return -1;
}

int sdp_pdf_check(const struct sdp_common *common, const struct sdp_pdf_params *pdf,
		  struct sdp_err *err)
{
	if ((common->pdf_table != NULL) + pdf->tables + (pdf->table != 0) > 1)
		return sdp_fail(err, SDP_USAGE, "--pdf-table, --tables, --table: one of them");
	return 0;
}

int sdp_decode(const void *context, const struct sdp_decoding *what, struct sdp_err *err)
{
	const struct sdp_common *common = context;
	const char *options[] = {"--pdf-table", common->pdf_table ? common->pdf_table : "auto",
				 NULL};
	if (strcmp(what->format, "pdf") != 0)
		return sdp_text_rows(what, !common->no_header, common->max_record, err);
	/* sdp-bench passes on the warnings that begin with this name. */
	return sdp_decode_by_sdp_pdf(common, "sdp-pdf", what, options, err);
}

/* ---- the program that decodes it ---- */

bool sdp_decode_wanted(int argc, char **argv)
{
	return sdp_program.decode && argc > TITLE && strcmp(argv[WORD], decode_word) == 0;
}

static int serve(int argc, char **argv, struct sdp_err *err)
{
	struct sdp_option_table table = {0};
	struct sdp_command_line command = {0};
	const struct sdp_decoding what = {argv[TITLE], argv[FORMAT], STDIN_FILENO};
	struct sdp_common *params = sdp_alloc(1, sdp_program.params_size, err);
	int rc = params ? sdp_option_table_make(&table, &sdp_program, err) : -1;
	/* The parser skips the first word, as the name of the program. */
	if (rc == 0)
		rc = sdp_command_line_parse(&command, &sdp_program, &table, params, argc - TITLE,
					    argv + TITLE, err);
	if (rc == 0)
		rc = sdp_common_finish(params, err);
	if (rc == 0) {
		sdp_warn_setup(argv[NAME], params->quiet, false);
		rc = sdp_program.decode(params, &what, err);
	}
	if (params)
		sdp_command_line_release(&command, &table, params);
	sdp_option_table_release(&table);
	free(params);
	return rc;
}

int sdp_decode_serve(int argc, char **argv)
{
	struct sdp_err *reported = sdp_child_report(), err = {0};
	if (!reported && errno)
		sdp_fail_errno(&err, "cannot share memory with the program that started this one");
	sdp_warn_setup(sdp_program.name, false, false);
	if (!reported && err.code) {
		sdp_print_error("%s", err.text);
		return SDP_SYSTEM;
	}
	if (!reported) {
		sdp_print_error("%s is for other programs of sdp", decode_word);
		return SDP_USAGE;
	}
	if (serve(argc, argv, &err) == 0)
		return 0;
	*reported = err;
	return (int)err.code;
}
