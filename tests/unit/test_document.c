/* Tests documents: building them and printing them as JSON, CSV, TSV and tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "document/sparkline.h"
#include "sdp/doc.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct sdp_err err;
static struct sdp_buf text;

static int release(void **state)
{
	(void)state;
	sdp_buf_release(&text);
	return 0;
}

static const char *print(const cJSON *doc, enum sdp_doc_format format, int digits, const char *part,
			 int width)
{
	struct sdp_doc_style style = {.format = format,
				      .digits = digits,
				      .print = part,
				      .width = width};
	text.length = 0;
	if (sdp_buf_add_text(&text, "", &err) < 0 || sdp_doc_print(doc, &style, &text, &err) < 0)
		fail_msg("%s", err.text);
	return text.data;
}

/* The same of a document given as JSON. */
static const char *shown(const char *json, enum sdp_doc_format format, const char *part, int width)
{
	cJSON *doc = cJSON_Parse(json);
	assert_non_null(doc);
	print(doc, format, 0, part, width);
	cJSON_Delete(doc);
	return text.data;
}

static cJSON *sample(void)
{
	cJSON *doc = cJSON_CreateObject();
	assert_int_equal(sdp_doc_text(doc, "task", "try", &err), 0);
	assert_int_equal(sdp_doc_count(doc, "rows", UINT64_MAX, &err), 0);
	cJSON *columns = sdp_doc_array(doc, "columns", &err);
	cJSON *row = sdp_doc_row(columns, &err);
	assert_int_equal(sdp_doc_text(row, "name", "Größe, \"x\"\n", &err), 0);
	assert_int_equal(sdp_doc_integer(row, "min", INT64_MIN, &err), 0);
	assert_int_equal(sdp_doc_real(row, "mean", 1234567.125, &err), 0);
	assert_int_equal(sdp_doc_real(row, "stddev", (double)NAN, &err), 0);
	row = sdp_doc_row(columns, &err);
	assert_int_equal(sdp_doc_text(row, "name", NULL, &err), 0);
	assert_int_equal(sdp_doc_number(row, "min", "0.10", &err), 0);
	assert_int_equal(sdp_doc_bool(row, "good", true, &err), 0);
	cJSON *list = sdp_doc_array(row, "list", &err);
	assert_int_equal(sdp_doc_integer(list, NULL, 1, &err), 0);
	assert_int_equal(sdp_doc_real(list, NULL, (double)INFINITY, &err), 0);
	assert_int_equal(sdp_doc_real(sdp_doc_object(doc, "metrics", &err), "r2", 2.0 / 3, &err),
			 0);
	assert_int_equal(sdp_doc_null(doc, "end", &err), 0);
	return doc;
}

static void test_json(void **state)
{
	cJSON *doc = sample();
	(void)state;
	assert_string_equal(
		print(doc, SDP_DOC_JSON, 0, NULL, 0),
		"{\"task\":\"try\",\"rows\":18446744073709551615,\"columns\":["
		"{\"name\":\"Größe, "
		"\\\"x\\\"\\n\",\"min\":-9223372036854775808,\"mean\":1234567.125,"
		"\"stddev\":null},{\"name\":null,\"min\":0.10,\"good\":true,\"list\":[1,null]}],"
		"\"metrics\":{\"r2\":0.6666666666666666},\"end\":null}\n");
	assert_string_equal(
		print(doc, SDP_DOC_JSON, 3, NULL, 0),
		"{\"task\":\"try\",\"rows\":18446744073709551615,\"columns\":["
		"{\"name\":\"Größe, \\\"x\\\"\\n\",\"min\":-9223372036854775808,\"mean\":1230000,"
		"\"stddev\":null},{\"name\":null,\"min\":0.1,\"good\":true,\"list\":[1,null]}],"
		"\"metrics\":{\"r2\":0.667},\"end\":null}\n");
	cJSON_Delete(doc);
}

static void test_csv(void **state)
{
	cJSON *doc = sample();
	(void)state;
	assert_string_equal(print(doc, SDP_DOC_CSV, 0, NULL, 0),
			    "name,min,mean,stddev,good,list\n"
			    "\"Größe, \"\"x\"\"\n\",-9223372036854775808,1234567.125,,,\n"
			    ",0.10,,,true,\"1, \"\n");
	assert_string_equal(print(doc, SDP_DOC_TSV, 2, "columns", 0),
			    "name\tmin\tmean\tstddev\tgood\tlist\n"
			    "\"Größe, \"\"x\"\"\n\"\t\"-9223372036854775808\"\t\"1200000\"\t\"\"\t"
			    "\"\"\t\"\"\n"
			    "\t0.1\t\t\ttrue\t\"1, \"\n");
	assert_string_equal(print(doc, SDP_DOC_CSV, 0, "metrics", 0), "r2\n0.6666666666666666\n");
	cJSON_Delete(doc);
}

static void test_cells(void **state)
{
	(void)state;
	assert_string_equal(shown("{\"a\":[{\"x\":\" b\",\"y\":\"c\\t\",\"z\":\"d "
				  "e\"},{\"x\":\"\\r\",\"y\":\"\\\\\"}]}",
				  SDP_DOC_CSV, NULL, 0),
			    "x,y,z\n\" b\",\"c\t\",d e\n\"\r\",\\,\n");
	assert_string_equal(shown("{\"a\":[{\"x\":\"\\r\\t\",\"y\":\"\\\\\"}]}", SDP_DOC_TSV, NULL,
				  0),
			    "x\ty\n\"\r\t\"\t\\\n");
	/* A line that is empty would be no row. */
	assert_string_equal(shown("{\"a\":[{\"x\":null},{\"x\":1.5}]}", SDP_DOC_CSV, NULL, 0),
			    "x\n\"\"\n1.5\n");
}

static void test_rows(void **state)
{
	(void)state;
	/* Later rows' columns stand beside their siblings. */
	assert_string_equal(shown("{\"sets\":[{\"items\":[\"a\"],\"n\":2,\"o\":{\"p\":1}},"
				  "{\"items\":[\"a\",\"b, c\",\"d\"],\"n\":1,"
				  "\"o\":{\"p\":2,\"q\":3}},{\"items\":[\"\\\"\"]}]}",
				  SDP_DOC_CSV, NULL, 0),
			    "items,n,o_p,o_q\na,2,1,\n\"a, \"\"b, c\"\", d\",1,2,3\n"
			    "\"\"\"\"\"\"\"\"\"\",,,\n");
	assert_string_equal(shown("{\"f\":[\"u\",\"v\"],\"g\":[[1,2],[3]]}", SDP_DOC_CSV, NULL, 0),
			    "g_0,g_1\n1,2\n3,\n");
	assert_string_equal(shown("{\"f\":[\"u\",\"v\"]}", SDP_DOC_CSV, "f", 0), "f\nu\nv\n");
	assert_string_equal(shown("{\"id\":7,\"tags\":[\"u\",\"v\"],\"o\":{\"p\":null}}",
				  SDP_DOC_CSV, NULL, 0),
			    "id,tags,o_p\n7,\"u, v\",\n");
	assert_string_equal(shown("{\"id\":7,\"rules\":[],\"warnings\":[]}", SDP_DOC_CSV, NULL, 0),
			    "");
	assert_string_equal(shown("{\"id\":7,\"warnings\":[]}", SDP_DOC_CSV, NULL, 0),
			    "id,warnings\n7,\n");
	assert_string_equal(shown("{}", SDP_DOC_CSV, NULL, 0), "");
	assert_string_equal(shown("{\"a\":[],\"b\":[{\"x\":1}]}", SDP_DOC_CSV, NULL, 0), "x\n1\n");
}

static void test_centers(void **state)
{
	(void)state;
	assert_string_equal(
		shown("{\"features\":[\"a\",\"b\"],\"centers\":[[1,2],[3,4]],\"sizes\":[5,6]}",
		      SDP_DOC_CSV, NULL, 0),
		"cluster,size,a,b\n0,5,1,2\n1,6,3,4\n");
	assert_string_equal(
		shown("{\"features\":[\"a\"],\"centers\":[[1,2],[3,4]],\"sizes\":[5,6]}",
		      SDP_DOC_CSV, NULL, 0),
		"centers_0,centers_1\n1,2\n3,4\n");
}

static void test_confusion(void **state)
{
	(void)state;
	assert_string_equal(
		shown("{\"labels\":[\"no\",\"yes, sir\"],\"confusion\":[[1,2],[3,4]]}", SDP_DOC_CSV,
		      "confusion", 0),
		"label,predicted_no,\"predicted_yes, sir\"\nno,1,2\n\"yes, sir\",3,4\n");
	assert_string_equal(shown("{\"labels\":[\"a\",\"b\",\"c\"],\"confusion\":[[1,2],[3,4]]}",
				  SDP_DOC_CSV, "confusion", 0),
			    "confusion_0,confusion_1\n1,2\n3,4\n");
	assert_string_equal(shown("{\"labels\":[\"a\",\"b\"],\"confusion\":[[1],[3]]}", SDP_DOC_CSV,
				  "confusion", 0),
			    "confusion_0\n1\n3\n");
}

static void test_print_errors(void **state)
{
	struct sdp_doc_style style = {.format = SDP_DOC_CSV, .print = "nothing"};
	cJSON *doc = sample();
	(void)state;
	assert_int_equal(sdp_doc_print(doc, &style, &text, &err), -1);
	assert_int_equal(err.code, SDP_USAGE);
	assert_string_equal(
		err.text,
		"--print: no part of the document is called 'nothing': there are columns, metrics");
	style.print = "task";
	style.format = SDP_DOC_TABLE;
	assert_int_equal(sdp_doc_print(doc, &style, &text, &err), -1);
	assert_string_equal(
		err.text,
		"--print: no part of the document is called 'task': there are columns, metrics");
	cJSON_Delete(doc);
}

static void test_table(void **state)
{
	(void)state;
	assert_string_equal(shown("{\"task\":\"t\",\"features\":[\"a\",\"b\"],\"rows\":12,"
				  "\"c\":[{\"name\":\"é\",\"v\":1.5,\"w\":\"x\"},{\"name\":"
				  "\"long\",\"v\":null,\"w\":\"\"},"
				  "{\"name\":\"n\",\"v\":-1234567.25,\"w\":[\"y\",\"z\"]}],"
				  "\"m\":{\"r2\":0.123456789,\"none\":null},\"d\":[{\"x\":1}],"
				  "\"warnings\":[\"first, of all\",\"second\"]}",
				  SDP_DOC_TABLE, NULL, 0),
			    "task      t\n"
			    "features  a, b\n"
			    "rows      12\n"
			    "warning   first, of all\n"
			    "warning   second\n"
			    "\n"
			    "name         v  w\n"
			    "é          1.5  x\n"
			    "long         -  \n"
			    "n     -1234567  y, z\n"
			    "\n"
			    "m\n"
			    "  r2    0.123457\n"
			    "  none  -\n"
			    "\n"
			    "d: 1 row, shown by --print d\n");
	assert_string_equal(shown("{\"a\":1,\"m\":{\"x\":2}}", SDP_DOC_TABLE, "m", 0), "x\n2\n");
	assert_string_equal(shown("{\"a\":1,\"m\":[]}", SDP_DOC_TABLE, NULL, 0), "a  1\n\nno m\n");
	assert_string_equal(shown("{\"a\":1,\"m\":[{},{}]}", SDP_DOC_TABLE, NULL, 0),
			    "a  1\n\nno m\n");
	assert_string_equal(shown("{}", SDP_DOC_TABLE, NULL, 80), "");
}

static void test_table_digits(void **state)
{
	cJSON *doc = cJSON_CreateObject();
	(void)state;
	sdp_doc_real(doc, "a", 12345678.9, &err);
	sdp_doc_real(doc, "b", 0.000123456789, &err);
	sdp_doc_integer(doc, "c", 123456789012, &err);
	assert_string_equal(print(doc, SDP_DOC_TABLE, 0, NULL, 0),
			    "a  12345679\nb  0.000123457\nc  123456789012\n");
	assert_string_equal(print(doc, SDP_DOC_TABLE, 3, NULL, 0),
			    "a  12300000\nb  0.000123\nc  123456789012\n");
	cJSON_Delete(doc);
}

static void test_transposed(void **state)
{
	(void)state;
	assert_string_equal(shown("{\"c\":[{\"name\":\"a\",\"type\":\"real\",\"min\":1,\"z\":0.5},"
				  "{\"name\":\"bb\",\"type\":\"real\",\"min\":22222},"
				  "{\"name\":\"c\",\"type\":\"text\"}]}",
				  SDP_DOC_TABLE, NULL, 17),
			    "name  a     bb\n"
			    "type  real  real\n"
			    "min     1   22222\n"
			    "z     0.5       -\n"
			    "\n"
			    "name  c\n"
			    "type  text\n"
			    "min   -\n"
			    "z     -\n");
	/* All texts that are too wide are cut, also in the first column. */
	assert_string_equal(shown("{\"c\":[{\"a\":\"123456789\",\"b\":\"123456789\",\"n\":7}]}",
				  SDP_DOC_TABLE, NULL, 10),
			    "a  123456…\nb  123456…\nn  7\n");
}

static void test_panels(void **state)
{
	(void)state;
	assert_string_equal(shown("{\"c\":[{\"a\":\"x\",\"b\":\"yy\",\"m\":100,\"n\":2000,\"o\":3},"
				  "{\"a\":\"z\",\"m\":1,\"n\":2001},"
				  "{\"a\":\"z\",\"m\":1,\"n\":2002},{\"a\":\"z\",\"m\":2,\"n\":"
				  "2003},{\"a\":\"z\",\"n\":2004}]}",
				  SDP_DOC_TABLE, NULL, 12),
			    "a  b     m\n"
			    "x  yy  100\n"
			    "z  -     1\n"
			    "z  -     1\n"
			    "z  -     2\n"
			    "z  -     -\n"
			    "\n"
			    "a  b      n\n"
			    "x  yy  2000\n"
			    "z  -   2001\n"
			    "z  -   2002\n"
			    "z  -   2003\n"
			    "z  -   2004\n"
			    "\n"
			    "a  b   o\n"
			    "x  yy  3\n"
			    "z  -   -\n"
			    "z  -   -\n"
			    "z  -   -\n"
			    "z  -   -\n");
	/* Numbers in front: the first column alone tells rows apart. */
	assert_string_equal(shown("{\"c\":[{\"k\":1,\"x\":11111,\"y\":2},{\"k\":2,\"x\":22222},{"
				  "\"k\":3,\"x\":33333},"
				  "{\"k\":4,\"x\":44444},{\"k\":5,\"x\":55555}]}",
				  SDP_DOC_TABLE, NULL, 8),
			    "k      x\n1  11111\n2  22222\n3  33333\n4  44444\n5  55555\n\n"
			    "k  y\n1  2\n2  -\n3  -\n4  -\n5  -\n");
}

static void test_hostile_text(void **state)
{
	cJSON *doc = cJSON_CreateObject();
	(void)state;
	sdp_doc_text(doc, "a\033", "\033[31m\t\xff\xc2\x9b\x7f\xe2\x82\xac\xed\xa0\x80", &err);
	assert_string_equal(print(doc, SDP_DOC_TABLE, 0, NULL, 0),
			    "a\\x1b  \\x1b[31m\\t\\xff\\xc2\\x9b\\x7f€\\xed\\xa0\\x80\n");
	cJSON_Delete(doc);
	/* Marks of direction, ends of lines and what has no width; U+2010 and U+202F are shown. */
	doc = cJSON_CreateObject();
	sdp_doc_text(doc, "a", "\u202ex\u2066y\u2028\u200b\ufeff\u2010\u202f\u061c", &err);
	assert_string_equal(print(doc, SDP_DOC_TABLE, 0, NULL, 0),
			    "a  \\xe2\\x80\\xaex\\xe2\\x81\\xa6y\\xe2\\x80\\xa8\\xe2\\x80\\x8b"
			    "\\xef\\xbb\\xbf\u2010\u202f\\xd8\\x9c\n");
	cJSON_Delete(doc);
}

static void test_cut(void **state)
{
	char json[200], forty[41], expected[200];
	(void)state;
	memset(forty, 'x', 40);
	forty[1] = ' ';
	forty[40] = '\0';
	snprintf(json, sizeof json,
		 "{\"a\":[{\"n\":\"%s\"},{\"n\":\"%sy\"},{\"n\":\"%.39s\\u0001\"}]}", forty, forty,
		 forty);
	snprintf(expected, sizeof expected, "n\n%s\n%.39s…\n%.39s…\n", forty, forty, forty);
	assert_string_equal(shown(json, SDP_DOC_TABLE, NULL, 40), expected);
	snprintf(expected, sizeof expected, "n\n%s\n%sy\n%.39s\\x01\n", forty, forty, forty);
	assert_string_equal(shown(json, SDP_DOC_TABLE, NULL, 0), expected);
	assert_string_equal(shown(json, SDP_DOC_TABLE, NULL, 43), expected);
	/* Long text gives way before the table is turned, but only as much as is needed. */
	snprintf(json, sizeof json, "{\"a\":[{\"n\":\"%s\",\"m\":12345678}]}", forty);
	snprintf(expected, sizeof expected,
		 "n                                 m\n%.24s…  12345678\n", forty);
	assert_string_equal(shown(json, SDP_DOC_TABLE, NULL, 35), expected);
}

/* Returns a table of some columns only. */
static const char *listed(const char *json, const char *const *columns, int width)
{
	struct sdp_doc_style style = {SDP_DOC_TABLE, .width = width, .columns = columns};
	cJSON *doc = cJSON_Parse(json);
	text.length = 0;
	assert_int_equal(sdp_doc_print(doc, &style, &text, &err), 0);
	cJSON_Delete(doc);
	return text.data;
}

static void test_listed_columns(void **state)
{
	static const char *const columns[] = {"id", "name", "none", "n", NULL};
	static const char rows[] =
		"{\"documents\":[{\"n\":1,\"x\":0,\"name\":\"a_name_of_more_than_24_bytes\","
		"\"id\":\"a_key_of_more_than_24_bytes\"},{\"n\":22,\"name\":\"b\",\"id\":\"c\"}]}";
	(void)state;
	assert_string_equal(listed(rows, columns, 61),
			    "id                           name                           n\n"
			    "a_key_of_more_than_24_bytes  a_name_of_more_than_24_bytes   1\n"
			    "c                            b                             22\n");
	/* A text is cut before a column is left out, but not the key. */
	assert_string_equal(listed(rows, columns, 60),
			    "id                           name                          n\n"
			    "a_key_of_more_than_24_bytes  a_name_of_more_than_24_byt…   1\n"
			    "c                            b                            22\n");
	assert_string_equal(listed(rows, columns, 56),
			    "id                           name\n"
			    "a_key_of_more_than_24_bytes  a_name_of_more_than_24_byt…\n"
			    "c                            b\n");
	/* If even two do not fit, there are all of them. */
	assert_non_null(strstr(listed(rows, columns, 50), "\nn "));
	assert_null(strstr(listed(rows, columns, 50), "\nx "));
	assert_string_equal(listed("{\"documents\":[]}", columns, 50), "no documents\n");
}

/* Returns the width of the widest line of a text, in characters. */
static int widest(const char *lines)
{
	int most = 0, width = 0;
	for (const char *c = lines; *c; c++) {
		width = *c == '\n' ? 0 : width + ((*c & 0xc0) != 0x80);
		most = width > most ? width : most;
	}
	return most;
}

/*
 * Who meets an id wants to copy it: what is one word stays whole where it tells rows apart and the
 * terminal is wide enough, and is cut at 40 elsewhere in panels.
 */
static void test_words(void **state)
{
	static const char id[] = "01a20622-56d6-7fa9-93a6-9375bab7b372",
			  path[] = "dbfs:/a/path/that/is/longer/than/forty/characters/";
	struct sdp_buf json = {0}, first = {0}, second = {0};
	(void)state;
	sdp_buf_format(&first, &err, "t   id%49s  of\n", "");
	sdp_buf_format(&second, &err, "\nid%49s  w\n", "");
	for (int i = 1; i <= 5; i++) {
		sdp_buf_format(&json, &err,
			       "%s{\"t\":\"up\",\"id\":\"%s%d\",\"of\":\"%s\",\"w\":\"%s\"}",
			       i == 1 ? "{\"a\":[" : ",", path, i, id, path);
		sdp_buf_format(&first, &err, "up  %s%d  %s\n", path, i, id);
		sdp_buf_format(&second, &err, "%s%d  %.39s…\n", path, i, path);
	}
	sdp_buf_add_text(&json, "]}", &err);
	sdp_buf_add_text(&first, second.data, &err);
	assert_string_equal(shown(json.data, SDP_DOC_TABLE, NULL, 93), first.data);
	/* No line is wider than the terminal. */
	for (int width = 20; width <= 200; width++)
		assert_true(widest(shown(json.data, SDP_DOC_TABLE, NULL, width)) <= width);
	sdp_buf_release(&json);
	sdp_buf_release(&first);
	sdp_buf_release(&second);
}

/* The widest columns are cut to one width; narrower ones stay whole. */
static void test_share(void **state)
{
	static const char json[] =
		"{\"a\":[{\"n\":\"123456789 123456789 123456789 123456789 123456789\","
		"\"m\":\"abc\",\"o\":\"123456789 123456789 123456789 123456789\"}]}";
	(void)state;
	assert_string_equal(
		shown(json, SDP_DOC_TABLE, NULL, 70),
		"n                                 m    o\n"
		"123456789 123456789 123456789 1…  abc  123456789 123456789 123456789 …\n");
	assert_string_equal(shown(json, SDP_DOC_TABLE, NULL, 95),
			    "n                                                  m    o\n"
			    "123456789 123456789 123456789 123456789 123456789  abc  "
			    "123456789 123456789 123456789 123456789\n");
}

static void test_wrap(void **state)
{
	(void)state;
	assert_string_equal(shown("{\"f\":[\"aaaa\",\"bbbb\",\"cccc\",\"dddd\"]}", SDP_DOC_TABLE,
				  NULL, 14),
			    "f  aaaa, bbbb,\n   cccc, dddd\n");
	cJSON *doc = cJSON_CreateObject(), *list = sdp_doc_array(doc, "f", &err);
	for (int i = 0; i < 100; i++)
		sdp_doc_integer(list, NULL, i, &err);
	assert_string_equal(
		print(doc, SDP_DOC_TABLE, 0, NULL, 14),
		"f  0, 1, 2, 3,\n   4, 5, 6, 7,\n   8, 9, 10,\n   11, 12, 13,\n   14, 15, 16, …\n");
	cJSON_Delete(doc);
}

static void test_size(void **state)
{
	static char names[10000][16];
	static const char *const fields[20] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j",
					       "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"};
	cJSON *doc = cJSON_CreateObject(), *rows = sdp_doc_array(doc, "rows", &err);
	cJSON *wide = sdp_doc_object(doc, "wide", &err);
	(void)state;
	for (int i = 0; i < 10000; i++) {
		cJSON *row = sdp_doc_row(rows, &err);
		snprintf(names[i], sizeof names[i], "name%d", i);
		sdp_doc_integer(wide, names[i], i, &err);
		for (int j = 0; j < 20; j++)
			sdp_doc_real(row, fields[j], i + j / 7.0, &err);
	}
	clock_t start = clock();
	print(doc, SDP_DOC_JSON, 5, NULL, 0);
	print(doc, SDP_DOC_CSV, 0, NULL, 0);
	print(doc, SDP_DOC_CSV, 0, "wide", 0);
	print(doc, SDP_DOC_TABLE, 0, NULL, 100);
	/* Some 0.6 s at most; quadratic ways of walking the tree take minutes. */
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 20);
	cJSON_Delete(doc);
}

static void empty_arrays_have_their_columns(void **state)
{
	cJSON *doc = cJSON_CreateObject(), *rows = sdp_doc_array(doc, "rows", &err);
	(void)state;
	assert_non_null(sdp_doc_array(doc, "warnings", &err));
	assert_string_equal(print(doc, SDP_DOC_CSV, 0, NULL, 0), "");
	assert_int_equal(sdp_doc_columns(rows, "name,n", &err), 0);
	assert_string_equal(print(doc, SDP_DOC_JSON, 0, NULL, 0),
			    "{\"rows\":[],\"warnings\":[]}\n");
	assert_string_equal(print(doc, SDP_DOC_CSV, 0, NULL, 0), "name,n\n");
	assert_string_equal(print(doc, SDP_DOC_TSV, 0, "rows", 0), "name\tn\n");
	assert_string_equal(print(doc, SDP_DOC_TABLE, 0, NULL, 0), "name  n\n");
	assert_string_equal(print(doc, SDP_DOC_TABLE, 0, NULL, 6), "name\nn\n");
	assert_string_equal(print(doc, SDP_DOC_CSV, 0, "warnings", 0), "warnings\n");
	assert_int_equal(sdp_doc_text(sdp_doc_row(rows, &err), "other", "x", &err), 0);
	assert_string_equal(print(doc, SDP_DOC_CSV, 0, NULL, 0), "other\nx\n");
	cJSON_Delete(doc);
}

static void keys_can_be_copied(void **state)
{
	(void)state;
	char key[] = "first";
	cJSON *doc = cJSON_CreateObject();
	assert_int_equal(sdp_doc_integer(doc, key, 1, &err), 0);
	assert_int_equal(sdp_doc_copy_key(doc, &err), 0);
	memcpy(key, "other", 5);
	assert_int_equal(sdp_doc_integer(doc, "second", 2, &err), 0);
	assert_string_equal(print(doc, SDP_DOC_JSON, 0, NULL, 0), "{\"first\":1,\"second\":2}\n");
	cJSON_Delete(doc);
}

static void buckets_have_sparklines(void **state)
{
	(void)state;
	const char *json =
		"{\"buckets\":[{\"g\":\"a\",\"start\":\"x\",\"value\":\"v\",\"count\":9,\"mean\":0}"
		","
		"{\"g\":\"b\",\"start\":\"x\",\"value\":\"v\",\"count\":9,\"mean\":5},"
		"{\"g\":\"a\",\"start\":\"y\",\"value\":\"v\",\"count\":9,\"mean\":null},"
		"{\"g\":\"a\",\"start\":\"z\",\"value\":\"v\",\"count\":9,\"mean\":7}]}";
	static const char want[] = "a v  ▁ █ 0 to 7\nb v  ▁ 5 to 5\n\n";
	assert_memory_equal(shown(json, SDP_DOC_TABLE, NULL, 80), want, sizeof want - 1);
	/* Not in a file, nor where a part was asked for. */
	assert_null(strstr(shown(json, SDP_DOC_TABLE, NULL, 0), "▁"));
	assert_null(strstr(shown(json, SDP_DOC_TABLE, "buckets", 80), "▁"));
	/* As many bars as there is room for. */
	struct sdp_buf many = {0};
	assert_int_equal(sdp_buf_add_text(&many, "{\"buckets\":[", &err), 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(sdp_buf_format(&many, &err, "%s{\"hour\":%d,\"count\":%d}",
						i ? "," : "", i, i),
				 0);
	assert_int_equal(sdp_buf_add_text(&many, "]}", &err), 0);
	const char *line = shown(many.data, SDP_DOC_TABLE, NULL, 60);
	size_t bars = 0;
	for (const char *s = line; *s && *s != '\n'; s++)
		bars += (unsigned char)*s == 0xe2;
	assert_int_equal(bars, 26);
	sdp_buf_release(&many);
}

/* What failed before the sparklines of a table remains a failure: it is checked after them. */
static void sparklines_keep_a_failure(void **state)
{
	(void)state;
	struct sdp_buf out = {0};
	cJSON *doc =
		cJSON_Parse("{\"buckets\":[{\"hour\":0,\"count\":1},{\"hour\":1,\"count\":2}]}");
	err = (struct sdp_err){0};
	assert_int_equal(sdp_sparkline_print(doc->child, 6, 80, &out, &err), 0);
	sdp_fail_memory(&err);
	assert_int_equal(sdp_sparkline_print(doc->child, 6, 80, &out, &err), -1);
	assert_int_equal(sdp_err_result(&err), -1);
	err = (struct sdp_err){0};
	sdp_buf_release(&out);
	cJSON_Delete(doc);
}

/* A series of calls is checked once: what lacks its object fails, and err says so at the end. */
static void a_series_is_checked_once(void **state)
{
	(void)state;
	err = (struct sdp_err){0};
	cJSON *doc = cJSON_CreateObject();
	SDP_DOC_REALS(doc, &err, {"mean", 1.5}, {"stddev", NAN});
	sdp_doc_text(sdp_doc_row(sdp_doc_array(doc, "rows", &err), &err), "name", "a", &err);
	assert_int_equal(sdp_err_result(&err), 0);
	assert_string_equal(print(doc, SDP_DOC_JSON, 0, NULL, 0),
			    "{\"mean\":1.5,\"stddev\":null,\"rows\":[{\"name\":\"a\"}]}\n");
	sdp_doc_text(NULL, "name", "a", &err);
	sdp_doc_count(doc, "count", 1, &err);
	assert_int_equal(sdp_err_result(&err), -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	assert_string_equal(err.text, "out of memory");
	assert_null(sdp_doc_row(NULL, &err));
	assert_int_equal(sdp_doc_columns(NULL, "a,b", &err), -1);
	cJSON_Delete(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_series_is_checked_once),
		cmocka_unit_test(keys_can_be_copied),
		cmocka_unit_test(empty_arrays_have_their_columns),
		cmocka_unit_test(buckets_have_sparklines),
		cmocka_unit_test(sparklines_keep_a_failure),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_centers),
		cmocka_unit_test(test_print_errors),
		cmocka_unit_test(test_confusion),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_table_digits),
		cmocka_unit_test(test_panels),
		cmocka_unit_test(test_transposed),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_listed_columns),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_size),
	};
	return cmocka_run_group_tests(tests, NULL, release);
}
