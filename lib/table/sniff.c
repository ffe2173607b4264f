/* Knows formats by their first bytes: one table of magic numbers, and a look at markup. */
#include "table/sniff.h"

#include "base/utf8.h"
#include "table/codec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ARROW(reader)                                                                              \
	"python3 -c \"import pyarrow as a, pyarrow.csv as c; "                                     \
	"c.write_csv(" reader "('FILE').read_all(), 'FILE.csv')\""

#define IS(name, command)                                                                          \
	{                                                                                          \
		name, command, NULL, false                                                         \
	}

static const struct sdp_foreign zip = IS("a ZIP archive", "unzip -p FILE > FILE.csv");

/*
 * The table of magic numbers. The bytes of a row that is `plain` could also begin a text; they
 * count only if the bytes after them are not text. A row with a codec is compressed data, which
 * sdp reads, but not twice.
 */
static const struct magic {
	const char *bytes;
	unsigned short length;
	bool plain;
	const struct sdp_codec *codec;
	struct sdp_foreign foreign;
} magics[] = {
	{"\x1f\x8b", 2, false, &sdp_codec_gzip, IS("gzip data within compressed data", NULL)},
	{"\x28\xb5\x2f\xfd", 4, false, &sdp_codec_zstd,
	 IS("zstd data within compressed data", NULL)},
	{"\xfd"
	 "7zXZ\0",
	 6, false, &sdp_codec_xz, IS("xz data within compressed data", NULL)},
	{"BZh", 3, true, &sdp_codec_bzip2, IS("bzip2 data within compressed data", NULL)},
	{"%PDF-", 5, false, NULL, IS("a PDF", NULL)},
	{"PAR1", 4, true, NULL,
	 IS("a Parquet file", "duckdb -c \"copy (from read_parquet('FILE')) to 'FILE.csv'\"")},
	{"PARE", 4, true, NULL, IS("an encrypted Parquet file", NULL)},
	{"ARROW1", 6, true, NULL, IS("an Arrow (Feather) file", ARROW("a.ipc.open_file"))},
	{"FEA1", 4, true, NULL,
	 IS("a Feather file of version 1",
	    "python3 -c \"import pandas; "
	    "pandas.read_feather('FILE').to_csv('FILE.csv', index=False)\"")},
	{"Obj\1", 4, false, NULL, IS("an Avro file", "fastavro FILE | sdp-cat > FILE.csv")},
	{"ORC", 3, true, NULL,
	 IS("an ORC file", "python3 -c \"import pyarrow.orc as o, pyarrow.csv as c; "
			   "c.write_csv(o.read_table('FILE'), 'FILE.csv')\"")},
	{"SQLite format 3\0", 16, false, NULL,
	 IS("a SQLite database", "sqlite3 -csv -header FILE 'select * from TABLE' > FILE.csv")},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, false, NULL,
	 IS("an old Excel file (xls, or another OLE2 file)", "in2csv -f xls FILE > FILE.csv")},
	{"\x04\x22\x4d\x18", 4, false, NULL, IS("lz4 data", "lz4 -dc FILE > FILE.csv")},
	{"\x02\x21\x4c\x18", 4, false, NULL, IS("lz4 data", "lz4 -dc FILE > FILE.csv")},
	{"\x1f\x9d", 2, false, NULL, IS("data of compress", "gzip -dc FILE > FILE.csv")},
	{"7z\xbc\xaf\x27\x1c", 6, false, NULL, IS("a 7z archive", "7z x -so FILE > FILE.csv")},
	{"Rar!\x1a\x07", 6, false, NULL, IS("a RAR archive", "unrar p -inul FILE > FILE.csv")},
	{"\x89HDF\r\n\x1a\n", 8, false, NULL, IS("an HDF5 file", NULL)},
	{"\x93NUMPY", 6, false, NULL,
	 IS("a NumPy file", "python3 -c \"import numpy as n; "
			    "n.savetxt('FILE.csv', n.load('FILE'), delimiter=',')\"")},
	{"\x7f"
	 "ELF",
	 4, false, NULL, IS("a program", NULL)},
	{"\x89PNG", 4, false, NULL, IS("an image", NULL)},
	{"\xff\xd8\xff", 3, false, NULL, IS("an image", NULL)},
	{"GIF8", 4, true, NULL, IS("an image", NULL)},
};

static bool has_control(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)bytes[i] < ' ' && !memchr("\t\n\v\f\r", bytes[i], 5))
			return true;
	return false;
}

static bool is_text(const char *bytes, size_t length)
{
	/* A character may be cut by the end. */
	size_t valid = sdp_utf8_valid(bytes, length);
	if (valid < length && (length < SDP_SNIFF_LOOK || length - valid >= 4))
		return false;
	return !has_control(bytes, length);
}

static bool is_magic(const struct magic *m, const char *bytes, size_t length)
{
	return length >= m->length && memcmp(bytes, m->bytes, m->length) == 0;
}

/* bzip2: after the level, the magic number of a block, or that of the end of the stream. */
static bool is_bzip2(const char *bytes, size_t length)
{
	static const char *const follow[] = {"\x31\x41\x59\x26\x53\x59",
					     "\x17\x72\x45\x38\x50\x90"};
	if (length < 4 || bytes[3] < '1' || bytes[3] > '9')
		return false;
	size_t n = length - 4 < 6 ? length - 4 : 6;
	return memcmp(bytes + 4, follow[0], n) == 0 || memcmp(bytes + 4, follow[1], n) == 0;
}

const struct sdp_codec *sdp_sniff_codec(const char *bytes, size_t length, bool *may)
{
	*may = false;
	for (size_t k = 0; k < sizeof magics / sizeof *magics && magics[k].codec; k++) {
		const struct magic *m = &magics[k];
		bool bzip2 = m->codec == &sdp_codec_bzip2;
		size_t most = bzip2 ? 10 : m->length, n = length < most ? length : most;
		if (memcmp(bytes, m->bytes, n < m->length ? n : m->length) != 0 ||
		    (bzip2 && n >= 4 && !is_bzip2(bytes, length)))
			continue;
		if (n == most)
			return m->codec;
		*may = true;
	}
	/* A skippable frame of zstd has one of 16 magic numbers. */
	size_t n = length < 4 ? length : 4;
	if (n && ((unsigned char)*bytes & 0xf0) == 0x50 &&
	    memcmp(bytes + 1, "\x2a\x4d\x18", n - 1) == 0) {
		if (n == 4)
			return &sdp_codec_zstd;
		*may = true;
	}
	return NULL;
}

/* The start of the stream format of Arrow: a mark, and the length of a schema. */
static bool is_arrow_stream(const char *bytes, size_t length)
{
	return length >= 8 && memcmp(bytes, "\xff\xff\xff\xff", 4) == 0 && bytes[4] % 8 == 0 &&
	       bytes[7] == '\0' && (bytes[4] || bytes[5] || bytes[6]);
}

/* A header of tar holds the sum of its bytes, in which blanks stand for that sum. */
static bool is_tar(const char *bytes, size_t length)
{
	enum { HEADER = 512, AT = 148, DIGITS = 8 };
	unsigned sum = 0, held = 0;
	size_t i = AT;
	if (length < HEADER || !*bytes)
		return false;
	for (size_t k = 0; k < HEADER; k++)
		sum += k >= AT && k < AT + DIGITS ? ' ' : (unsigned char)bytes[k];
	while (i < AT + DIGITS && bytes[i] == ' ')
		i++;
	for (; i < AT + DIGITS && bytes[i] >= '0' && bytes[i] <= '7'; i++)
		held = 8 * held + (unsigned)(bytes[i] - '0');
	return held == sum;
}

/* ---- what a ZIP archive holds ---- */

static bool holds(const char *bytes, size_t length, const char *text)
{
	size_t n = strlen(text);
	for (const char *p = bytes; (size_t)(bytes + length - p) >= n; p++)
		if (!(p = memchr(p, *text, (size_t)(bytes + length - p) - n + 1)))
			return false;
		else if (memcmp(p, text, n) == 0)
			return true;
	return false;
}

static const struct sdp_foreign *sniff_zip(const char *bytes, size_t length)
{
	static const struct sdp_foreign excel = {"an Excel file (xlsx)",
						 "in2csv -f xlsx FILE > FILE.csv", NULL, false},
					excel_binary = {"a binary Excel file (xlsb)",
							"ssconvert FILE FILE.csv", NULL, false},
					word = {"a Word file (docx)",
						"pandoc -t plain FILE > FILE.txt", NULL, false},
					slides = {"a PowerPoint file (pptx)", NULL, NULL, false},
					calc = {"an OpenDocument spreadsheet (ods)",
						"ssconvert FILE FILE.csv", NULL, false},
					writer = {"an OpenDocument text (odt)",
						  "pandoc -t plain FILE > FILE.txt", NULL, false};
	if (holds(bytes, length, "opendocument.spreadsheet"))
		return &calc;
	if (holds(bytes, length, "opendocument.text"))
		return &writer;
	if (holds(bytes, length, "xl/workbook.bin"))
		return &excel_binary;
	if (holds(bytes, length, "xl/"))
		return &excel;
	if (holds(bytes, length, "word/"))
		return &word;
	if (holds(bytes, length, "ppt/"))
		return &slides;
	/* The members follow later, but this is the first one of Office files. */
	return holds(bytes, length < 100 ? length : 100, "[Content_Types].xml") ? &excel : &zip;
}

static bool is_zip(const char *bytes, size_t length)
{
	return length >= 4 && (memcmp(bytes, "PK\3\4", 4) == 0 || memcmp(bytes, "PK\5\6", 4) == 0);
}

/* ---- UTF-16 and UTF-32 without a byte order mark ---- */

/*
 * Text is of this form if its NUL bytes are at these places of each character of so many bytes
 * only, and if the first characters are of ASCII or Latin-1.
 */
static bool is_wide(const char *bytes, size_t length, size_t width, size_t low)
{
	size_t units = length / width, narrow = 0;
	for (size_t i = 0; i < units; i++) {
		bool high = false;
		for (size_t k = 0; k < width; k++)
			if (k != low)
				high = high || bytes[i * width + k];
		if (!high && !bytes[i * width + low])
			return false;
		narrow += !high;
	}
	return units > 1 && 4 * narrow >= units + 3;
}

/*
 * Returns whether the bytes are UTF-16 of another alphabet: the units are text, some of them are
 * delimiters or LF, and not all bytes could be ASCII with a stray NUL.
 */
static bool is_wide_foreign(const char *bytes, size_t length, size_t low)
{
	size_t ends = 0, separators = 0, strays = 0;
	bool ascii = true, pair = false;
	for (size_t i = 0; i + 1 < length; i += 2) {
		unsigned l = (unsigned char)bytes[i + low], h = (unsigned char)bytes[i + 1 - low];
		bool second = h >> 2 == 0xdc >> 2;
		if (second != pair || (!h && l < ' ' && !memchr("\t\n\r", (int)l, 3)))
			return false;
		pair = h >> 2 == 0xd8 >> 2;
		ends += !h && l == '\n';
		separators += !h && memchr("\n,\t;|", (int)l, 5) != NULL;
		strays += h && (l == '\n' || h == '\n');
		ascii = ascii && h < 0x80 && l < 0x80 && !(h && h < ' ') && !(l && l < '\t');
	}
	return separators && ends >= strays && !ascii;
}

static const struct sdp_foreign *sniff_wide(const char *bytes, size_t length)
{
#define WIDE(NAME, name)                                                                           \
	{                                                                                          \
		NAME " text without a byte order mark",                                            \
			"iconv -f " NAME " -t UTF-8 FILE > FILE.csv", "--encoding " name, false    \
	}
	static const struct {
		size_t width, low;
		struct sdp_foreign foreign;
	} wide[] = {
		{4, 0, WIDE("UTF-32LE", "utf-32le")},
		{4, 3, WIDE("UTF-32BE", "utf-32be")},
		{2, 0, WIDE("UTF-16LE", "utf-16le")},
		{2, 1, WIDE("UTF-16BE", "utf-16be")},
	};
	static const struct sdp_foreign marked = {"UTF-16 text",
						  "iconv -f UTF-16 -t UTF-8 FILE > FILE.csv",
						  "no --encoding", false};
	if (length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
		return &marked;
	if (!memchr(bytes, '\0', length))
		return NULL;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (is_wide(bytes, length, wide[i].width, wide[i].low))
			return &wide[i].foreign;
	for (size_t i = 2; i < sizeof wide / sizeof *wide; i++)
		if (is_wide_foreign(bytes, length, wide[i].low))
			return &wide[i].foreign;
	return NULL;
}

/* ---- all binary formats ---- */

const struct sdp_foreign *sdp_sniff_binary(const char *bytes, size_t length, bool encoded)
{
	static const struct sdp_foreign stream = {"an Arrow stream", ARROW("a.ipc.open_stream"),
						  NULL, false},
					tar = IS("a tar archive", "tar -xOf FILE > FILE.csv");
	bool may;
	size_t look = length < SDP_SNIFF_LOOK ? length : SDP_SNIFF_LOOK;
	const struct sdp_codec *codec = sdp_sniff_codec(bytes, length, &may);
	for (size_t k = 0; k < sizeof magics / sizeof *magics; k++) {
		const struct magic *m = &magics[k];
		if (m->codec ? m->codec == codec
			     : is_magic(m, bytes, length) && !(m->plain && is_text(bytes, look)))
			return &m->foreign;
	}
	if (is_zip(bytes, length))
		return sniff_zip(bytes, length);
	if (is_tar(bytes, length))
		return &tar;
	if (is_arrow_stream(bytes, length))
		return &stream;
	return encoded ? NULL : sniff_wide(bytes, look);
}

/* Returns whether the bytes are less than a magic number, but begin like it. */
static bool may_be(const char *magic, size_t n, const char *bytes, size_t length)
{
	return length < n && memcmp(magic, bytes, length < 4 ? length : 4) == 0;
}

bool sdp_sniff_binary_may(const char *bytes, size_t length)
{
	if (is_zip(bytes, length))
		return length < SDP_SNIFF_ZIP;
	if (length >= SDP_SNIFF_LOOK || length == 0)
		return false;
	for (size_t k = 0; k < sizeof magics / sizeof *magics; k++)
		if (may_be(magics[k].bytes, magics[k].length, bytes, length) ||
		    (magics[k].plain && is_magic(&magics[k], bytes, length)))
			return true;
	return has_control(bytes, length) || may_be("\xff\xff\xff\xff\0\0\0\0", 8, bytes, length);
}

bool sdp_sniff_pdf(const char *bytes, size_t length)
{
	return length >= 5 && memcmp(bytes, "%PDF-", 5) == 0;
}

/* Appends text to out with `file` for FILE. */
static void put_command(char *out, size_t size, const char *text, const char *file)
{
	size_t n = 0;
	while (*text && n + 1 < size) {
		bool name = strncmp(text, "FILE", 4) == 0;
		const char *from = name ? file : text;
		size_t length = name ? strlen(file) : 1;
		if (n + length >= size)
			break;
		memcpy(out + n, from, length);
		n += length;
		text += name ? 4 : 1;
	}
	out[n] = '\0';
}

/* A name that a shell does not take apart, and that a command can open. */
static bool is_simple_name(const char *file)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_./+-";
	return strcmp(file, "stdin") != 0 && *file != '-' && strlen(file) < 100 &&
	       strspn(file, allowed) == strlen(file);
}

int sdp_foreign_fail(const struct sdp_foreign *foreign, const char *file, const char *wanted,
		     struct sdp_err *err)
{
	char command[600];
	struct sdp_place place = {.file = file};
	const char *option = foreign->text ? "--input-format csv" : foreign->option;
	if (!foreign->command)
		return sdp_fail_at(err, place, "this is %s, not %s", foreign->name, wanted);
	put_command(command, sizeof command, foreign->command,
		    is_simple_name(file) ? file : "FILE");
	if (!option)
		return sdp_fail_at(err, place, "this is %s, not %s; to convert it: %s",
				   foreign->name, wanted, command);
	return sdp_fail_at(err, place, "this is %s, not %s; to convert it: %s; to read it%s: %s",
			   foreign->name, wanted, command, foreign->text ? " as it is" : "",
			   option);
}
