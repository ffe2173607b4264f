"""What names and cells hold is shown on a terminal, and not obeyed: control characters, marks of direction, and what has no width."""
import os
import re
import subprocess

from terminal_kit import end, expect, on_terminal

HOSTILE = ["\033]0;title\007", "\033[31m", "\x9b31m", "\x7f", "\b", "\x0b", "\u202e", "\u2066", "\u061c", "\u200b", "\u200e", "\u2028", "\u2060", "\xad", "\u034f", "\u3164", "\ufe0d", "\U000e0041", "\U000e0100"]
OBEYED = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0d\\ufeff\\uffa0\\ufff0-\\ufffb\\U000e0000-\\U000e0fff]")
NAME = "a\u202eb\033[31m.csv"
SCRIPT = "printf '\\033[2Jgone\\342\\200\\256\\n' >&2; exit 1"


def left(written):
    """What the terminal obeys, but for headings in bold, its own line ends, and the progress line."""
    text = re.sub("\033\\[(?:1m|0m|K)|\r", "", written)
    return OBEYED.findall(text)


def piped(*command):
    return subprocess.run(command, capture_output=True, check=False).stdout


rows = "".join(f"{i},x{text}y\n" for i, text in enumerate(HOSTILE))
with open("in.csv", "w", encoding="utf-8", newline="") as f:
    f.write("n,t\u202e\n" + rows + "99,plain\xe4\n")
with open(NAME, "w", encoding="utf-8") as f:
    f.write("a,b\n1\n")
for command in ("sdp-cat in.csv", "sdp-cat -f tsv in.csv", "sdp-cat -f ndjson in.csv", "sdp-cat -f table in.csv", "sdp-stats in.csv", "sdp-stats -f json in.csv",
                "sdp-stats -f csv in.csv", "sdp-fpgrowth --items-column t\u202e -s 1 in.csv"):
    code, written = on_terminal(80, *command.split(" "))
    expect(f"{command}: nothing is obeyed", code == 0 and "plain\xe4" in written and left(written) == [], f"exit {code}", left(written), written[-300:])
expect("a pipe gets the bytes as they are", piped("sdp-cat", "in.csv") == open("in.csv", "rb").read())
code, written = on_terminal(80, "sdp-cat", "in.csv")
expect("each byte is shown", r"x\x1b[31my" in written and r"x\xe2\x80\xaey" in written and r"x\xf3\xa0\x81\x81y" in written, written)
with open("crlf.csv", "wb") as f:
    f.write(b"a\r\n1\rx\r\n\xff\xe2")
code, written = on_terminal(80, "sdp-upload", "--no-validate", "-f", "csv", "crlf.csv", SDP_HOME="home")
code, written = on_terminal(80, "sdp-upload", "--get", "crlf.csv", SDP_HOME="home")
expect("a line end of two bytes stays, a carriage return alone is shown, and so is what is no character",
       code == 0 and re.sub("\r+\n", "\n", written) == "a\n1\\x0dx\n\\xff\\xe2", repr(written))
for command in (["sdp-stats", NAME], ["sdp-stats", "--columns", "t\u202e\033[31m", "in.csv"], ["sdp-stats", "--no\033[31m\u202e"], ["sdp-report", NAME]):
    code, written = on_terminal(80, *command)
    expect(f"the message of {command!r}", code in (1, 2) and left(written) == [], f"exit {code}", left(written), written)
code, written = on_terminal(80, "sdp-bench", "-w", "1", "--runs", "1", "--warmup", "0", "--", "sh", "-c", SCRIPT)
expect("sdp-bench passes nothing on that is obeyed", code == 1 and "?[2Jgone?" in written and left(written) == [], f"exit {code}", written)
end()
