/* Reads PDF files with mupdf, and turns its characters into the glyphs of page.h. */
#define _GNU_SOURCE
#include "pdf/pdf.h"

#include "base/library.h"
#include "pdf/drawing.h"
#include "pdf/ruled.h"
#include "pdf/sandbox.h"
#include "sdp/mem.h"

#include <mupdf/fitz.h>
#include <mupdf/pdf.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

SDP_LIBRARY(mupdf, FZ_VERSION);

static const struct sdp_sandbox limits = {.memory = UINT64_C(2) << 30, .seconds = 600};

enum { CACHE_MOST = 64 << 20 }; /* bytes of fonts, images and other objects that mupdf caches */

struct sdp_pdf {
	FILE *file; /* NULL: mupdf has closed it */
	const char *name;
	fz_context *context;
	fz_document *document;
	char warning[200]; /* the first warning about lost content on a page, else the first one */
	bool lost;         /* the warning is about lost content */
	char fault[200];   /* the first error of mupdf */
	bool starved;      /* mupdf asked in vain for memory, and may have gone on without */
	struct sdp_glyph *glyphs;
	size_t count, capacity;
};

/* ---- memory: mupdf leaves out what it has no memory for, and only warns ---- */

static void *note(struct sdp_pdf *pdf, void *memory)
{
	pdf->starved = pdf->starved || !memory;
	return memory;
}

static void *allocate(void *user, size_t size)
{
	return note(user, malloc(size));
}

static void *reallocate(void *user, void *old, size_t size)
{
	return note(user, realloc(old, size));
}

static void release(void *user, void *memory)
{
	(void)user;
	free(memory);
}

/* ---- messages ---- */

/* Keeps a warning of mupdf, which would otherwise print it on standard error. */
static void on_warning(void *user, const char *message)
{
	/*
	 * Words in warnings about missing or wrong bytes.  Other warnings are about how the PDF is
	 * written.
	 */
	static const char *const losses[] = {"error", "premature", "corrupt", "cannot load object",
					     "invalid code"};
	struct sdp_pdf *pdf = user;
	bool loss = false;
	for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
		loss = loss || strstr(message, losses[i]);
	if (!pdf->warning[0] || (loss && !pdf->lost))
		snprintf(pdf->warning, sizeof pdf->warning, "%s", message);
	pdf->lost = pdf->lost || loss;
}

static void on_error(void *user, const char *message)
{
	struct sdp_pdf *pdf = user;
	if (!pdf->fault[0])
		snprintf(pdf->fault, sizeof pdf->fault, "%s", message);
}

struct sdp_pdf *sdp_pdf_new(int fd, const char *name, struct sdp_err *err)
{
	struct sdp_pdf *pdf = sdp_alloc(1, sizeof *pdf, err);
	if (!pdf)
		return NULL;
	int copy = dup(fd);
	pdf->name = name;
	pdf->file = copy < 0 ? NULL : fdopen(copy, "rb");
	if (!pdf->file) {
		sdp_fail_errno(err, "%s", name);
		if (copy >= 0)
			close(copy);
		free(pdf);
		return NULL;
	}
	const fz_alloc_context memory = {pdf, allocate, reallocate, release};
	pdf->context = fz_new_context(&memory, NULL, CACHE_MOST);
	if (!pdf->context) {
		sdp_fail_memory(err);
		sdp_pdf_free(pdf);
		return NULL;
	}
	fz_set_warning_callback(pdf->context, on_warning, pdf);
	fz_set_error_callback(pdf->context, on_error, pdf);
	return pdf;
}

void sdp_pdf_free(struct sdp_pdf *pdf)
{
	if (!pdf)
		return;
	if (pdf->context)
		fz_drop_document(pdf->context, pdf->document);
	fz_drop_context(pdf->context);
	if (pdf->file)
		fclose(pdf->file);
	free(pdf->glyphs);
	free(pdf);
}

int sdp_pdf_enclose(const struct sdp_pdf *pdf, struct sdp_err *err)
{
	unsigned mine = (unsigned)fileno(pdf->file);
	/* Linux before 5.9 lacks close_range (ENOSYS); the sandbox works without it. */
	if (((mine > 3 && close_range(3, mine - 1, 0) < 0) ||
	     close_range(mine + 1, UINT_MAX, 0) < 0) &&
	    errno != ENOSYS)
		return sdp_fail_errno(err, "cannot close what is open");
	return sdp_sandbox_enter(&limits, err);
}

/* Fails if what mupdf found may be wrong because the system failed. */
static int check_system(const struct sdp_pdf *pdf, struct sdp_err *err)
{
	if (pdf->starved)
		return sdp_fail_memory(err);
	if (pdf->file && ferror(pdf->file))
		return sdp_fail(err, SDP_SYSTEM, "cannot read %s", pdf->name);
	return 0;
}

static int fail(const struct sdp_pdf *pdf, const char *what, struct sdp_err *err)
{
	if (check_system(pdf, err) < 0)
		return -1;
	return sdp_fail_at(err, (struct sdp_place){.file = pdf->name}, "%s: %s", what,
			   fz_caught_message(pdf->context));
}

static int authenticate(struct sdp_pdf *pdf, const char *password, struct sdp_err *err)
{
	struct sdp_place place = {.file = pdf->name};
	int good = 0, locked = 0;
	fz_var(good);
	fz_var(locked);
	fz_try(pdf->context)
	{
		locked = fz_needs_password(pdf->context, pdf->document);
		good = !locked || (password &&
				   fz_authenticate_password(pdf->context, pdf->document, password));
	}
	fz_catch(pdf->context) return fail(pdf, "cannot decrypt the PDF", err);
	if (good)
		return 0;
	sdp_fail_at(err, place,
		    password ? "the password does not open the PDF"
			     : "the PDF is encrypted: sdp-cat --password-file opens it");
	return 1;
}

int sdp_pdf_begin(struct sdp_pdf *pdf, const char *password, unsigned *pages, struct sdp_err *err)
{
	fz_stream *stream = NULL;
	int count = 0;
	fz_var(stream);
	fz_var(count);
	rewind(pdf->file); /* What wrote the file may have left the position at its end. */
	if (fgetc(pdf->file) == EOF && feof(pdf->file))
		return sdp_fail_at(err, (struct sdp_place){.file = pdf->name},
				   "the input is empty");
	rewind(pdf->file);
	fz_try(pdf->context)
	{
		stream = fz_open_file_ptr_no_close(pdf->context, pdf->file);
		pdf->document = (fz_document *)pdf_open_document_with_stream(pdf->context, stream);
	}
	fz_always(pdf->context) fz_drop_stream(pdf->context, stream);
	fz_catch(pdf->context)
	{
		/* It closes the file if it lacks memory for the stream. */
		if (!stream)
			pdf->file = NULL;
		return fail(pdf, "not a PDF, or one damaged beyond repair", err);
	}
	int locked = authenticate(pdf, password, err);
	if (locked < 0)
		return -1;
	fz_try(pdf->context) count = fz_count_pages(pdf->context, pdf->document);
	fz_catch(pdf->context)
	{
		if (!locked)
			return fail(pdf, "no pages are found in the PDF", err);
		count = 0;
	}
	if (check_system(pdf, err) < 0)
		return -1;
	if (count <= 0 && !locked)
		return sdp_fail_at(err, (struct sdp_place){.file = pdf->name},
				   "the PDF has no pages");
	*pages = count > 0 ? (unsigned)count : 0;
	return locked;
}

const char *sdp_pdf_repaired(const struct sdp_pdf *pdf)
{
	if (!pdf_was_repaired(pdf->context, pdf_specifics(pdf->context, pdf->document)))
		return NULL;
	return pdf->fault[0] ? pdf->fault : pdf->warning;
}

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static unsigned char direction_of(fz_point dir)
{
	double across = dir.x < 0 ? -dir.x : dir.x, down = dir.y < 0 ? -dir.y : dir.y;
	if (across >= down)
		return dir.x < 0 ? 2 : 0;
	return dir.y > 0 ? 1 : 3;
}

static bool is_blank(int c)
{
	return c <= ' ' || c == 0xa0 || c == 0xad || (c >= 0x2000 && c <= 0x200b) || c == 0x202f ||
	       c == 0x3000;
}

static int add_char(struct sdp_pdf *pdf, const fz_stext_line *line, const fz_stext_char *c,
		    bool after_blank, struct sdp_err *err)
{
	if (sdp_grow(&pdf->glyphs, &pdf->capacity, pdf->count + 1, sizeof *pdf->glyphs, err) < 0)
		return -1;
	const fz_quad *q = &c->quad;
	struct sdp_glyph g = {
		.x0 = smaller(smaller(q->ul.x, q->ur.x), smaller(q->ll.x, q->lr.x)),
		.x1 = larger(larger(q->ul.x, q->ur.x), larger(q->ll.x, q->lr.x)),
		.y0 = smaller(smaller(q->ul.y, q->ur.y), smaller(q->ll.y, q->lr.y)),
		.y1 = larger(larger(q->ul.y, q->ur.y), larger(q->ll.y, q->lr.y)),
		.size = c->size,
		.code = (uint32_t)c->c,
		.direction = direction_of(line->dir),
		.after_blank = after_blank,
	};
	g.base = g.direction % 2 ? c->origin.x : c->origin.y;
	/* A damaged page may have coordinates that are NaN or very large; skip such glyphs. */
	if (!(g.x1 - g.x0 < 1e6 && g.y1 - g.y0 < 1e6 && g.x0 > -1e6 && g.x0 < 1e6 &&
	      g.base > -1e6 && g.base < 1e6 && g.size > 0 && g.size < 1e6))
		return 0;
	pdf->glyphs[pdf->count++] = g;
	return 0;
}

static int collect_glyphs(struct sdp_pdf *pdf, const fz_stext_page *text, struct sdp_err *err)
{
	pdf->count = 0;
	for (const fz_stext_block *b = text->first_block; b; b = b->next) {
		if (b->type != FZ_STEXT_BLOCK_TEXT)
			continue;
		for (const fz_stext_line *line = b->u.t.first_line; line; line = line->next) {
			bool blank = false;
			for (const fz_stext_char *c = line->first_char; c; c = c->next) {
				if (!is_blank(c->c) && add_char(pdf, line, c, blank, err) < 0)
					return -1;
				blank = is_blank(c->c);
			}
		}
	}
	return 0;
}

/* Runs the page through a device, which it drops.  It throws what mupdf throws. */
static void run_page(fz_context *context, fz_page *page, fz_device *device)
{
	fz_try(context)
	{
		fz_run_page_contents(context, page, device, fz_identity, NULL);
		fz_close_device(context, device);
	}
	fz_always(context) fz_drop_device(context, device);
	fz_catch(context) fz_rethrow(context);
}

/*
 * Reads the glyphs of a page and, if drawing is not NULL, what is drawn on it.  Returns as
 * sdp_pdf_page does.
 */
static int read_page(struct sdp_pdf *pdf, unsigned number, struct sdp_drawing *drawing,
		     struct sdp_err *why)
{
	fz_stext_options options = {.flags = 0};
	fz_context *context = pdf->context;
	fz_stext_page *text = NULL;
	fz_page *page = NULL;
	bool whole = true, failed = false;
	fz_var(text);
	fz_var(page);
	fz_var(whole);
	pdf->warning[0] = '\0';
	pdf->lost = false;
	fz_try(context)
	{
		page = fz_load_page(context, pdf->document, (int)number);
		text = fz_new_stext_page(context, fz_bound_page(context, page));
		run_page(context, page, fz_new_stext_device(context, text, &options));
		if (drawing)
			run_page(context, page, sdp_drawing_device(context, drawing, &failed));
	}
	fz_always(context) fz_drop_page(context, page);
	fz_catch(context)
	{
		whole = false;
		sdp_fail_at(why, (struct sdp_place){.file = pdf->name}, "page %u: %s", number + 1,
			    fz_caught_message(context));
	}
	struct sdp_err err;
	int rc = text ? collect_glyphs(pdf, text, &err) : (pdf->count = 0, 0);
	fz_drop_stext_page(context, text);
	if (rc == 0)
		rc = failed ? sdp_fail_memory(&err) : check_system(pdf, &err);
	if (rc < 0) {
		*why = err;
		return -1;
	}
	if (whole && pdf->warning[0]) {
		sdp_fail_at(why, (struct sdp_place){.file = pdf->name}, "page %u: %s", number + 1,
			    pdf->warning);
		return pdf->lost ? 2 : 1;
	}
	return whole ? 0 : 2;
}

int sdp_pdf_page(struct sdp_pdf *pdf, unsigned number, struct sdp_page *out, struct sdp_err *why)
{
	struct sdp_err err;
	int rc = read_page(pdf, number, NULL, why);
	if (rc >= 0 && sdp_page_make(out, pdf->glyphs, pdf->count, &err) < 0) {
		*why = err;
		return -1;
	}
	return rc;
}

int sdp_pdf_tables(struct sdp_pdf *pdf, unsigned number, struct sdp_page *rest,
		   struct sdp_tables *tables, struct sdp_err *why)
{
	struct sdp_drawing drawing = {0};
	struct sdp_err err;
	int rc = read_page(pdf, number, &drawing, why);
	if (rc >= 0 &&
	    (sdp_ruled_add(tables, &drawing, pdf->glyphs, &pdf->count, number, &err) < 0 ||
	     sdp_page_make(rest, pdf->glyphs, pdf->count, &err) < 0 ||
	     sdp_tables_add(tables, rest, &drawing, number, &err) < 0)) {
		*why = err;
		rc = -1;
	}
	sdp_tables_sort(tables, number);
	if (rc == 0 && drawing.full)
		rc = (sdp_fail_at(why, (struct sdp_place){.file = pdf->name},
				  "page %u: too many lines are drawn; its tables are told by text "
				  "alone",
				  number + 1),
		      1);
	sdp_drawing_release(&drawing);
	return rc;
}
