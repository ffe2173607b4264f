/*
 * Writes the elements of a page in Markdown or HTML: headings, paragraphs, tables, numbers, code.
 */
#include "report.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'; img-src data:\">\n"
	"<title>%s</title>\n<style>\n"
	":root{color-scheme:light dark;--ink:#1f2328;--paper:#fff;--line:#d0d7de;--code:#f0f2f5}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--line:#3d444d;--"
	"code:#1c2129}}\n"
	"body{margin:0 auto;padding:1rem;max-width:76rem;color:var(--ink);background:var(--paper);"
	"font:1rem/1.5 system-ui,sans-serif}\n"
	"h1,h2,h3{line-height:1.25;overflow-wrap:anywhere}h2{border-bottom:1px solid var(--line)}\n"
	"p{max-width:46rem;overflow-wrap:anywhere}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.2rem .5rem;border-bottom:1px solid "
	"var(--line);text-align:left;white-space:nowrap}\n"
	"th{white-space:normal;vertical-align:bottom}table{font-size:.94rem}\n"
	".r{text-align:right}td:first-child{position:sticky;left:0;background:var(--paper)}\n"
	"code{background:var(--code);border-radius:.25rem;padding:0 .25rem;font-size:.9em}\n"
	"td "
	"code{white-space:pre-wrap;overflow-wrap:anywhere;display:inline-block;width:max-content;"
	"max-width:32rem}\n"
	"td:first-child code{max-width:min(20rem,36vw)}\n"
	".charts{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%%,"
	"30rem),1fr))}\n"
	"figure{margin:0;max-width:40rem}img{width:100%%;height:auto}\n"
	"</style>\n</head>\n<body>\n";

static void put(struct report_page *page, const char *text)
{
	if (!page->failed && sdp_buf_add_text(&page->body, text, page->err) < 0)
		page->failed = true;
}

static void put_formatted(struct report_page *page, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static void put_formatted(struct report_page *page, const char *format, va_list arguments)
{
	if (!page->failed && sdp_buf_vformat(&page->body, page->err, format, arguments) < 0)
		page->failed = true;
}

void report_plain(struct report_page *page, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	put_formatted(page, format, arguments);
	va_end(arguments);
}

static void code_html(struct report_page *page, const char *text)
{
	char one[2] = "";
	put(page, "<code>");
	for (; *text; text++) {
		one[0] = *text;
		put(page, *text == '&'    ? "&amp;"
			  : *text == '<'  ? "&lt;"
			  : *text == '>'  ? "&gt;"
			  : *text == '"'  ? "&quot;"
			  : *text == '\'' ? "&#39;"
					  : one);
	}
	put(page, "</code>");
}

/*
 * Puts the text between backquotes, one more than the longest run of backquotes in it. In a table a
 * bar is escaped, since it would end the cell.
 */
static void code_markdown(struct report_page *page, const char *text)
{
	size_t longest = 0, run = 0, length = strlen(text);
	char one[2] = "";
	for (const char *c = text; *c; c++) {
		run = *c == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	bool pad = length == 0 || strchr(" `", text[0]) || strchr(" `", text[length - 1]);
	for (size_t i = 0; i <= longest; i++)
		put(page, "`");
	put(page, pad ? " " : "");
	for (; *text; text++) {
		one[0] = *text;
		put(page, *text == '|' && page->in_table ? "\\|" : one);
	}
	put(page, pad ? " " : "");
	for (size_t i = 0; i <= longest; i++)
		put(page, "`");
}

void report_code(struct report_page *page, const char *text)
{
	struct sdp_buf clean = {0};
	if (page->failed)
		return;
	page->err->code = SDP_OK;
	report_clean(&clean, text, page->err);
	sdp_buf_add_text(&clean, "", page->err);
	page->failed = page->err->code != SDP_OK;
	if (!page->failed)
		(page->html ? code_html : code_markdown)(page, clean.data);
	sdp_buf_release(&clean);
}

void report_begin(struct report_page *page, const char *title)
{
	char text[sizeof head + 100];
	if (page->html) {
		snprintf(text, sizeof text, head, title);
		put(page, text);
	}
	report_title(page, 1, title);
}

void report_end(struct report_page *page)
{
	put(page, page->html ? "</body>\n</html>\n" : "");
}

void report_heading(struct report_page *page, int level)
{
	if (page->html) {
		report_plain(page, "<h%d>", level);
		return;
	}
	put(page, level == 1 ? "" : "\n");
	for (int i = 0; i < level; i++)
		put(page, "#");
	put(page, " ");
}

void report_heading_end(struct report_page *page, int level)
{
	if (page->html)
		report_plain(page, "</h%d>\n", level);
	else
		put(page, "\n");
}

void report_title(struct report_page *page, int level, const char *text)
{
	report_heading(page, level);
	put(page, text);
	report_heading_end(page, level);
}

void report_paragraph(struct report_page *page)
{
	put(page, page->html ? "<p>" : "\n");
}

void report_paragraph_end(struct report_page *page)
{
	put(page, page->html ? "</p>\n" : "\n");
}

void report_table(struct report_page *page, const char *columns, const char *heads)
{
	page->columns = columns;
	page->cell = 0;
	page->in_table = true;
	put(page, page->html ? "<div class=\"wide\" tabindex=\"0\"><table>\n<tr>" : "\n|");
	for (size_t i = 0; columns[i]; i++) {
		size_t length = strcspn(heads, "|");
		report_plain(page, page->html ? "<th%s>%.*s</th>" : "%s %.*s |",
			     page->html && columns[i] == 'r' ? " class=\"r\"" : "", (int)length,
			     heads);
		heads += length + (heads[length] == '|');
	}
	put(page, page->html ? "</tr>" : "\n|");
	for (size_t i = 0; columns[i] && !page->html; i++)
		put(page, columns[i] == 'r' ? "--:|" : "---|");
}

static void open_cell(struct report_page *page)
{
	size_t width = strlen(page->columns), at = page->cell % width;
	const char *close = page->cell == 0 ? "" : page->html ? "</td>" : " |";
	put(page, close);
	if (page->html) {
		put(page, at ? "" : page->cell ? "</tr>\n<tr>" : "\n<tr>");
		put(page, page->columns[at] == 'r' ? "<td class=\"r\">" : "<td>");
	} else {
		put(page, at ? " " : "\n| ");
	}
	page->cell++;
}

void report_table_end(struct report_page *page)
{
	if (page->html)
		put(page, page->cell ? "</td></tr>\n</table></div>\n" : "\n</table></div>\n");
	else
		put(page, page->cell ? " |\n" : "\n");
	page->in_table = false;
}

void report_cell_text(struct report_page *page, const char *format, ...)
{
	va_list arguments;
	open_cell(page);
	va_start(arguments, format);
	put_formatted(page, format, arguments);
	va_end(arguments);
}

void report_cell_code(struct report_page *page, const char *text)
{
	open_cell(page);
	if (text)
		report_code(page, text);
	else
		put(page, "–");
}

/* Appends a number with this many significant digits and without exponent, or a dash for NaN. */
static void put_number(struct report_page *page, double value, int digits)
{
	int size = isfinite(value) && value != 0 ? (int)floor(log10(fabs(value))) : 0,
	    decimals = digits - 1 - size;
	if (isnan(value))
		put(page, "–");
	else if (decimals > 12 || size > 15)
		report_plain(page, "%.*g", digits, value);
	else
		report_plain(page, "%.*f", decimals > 0 ? decimals : 0, value);
}

void report_cell_number(struct report_page *page, double value, int digits)
{
	open_cell(page);
	put_number(page, value, digits);
}

void report_cell_count(struct report_page *page, double value)
{
	report_cell_text(page, isnan(value) ? "–" : "%.0f", value);
}

void report_cell_interval(struct report_page *page, double value, double low, double high,
			  int digits)
{
	report_cell_number(page, value, digits);
	if (isnan(low) || isnan(high))
		return;
	put(page, " (");
	put_number(page, low, digits);
	put(page, "–");
	put_number(page, high, digits);
	put(page, ")");
}
