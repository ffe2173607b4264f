/* Opens the table that the tasks of sdp-bench read, and profiles its columns with sdp-stats. */
#include "base/signals.h"
#include "bench.h"
#include "process/find.h"
#include "sdp/output.h"
#include "table/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Copies input from a pipe to an unlinked file, which all runs read as /dev/fd/N. */
static int spool(struct sdp_bench *bench, int from, struct sdp_err *err)
{
	char bytes[1 << 16];
	ssize_t n;
	if ((bench->inherit = sdp_spool_new(err)) < 0)
		return -1;
	while ((n = read(from, bytes, sizeof bytes)) != 0) {
		if (sdp_interrupted)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sdp_fail_errno(err, "cannot read %s", bench->input.path);
		if (sdp_write_all(bench->inherit, bytes, (size_t)n) < 0)
			return sdp_fail_errno(err, "cannot write to a temporary file in %s",
					      sdp_temporary_folder());
	}
	snprintf(bench->file, sizeof bench->file, "/dev/fd/%d", bench->inherit);
	bench->input.place = bench->file;
	return 0;
}

int sdp_bench_open_input(struct sdp_bench *bench, const char *path, struct sdp_err *err)
{
	bool standard = !path || strcmp(path, "-") == 0;
	struct stat st;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), rc = 0;

	bench->input.path = standard ? "-" : path;
	bench->input.place = path;
	if (fd < 0 || fstat(fd, &st) < 0)
		rc = sdp_fail_errno(err, "cannot open %s", path);
	else if (S_ISDIR(st.st_mode))
		rc = sdp_fail(err, SDP_SYSTEM, "cannot read %s: it is a folder", bench->input.path);
	else if (sdp_output_spares(bench->common->output, &st, err) < 0)
		rc = -1;
	else if (standard || !S_ISREG(st.st_mode))
		rc = spool(bench, fd, err);
	if (rc == 0 && fstat(bench->inherit >= 0 ? bench->inherit : fd, &st) == 0)
		bench->input.bytes = (double)st.st_size;
	if (!standard && fd >= 0)
		close(fd);
	return rc;
}

/* Shows the warnings about how the input is decoded, which are the same in all runs. */
static void show_decoder_warnings(const struct sdp_buf *messages)
{
	static const char prefix[] = "sdp-cat: warning: ";
	const char *line = messages->data, *end = line + messages->length, *next;
	for (; line && line < end; line = next) {
		const char *lf = memchr(line, '\n', (size_t)(end - line));
		next = lf ? lf + 1 : end;
		if ((size_t)(next - line) > strlen(prefix) &&
		    memcmp(line, prefix, strlen(prefix)) == 0)
			sdp_write_all(STDERR_FILENO, line, (size_t)(next - line));
	}
}

cJSON *sdp_bench_profile_input(struct sdp_bench *bench, struct sdp_err *err)
{
	char *words[8] = {"sdp-stats", "-f", "json"};
	struct sdp_buf path = {0}, text = {0};
	struct sdp_measure m = {0};
	struct sdp_measure_command command = {.words = words,
					      .inherit = bench->inherit,
					      .capture = &text};
	cJSON *doc = NULL;

	size_t n = 3;
	if (bench->common->pdf_table) {
		words[n++] = "--pdf-table";
		words[n++] = (char *)bench->common->pdf_table;
	}
	words[n++] = "--";
	words[n++] = (char *)bench->input.place;
	if (sdp_find_program(words[0], &path, err) == 0) {
		command.path = path.data;
		if (sdp_measure_run(&command, &m, err) == 0 &&
		    sdp_bench_succeeded(&m, "looking at the columns with sdp-stats", err) &&
		    !(doc = cJSON_ParseWithLength(text.data ? text.data : "", text.length)))
			sdp_fail(err, SDP_SYSTEM, "sdp-stats: its output is no JSON");
	}
	if (doc && !bench->common->quiet)
		show_decoder_warnings(&m.messages);
	sdp_buf_release(&m.messages);
	sdp_buf_release(&text);
	sdp_buf_release(&path);
	return doc;
}

bool sdp_bench_input_is_lines(const struct sdp_bench *bench)
{
	struct sdp_source_options options = {.decimal = '.', .max_record = 1 << 20};
	char *operand = (char *)bench->input.place;
	struct sdp_err ignored;
	struct sdp_source *source = sdp_source_open(&options, 1, &operand, &ignored);
	const struct sdp_schema *schema = source ? sdp_source_schema(source) : NULL;
	bool lines = schema && schema->format == SDP_FORMAT_DELIMITED && schema->count == 1 &&
		     strchr(schema->columns[0].name, ' ');
	sdp_source_free(source);
	return lines;
}
