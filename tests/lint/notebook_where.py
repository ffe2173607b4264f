"""The notebook says of a wrong --where what the programs say, with the same excerpt: for each message of the parser and of the check of
types, and for expressions that are made at random of the same words.  Regular expressions are those of Java there, and not compared."""
import os
import random
import subprocess
import sys
import tempfile

BIN = os.environ["SDP_BIN"]
PARTS = ("00_introduction", "25_where", "25_where_messages", "25_where_types", "26_patterns")
TABLE = "n,s,b,t,e,odd}\n1,a,true,2024-03-01,,x\n2.5,b,false,2024-03-02,,y\n"
TYPES = {"n": "number", "s": "string", "b": "boolean", "t": "time", "odd}": "string"}

# At least one for each message, and for each word and sign of other languages that has a hint.
WRONG = [
    "", "  \t", "x" * 70000, "n > 1 )", "n > 1)) or", "(n > 1", "(n > 1 s", "length(s", "length(s, 1) > 2", "length(s t) > 1", "n in (1, 2", "n in (1 2)",
    "n in 1", "n in", "n between 1 or 2", "n between 1", "n is 1", "n is not 5", "s =~ /a/", "s =~ n", "s =~", "s !~ 5", "1 < n < 3", "n == 1 == 2",
    "s =~ 'a' =~ 'b'", "n not null", "s not like 'a'", "n not > 1", "n not", "not", "not not", "and", "n and", "n == null", "null", "+ 1", "n + + 1", "n == *",
    "n n", "n 5", "n = 1", "n == 'it's'", "n == 1,5", "length s == 1", "n ++ 1", "foo(n)", "lenght(s) > 1", "substr(s) == 'a'", "like(s)", "${n", "${a}}",
    "s == 'abc", "5n > 1", "1.2.3 > n", ".5.", "1e5x", "n # 1", "n ? 1", "n : 1", "\\", "}", "@n", "n\x01", "é\u00a0== 1 )", "n ≤ 1", "s == ‘a’ )", "s ‘a’", "s “a”",
    "n × 2", "n − 1", "$n > 1", "{n} > 1", "[n] > 1", "n > 1; s", "n / 2 > 1", "n % 2 == 0", "n ^ 2", "n ** 2 > 1", "n <> 1", "n => 1", "n =< 1", "n =! 1",
    "n === 1", "n !== 1", "s ==~ 'a'", "s !=~ 'a'", "n ~ 1", "n & s", "n && s", "n | s", "n || s", "!n", '"a" == s', "`a` == 1", "(" * 210 + "n", "not " * 210 + "b",
    "-" * 210 + "n", "1", "'a'", "n + 1", "length(s)", "length(1) > 2", "lower(1) == 'a'", "upper(true) == 'a'", "year(1) == 2024", "month('a') == 1", "day(n + 1) > 1",
    "hour(true) > 1", "weekday(1) > 1", "not 1", "1 and true", "true or 'a'", "'true' or true", "1 + 'a' > 1", "1 + '2' > 1", "1 * true > 1", "-'5' > 1", "- true > 1",
    "b < true", "n in (1, 'a')", "s in ('a', 1)", "t between '2024-01-01' and 5", "b between true and false", "length(s) == 'a'", "year(t) == 'a'",
    "1 == 'a'", "1 == '1'", "true == 'true'", "true < false", "true == 1", "lower(s) == 1", "lower('a') > 5", "1 =~ 'a'", "true !~ 'a'", "1e999 > n",
    "n > " + "1" * 1200, "1 between true and 2", "n in (1, 'a', true)", "length('a') in ('b')", "s == 'a' and n = 1 and " + "t is not null and " * 9 + "b",
    "t is not null and " * 9 + "n = 1", "日本語 = 1", "日本語日本語日本語日本語日本語日本語日本語 = 1", "s == 'e\u0301e\u0301' = 1", "s == 'a\u200bb' = 1", "x" * 45 + "() > 1",
    "日本語" * 9 + "(1)", "a\tb", "n\n=\n1", "ISNULL(n)", "Mod(n)", "n ISIN (1)", "n CONTAINS 1", "n not Contains 1", "nul(n)", "yaer(t)", "le(n)", "YEARS(t)", "hr(t)"]
WRONG += [f"{word}(n) > 1" for word in "ilike rlike regexp regex match glob isna nan none date timestamp to_date isin strlen lcase toupper dayofweek mod div".split()]
# Wrong for this table.
WRONG_TYPES = ["n == 'a'", "n == '1'", "s == 1", "s > n", "b == 1", "b == 'true'", "b < b", "t == 1", "t > 'x'", "t == '2024-13-01'", "1 == t", "n", "s and b", "not n",
               "length(n) > 1", "length(t) > 1", "year(s) > 1", "year(n) == 1", "n + s > 1", "-t > 1", "n * b == 1", "n in ('a', t)", "s in ('a', n)", "t between '2024-01-01' and n",
               "b between b and b", "n =~ 'a'", "t !~ 'a'", "b =~ 'a'", "lower(n) == 'a'", "${odd}}} == 5", "b == (s == 1)"]
WORDS = ["n", "s", "b", "t", "${odd}}}", "${x", "1", "2.5", "1e3", ".5", "5x", "'a'", "'it''s'", "'a", "'2024-03-01'", "true", "false", "null", "and", "or", "not", "in",
         "between", "is", "==", "!=", "<", "<=", ">", ">=", "=", "=~ 'a'", "!~ 'b'", "=~", "+", "-", "*", "/", "(", ")", ",", "length", "lower", "year", "weekday", "lenght", "like",
         "eq", "\u2264", "&&", "|", "\n", "#", "é", "日本"]
RANDOM, SEED = 1500, 19


def load():
    part = {"__name__": "notebook"}
    for name in PARTS:
        with open(f"notebooks/sdp_spark/{name}.py", encoding="utf-8") as file:
            exec(compile(file.read(), file.name, "exec"), part)
    part["java_pattern"] = lambda expression, part: part.text
    part["time_of"] = lambda text: (1, 0) if text.startswith("2024-0") else (0, None)
    return part


def of_program(text, file):
    done = subprocess.run([os.path.join(BIN, "sdp-stats"), f"--where={text}", file], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.removeprefix("sdp-stats: ").removesuffix("\n")


def of_notebook(part, text, columns):
    try:
        expression = part["Expression"](text)
        if columns:
            part["check_types"](expression, lambda leaf: columns.get(leaf.text), 1)
    except part["Fault"] as fault:
        return fault.code, str(fault)
    return 0, ""


def made(draw):
    return " " * draw.randrange(2) + draw.choice([" ", " ", ""]).join(draw.choice(WORDS) for _ in range(draw.randrange(1, 9)))


def main():
    part, faults, draw = load(), [], random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "t.csv")
        with open(table, "w", encoding="utf-8") as file:
            file.write(TABLE)
        asked = [(text, "/dev/null", None, 2) for text in WRONG] + [(text, table, TYPES, 1) for text in WRONG_TYPES]
        for text, file, columns, wanted in asked + [(made(draw), "/dev/null", None, None) for _ in range(RANDOM)]:
            theirs, ours = of_program(text, file), of_notebook(part, text, columns)
            if wanted is None and theirs[0] == 1:
                theirs = 0, ""  # the expression is right, and the table empty
            if wanted is not None and theirs[0] != wanted:
                faults.append(f"{text[:80]!r} ends with {theirs[0]}, not with {wanted}: {theirs[1]}")
            if theirs != ours:
                faults.append(f"{text[:80]!r}:\n  the program says {theirs}\n  the notebook says {ours}")
    for fault in faults[:20]:
        print(fault)
    if len(faults) > 20:
        print(f"and {len(faults) - 20} more")
    sys.exit(bool(faults))


main()
