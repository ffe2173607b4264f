# Files, by Hadoop's file systems: dbfs:/, s3://, /Volumes, file:/; and what their first bytes say that they hold.
import os
import re


def cause_of(error):
    """A message of one line out of what Spark throws: the last line of a Python worker's traceback, or what Java says of the first cause."""
    text, java = f"{type(error).__name__}: {error}", getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    traces = re.findall(r"Traceback \(most recent call last\):\n(?:[ \t].*\n)*(\S.*)", text)
    if traces:
        return traces[-1]
    if java is not None:
        while java.getCause():
            java = java.getCause()
        text = re.sub(r"\A([\w$]+\.)+", "", java.toString())
    return text.strip().partition("\n")[0]


def file_system(spark, path):
    place = spark._jvm.org.apache.hadoop.fs.Path(path)
    return place.getFileSystem(spark._jsc.hadoopConfiguration()), place


def head_of(spark, path, most):
    """The first bytes of a file, inflated where its name says that it is compressed."""
    fs, place = file_system(spark, path)
    codec = spark._jvm.org.apache.hadoop.io.compress.CompressionCodecFactory(spark._jsc.hadoopConfiguration()).getCodec(place)
    stream, io = fs.open(place), spark._jvm.org.apache.commons.io
    try:
        return bytes(io.IOUtils.toByteArray(io.input.BoundedInputStream(codec.createInputStream(stream) if codec else stream, most)))
    finally:
        stream.close()


def write_text(spark, path, text):
    """Writes a file, without a .crc file of Hadoop's beside it."""
    try:
        fs, place = file_system(spark, path)
        fs.setWriteChecksum(False)
        try:
            stream = fs.create(place, True)
        finally:
            fs.setWriteChecksum(True)
        try:
            stream.write(bytearray(text.encode()))
        finally:
            stream.close()
    except Exception as error:
        raise Fault(f"{path}: {cause_of(error)}", 3) from error


def same_file(spark, a, b):
    """Do two paths name one file?  For local ones links are followed."""
    (fs, a), (other, b) = file_system(spark, a), file_system(spark, b)
    local = [p.toUri().getPath() for f, p in ((fs, a), (other, b)) if f.getScheme() == "file"]
    if len(local) == 2:
        return all(map(os.path.exists, local)) and os.path.samefile(*local)
    return fs.makeQualified(a).equals(other.makeQualified(b))


def spare_input(spark, o):
    """Ends if a file that is read would be written."""
    written = [(name, path) for name, path in (("output", o.output), ("result", o.result)) if path and path != "-"]
    for given in o.files * bool(written):
        try:
            files = files_of(spark, given)
        except Fault:  # the task says so
            continue
        for name, path in written:
            if any(same_file(spark, path, file) for file in files):
                o.result = None if name == "result" else o.result
                raise Fault(f"--{name}: {path} is the input", 2)


def file_size(spark, path):
    fs, place = file_system(spark, path)
    return sum(fs.getContentSummary(s.getPath()).getLength() for s in fs.globStatus(place))


def files_of(spark, path):
    """The files behind a path, a folder or a pattern, in the order of their names."""
    fs, place = file_system(spark, path)
    found = fs.globStatus(place)
    if not found:
        raise Fault(f"{path}: there is no such file", 3)
    files = []
    for status in found:
        inside = fs.listStatus(status.getPath()) if status.isDirectory() else [status]
        files += sorted(s.getPath().toString() for s in inside
                        if not s.isDirectory() and s.getPath().getName()[0] not in "_.")
    if not files:
        raise Fault(f"{path}: there are no files in it", 3)
    return files


# What is neither text nor Parquet, by its first bytes.
OTHERS = ((b"%PDF-", "a PDF, which sdp-cat makes a table of"), (b"PK\3\4", "a ZIP archive"), (b"\xff\xfe", "UTF-16 text, which sdp-cat reads"),
          (b"\xfe\xff", "UTF-16 text, which sdp-cat reads"), (b"\xfd7zXZ", "xz data"), (b"BZh", "bzip2 data without a name in .bz2"),
          (b"\x28\xb5\x2f\xfd", "zstd data without a name in .zst"), (b"\x1f\x8b", "gzip data without a name in .gz"),
          (b"ARROW1\0\0", "an Arrow (Feather) file"), (b"\xff\xff\xff\xff", "an Arrow stream"), (b"Obj\1", "an Avro file"),
          (b"SQLite format 3\0", "a SQLite database"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel file"),
          (b"\x04\x22\x4d\x18", "lz4 data"), (b"\x7fELF", "a program"), (b"\x89PNG", "an image"))


# What tells a table's baskets.
BASKET_FORMS = "for a table, --basket with --item, --items-column, --one-hot or --table says what a basket is"


def looks_like_json(head):
    """An object or array begins, and goes on as one can: a header may begin with a bracket, too."""
    return bool(re.match(r'\s*(\{\s*["}]|\[\s*([{\["\]0-9-]|(true|false|null|NaN|Infinity)[],\s]))', head))


def markup_in(head):
    """XML, HTML or YAML, which are text but no table."""
    text = head.lstrip()
    if re.match(r"(?i)<(!doctype html|html|table|head|body)\b", text):
        return "an HTML page"
    if re.match(r"(?i)<(\?xml|!doctype|!--)", text):
        return "an XML file"
    first = text.partition("\n")[0].rstrip()
    if re.match(r"<[A-Za-z_][\w:.-]*[\s/>]", first + "\n") and first.endswith(">") and not re.search("[,;|\t]", re.sub("<[^>]*>", "", first)):
        return "an XML file"
    return "a YAML file" if re.match(r"(---( .*)?\r?\n|%YAML)", head) or re.match(r"- +[\w.-]+:( .*)?\r?\n +[\w.-]+:", head) else None


def aligned(rows):
    """Do these fields, as matches of a pattern, stand in columns with a blank between them in all lines?"""
    return len(set(map(len, rows))) == 1 < len(rows[0]) and all(
        max(row[k].end() for row in rows) < min(row[k + 1].start() for row in rows) for k in range(len(rows[0]) - 1))


def looks_like_text(head, whole):
    """Do the first lines hold words rather than cells?  The rules of sdp-csv(5), "Text"."""
    lines = [s for s in (t.rstrip("\r \t") for t in head.split("\n")[:None if whole else -1]) if s]
    if len(lines) < 3 or re.search('["\t|]|[,;][^ \n]', "\n".join(lines)):
        return False
    commas, words = [len(re.findall("[,;]", s)) for s in lines], [len(s.split()) for s in lines]
    if not any(commas) and all(re.search("  ", s) for s in lines):
        if aligned([list(re.finditer(r"[^ ]+(?: [^ ]+)*", s)) for s in lines]):
            return True
        if aligned([list(re.finditer(r"[^ ]+", s)) for s in lines]) and all(re.search("[0-9]", s) for s in lines[1:]):
            return True
    return words[0] >= 6 and words[0] >= 3 * (commas[0] + 1) and len(set(commas)) > 1
