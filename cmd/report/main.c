/* sdp-report: writes reports of benchmark documents as Markdown or HTML with charts. */
#include "report.h"
#include "sdp/run.h"

#include "base/signals.h"
#include "sdp/mem.h"
#include "sdp/output.h"
#include "sdp/program.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct params {
	struct sdp_common common;
	enum { REPORT_BY_NAME, REPORT_MD, REPORT_HTML } format;
	bool compare;
};

/*
 * Returns whether the format is HTML: by -f, else by the extension of -o. The default is Markdown.
 */
static bool wants_html(const struct params *params)
{
	const char *output = params->common.output, *dot = output ? strrchr(output, '.') : NULL;
	if (params->format)
		return params->format == REPORT_HTML;
	return dot && (strcasecmp(dot, ".html") == 0 || strcasecmp(dot, ".htm") == 0);
}

static int relabel(struct report_file *file, const char *label, struct sdp_err *err)
{
	free(file->label);
	return (file->label = sdp_strndup(label, strlen(label), err)) ? 0 : -1;
}

/*
 * Labels two compared files A and B. Otherwise labels files that have the same name by their paths.
 */
static int settle_labels(struct report_file *files, size_t count, bool compare, struct sdp_err *err)
{
	for (size_t i = 0; i < count; i++) {
		bool twice = false;
		for (size_t k = 0; k < count; k++)
			twice |= k != i && strcmp(files[k].label, files[i].label) == 0;
		files[i].shared_label = twice;
	}
	for (size_t i = 0; i < count; i++)
		if ((compare || files[i].shared_label) && relabel(&files[i],
								  !compare ? files[i].path
								  : i      ? "B"
									   : "A",
								  err) < 0)
			return -1;
	return 0;
}

static void fill(struct report_page *page, const struct report_file *files, size_t count,
		 bool compare)
{
	report_begin(page, compare ? "Performance comparison" : "Performance report");
	if (compare) {
		report_compare(page, &files[0], &files[1]);
	} else {
		for (size_t i = 0; i < count; i++)
			report_scaling(page, &files[i], i, count == 1);
		report_beside(page, files, count);
	}
	report_environment(page, files, count);
	report_commands(page, files, count);
	report_method(page, files, count);
	report_end(page);
}

static int run(void *p, int count, char **operands, struct sdp_err *err)
{
	const struct params *params = p;
	char *standard[] = {(char *)"-"};
	size_t n = count ? (size_t)count : 1, read = 0;
	struct report_page page = {.html = wants_html(params),
				   .output = params->common.output,
				   .err = err};

	/* On a terminal a picture would be a long data: URI, so there are none. */
	bool standard_output = !page.output || strcmp(page.output, "-") == 0;
	page.without_charts = !page.html && standard_output && isatty(STDOUT_FILENO);
	if (params->compare && count != 2)
		return sdp_fail(err, SDP_USAGE, "--compare needs two FILEs: before and after");
	if (sdp_refuse_typing(count, err) < 0)
		return -1;
	if (sdp_signals_install_bounded() < 0)
		return sdp_fail_errno(err, "cannot handle signals");
	struct report_file *files = sdp_alloc(n, sizeof *files, err);
	int rc = files ? 0 : -1;
	for (; rc == 0 && read < n; read++)
		rc = report_read((count ? operands : standard)[read], page.output, &files[read],
				 err);
	if (rc == 0)
		rc = settle_labels(files, n, params->compare, err);
	if (rc == 0) {
		fill(&page, files, n, params->compare);
		rc = report_write(&page, err);
	}
	if (rc == 0 && page.without_charts)
		sdp_say("charts are left out on a terminal; -o FILE.md or -o FILE.html writes "
			"them");
	report_page_release(&page);
	for (size_t i = 0; i < read; i++)
		report_file_release(&files[i]);
	free(files);
	return rc;
}

static const struct sdp_option options[] = {
	{'f', "format", SDP_CHOICE, offsetof(struct params, format), "md|html", NULL, NULL,
	 REPORT_MD, 0,
	 "format of the report; by default html if the FILE of -o ends in .html or .htm, else md"},
	{0, "compare", SDP_FLAG, offsetof(struct params, compare), NULL, NULL, NULL, 0, 0,
	 "compare two FILEs: before and after"},
	{0},
};

static const char *const examples[] = {
	"sdp-bench --tasks all table.csv | sdp-report -o report.html",
	"sdp-report --compare before.json after.json",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"report", "format compare"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-report",
	.summary = "turn benchmark documents into Markdown or HTML with charts",
	.operands = "[FILE...]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.params_size = sizeof(struct params),
	.run = run,
};
