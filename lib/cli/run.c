/* A program that is a task: source, engine, document. */
#include "cli/cli.h"
#include "cli/progress.h"
#include "sdp/doc.h"
#include "sdp/engine.h"
#include "sdp/output.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct sdp_source *open_source(const struct sdp_common *common, int count, char **operands,
				      struct sdp_err *err)
{
	const char *format = common->input_format;
	char usual = !format ? 0 : strcmp(format, "tsv") == 0 ? '\t' : ',';
	struct sdp_source_options options = {
		.delimiter = common->delimiter ? common->delimiter : usual,
		.decimal = common->decimal,
		.no_header = common->no_header,
		.format_given = format != NULL,
		.na = common->na,
		.types = common->types,
		.max_record = common->max_record,
	};
	return sdp_source_open(&options, count, operands, err);
}

/* A result that takes the place of its own input is a slip of the hand. */
static int refuse_overwriting(const struct sdp_common *common, int count, char **operands,
			      struct sdp_err *err)
{
	for (int i = 0; i < count || i == 0; i++) {
		struct stat input;
		bool standard = count == 0 || strcmp(operands[i], "-") == 0;
		if ((standard ? fstat(STDIN_FILENO, &input) : stat(operands[i], &input)) == 0 &&
		    sdp_output_spares(common->output, &input, err) < 0)
			return -1;
	}
	return 0;
}

int sdp_run_task(const struct sdp_program *program, void *params, int count, char **operands,
		 struct sdp_err *err)
{
	const struct sdp_common *common = params;
	struct sdp_progress_line line;
	sdp_progress_line_init(&line, program->name, common);
	struct sdp_engine_options options = {
		.workers = (int)common->workers,
		.max_memory = common->max_memory,
		.progress = line.how == SDP_PROGRESS_NONE ? NULL : sdp_progress_line_show,
		.progress_context = &line,
	};
	if (refuse_overwriting(common, count, operands, err) < 0)
		return -1;
	struct sdp_source *source = open_source(common, count, operands, err);
	if (!source)
		return -1;
	if (sdp_source_headless(source))
		sdp_warn("the first record looks like data, not like a header: --no-header?");
	cJSON *doc = cJSON_CreateObject();
	struct sdp_engine_report report;
	int rc = doc ? sdp_doc_text(doc, "task", program->task->name, err) : sdp_fail_memory(err);
	if (rc == 0)
		rc = sdp_engine_run(program->task, params, source, &options, doc, &report, err);
	sdp_progress_line_end(&line);
	sdp_source_free(source);
	if (rc == 0)
		sdp_note("chunks: %" PRIu64 ", passes: %d, workers: %d, of these died: %d, bytes in temporary files: %" PRIu64,
			 report.chunks, report.passes, options.workers, report.deaths, report.temporary);
	if (rc == 0)
		rc = sdp_output_document(common, doc, err);
	cJSON_Delete(doc);
	return rc;
}
