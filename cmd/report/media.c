/* Adds pictures to a page, and writes the page and the pictures to their files. */
#include "report.h"

#include "base/base64.h"
#include "sdp/mem.h"
#include "sdp/output.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const kinds[] = {"time", "speedup", "efficiency", "throughput"};
static const char *const titles[] =
	{"Time against workers", "Speedup against workers", "Efficiency against workers",
	 "Throughput against workers and the universal scalability law"};

static void add_uri(struct report_page *page, const struct report_picture *picture)
{
	report_plain(page, "data:image/svg+xml;base64,");
	if (!page->failed &&
	    sdp_base64_encode(picture->svg.data, picture->svg.length, &page->body, page->err) < 0)
		page->failed = true;
}

/*
 * Returns whether the pictures are files beside the page: for Markdown in a regular or a new file.
 */
static bool has_files(const struct report_page *page)
{
	struct stat st;
	if (page->html || !page->output || strcmp(page->output, "-") == 0)
		return false;
	return stat(page->output, &st) < 0 || S_ISREG(st.st_mode);
}

/*
 * Returns the length of the path of -o without its extension. The file of a picture has this stem
 * followed by -SLUG.svg. *folder is the length of the folder's part.
 */
static size_t stem(const char *output, size_t *folder)
{
	const char *slash = strrchr(output, '/'), *dot = strrchr(output, '.');
	*folder = slash ? (size_t)(slash - output) + 1 : 0;
	return dot && (size_t)(dot - output) > *folder ? (size_t)(dot - output) : strlen(output);
}

/* Appends the address of a picture, relative to the folder of the page. */
static void add_address(struct report_page *page, const struct report_picture *picture)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	size_t folder, end = stem(page->output, &folder);
	for (size_t i = folder; i < end; i++) {
		bool as_is = memchr(plain, page->output[i], sizeof plain - 1) != NULL;
		report_plain(page, as_is ? "%c" : "%%%02X", (unsigned char)page->output[i]);
	}
	report_plain(page, "-%s.svg", picture->slug);
}

void report_gallery(struct report_page *page)
{
	report_plain(page, page->html ? "<div class=\"charts\">\n" : "\n");
}

void report_gallery_end(struct report_page *page)
{
	report_plain(page, "%s", page->html ? "</div>\n" : "");
}

void report_chart(struct report_page *page, enum report_chart chart,
		  const struct report_line *lines, size_t count, const char *slug)
{
	if (page->without_charts)
		return;
	if (page->failed ||
	    sdp_grow(&page->pictures, &page->picture_capacity, page->picture_count + 1,
		     sizeof *page->pictures, page->err) < 0) {
		page->failed = true;
		return;
	}
	struct report_picture *picture = &page->pictures[page->picture_count];
	*picture = (struct report_picture){{0}, {0}};
	snprintf(picture->slug, sizeof picture->slug, "%s%s", slug, kinds[chart]);
	if (report_draw(chart, lines, count, &picture->svg, page->err) < 0)
		page->failed = true;
	if (page->failed || !picture->svg.length) {
		sdp_buf_release(&picture->svg);
		return;
	}
	page->picture_count++;
	if (page->html) {
		report_plain(page, "<figure><img width=\"480\" alt=\"%s\" src=\"", titles[chart]);
		add_uri(page, picture);
		report_plain(page, "\"></figure>\n");
	} else if (has_files(page)) {
		report_plain(page, "![%s](", titles[chart]);
		add_address(page, picture);
		report_plain(page, ")\n");
	} else {
		report_plain(page, "![%s][%s]\n", titles[chart], picture->slug);
	}
}

/*
 * Appends the definitions of all ![…][SLUG] as data: URIs. They come at the end so that the text
 * before them is readable.
 */
static void define_pictures(struct report_page *page)
{
	report_plain(page, "%s", page->picture_count ? "\n" : "");
	for (size_t i = 0; i < page->picture_count; i++) {
		report_plain(page, "[%s]: ", page->pictures[i].slug);
		add_uri(page, &page->pictures[i]);
		report_plain(page, "\n");
	}
}

static int write_picture(const struct report_page *page, const struct report_picture *picture,
			 struct sdp_err *err)
{
	struct sdp_buf path = {0};
	size_t folder;
	int rc = sdp_buf_add(&path, page->output, stem(page->output, &folder), err);
	if (rc == 0)
		rc = sdp_buf_format(&path, err, "-%s.svg", picture->slug);
	if (rc == 0)
		rc = sdp_output_text(path.data, &picture->svg, err);
	sdp_buf_release(&path);
	return rc;
}

int report_write(struct report_page *page, struct sdp_err *err)
{
	bool files = has_files(page);
	if (!page->html && !files)
		define_pictures(page);
	if (page->failed)
		return -1;
	for (size_t i = 0; files && i < page->picture_count; i++)
		if (write_picture(page, &page->pictures[i], err) < 0)
			return -1;
	return sdp_output_text(page->output, &page->body, err);
}

void report_page_release(struct report_page *page)
{
	for (size_t i = 0; i < page->picture_count; i++)
		sdp_buf_release(&page->pictures[i].svg);
	free(page->pictures);
	sdp_buf_release(&page->body);
}
