"""sdp-report's HTML in headless Chromium, driven by its DevTools protocol over a pipe: nothing asked from a network, all charts drawn, light and dark,
on a desk and on a phone, and no script of a document's names run.  Pictures are left in build/report-*.png to look at."""
import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "judges"))
import judge  # pylint: disable=wrong-import-position

CHROMIUM = shutil.which("chromium")
if not CHROMIUM:
    judge.check("chromium is installed", ["it is not: apt-get install chromium"])
    judge.end()


class Browser:
    """Messages are JSON, each ended by a NUL, read by Chromium from descriptor 3 and written to 4."""

    def __init__(self, folder):
        to, self.out = os.pipe()
        self.back, back = os.pipe()

        def place():
            # Out of the way first, so that neither lands on the other.
            a, b = os.dup(to), os.dup(back)
            high = [os.dup2(a, 100), os.dup2(b, 101)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        options = ["--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe", "--user-data-dir=" + folder]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        self.process = subprocess.Popen([CHROMIUM, *options, "about:blank"], close_fds=False, preexec_fn=place,  # pylint: disable=all
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to)
        os.close(back)
        self.rest, self.number, self.events, self.session = b"", 0, [], None

    def read(self):
        while b"\0" not in self.rest:
            more = os.read(self.back, 1 << 16)
            if not more:
                raise RuntimeError("chromium has ended")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            got = self.read()
            if got.get("id") == self.number:
                if "error" in got:
                    raise RuntimeError(f"{method}: {got['error']}")
                return got["result"]
            self.events.append(got)

    def wait(self, method):
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self.read())

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def attach(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in "Page", "Network", "Runtime", "Log":
            self.call(domain + ".enable")

    def value(self, expression):
        got = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in got:
            raise RuntimeError(f"{expression}: {got['exceptionDetails']}")
        return got["result"]["value"]

    def show(self, path, width, height, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events = []
        self.call("Page.navigate", url="file://" + path)
        self.wait("Page.loadEventFired")
        self.call("Runtime.evaluate", expression="new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))", awaitPromise=True)

    def picture(self, name):
        # As high as the page, so that all of it is seen.
        high = self.value("document.documentElement.scrollHeight")
        wide = self.value("innerWidth")
        clip = {"x": 0, "y": 0, "width": wide, "height": min(high, 8000), "scale": 1}
        data = base64.b64decode(self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"])
        with open(name, "wb") as f:
            f.write(data)


# The colours of a chart's corner and of its darkest and lightest points, as Chromium paints it in the page.
PAINTED = """(async () => {
    const image = document.images[0], canvas = document.createElement('canvas');
    const shades = [];
    canvas.width = 480; canvas.height = 300;
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0, 480, 300);
    const data = context.getImageData(0, 0, 480, 300).data;
    for (let i = 0; i < data.length; i += 4) shades.push((data[i] + data[i + 1] + data[i + 2]) / 3);
    return [shades[0], Math.min(...shades.slice(0, 60000)), Math.max(...shades.slice(0, 60000))];
})()"""


def luminance(colour):
    parts = [int(c) / 255 for c in colour[4:-1].split(",")]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def look(browser, path, width, height, scheme, charts):
    problems = []
    browser.show(path, width, height, scheme)
    asked = [e["params"]["request"]["url"] for e in browser.events if e.get("method") == "Network.requestWillBeSent"]
    problems += ["asked for " + url[:80] for url in asked if not url.startswith(("file://" + path, "data:image/svg+xml"))]
    for e in browser.events:
        if e.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Page.javascriptDialogOpening"):
            problems.append(str(e["params"])[:300])
    sizes = browser.value("[...document.images].map(i => [i.complete && i.naturalWidth, i.getBoundingClientRect().width, i.getBoundingClientRect().right])")
    if len(sizes) != charts or not all(natural and 200 < shown and right <= width for natural, shown, right in sizes):
        problems.append(f"charts: {sizes}")
    if browser.value("document.documentElement.scrollWidth") > width:
        problems.append("the page is wider than the window")
    if browser.value("typeof pwned") != "undefined" or browser.value("document.scripts.length"):
        problems.append("a script")
    if float(browser.value("getComputedStyle(document.body).fontSize")[:-2]) < 16:
        problems.append("small letters")
    ink, paper = (browser.value(f"getComputedStyle(document.body).{c}") for c in ("color", "backgroundColor"))
    if contrast(ink, paper) < 7 or (luminance(paper) < 0.1) != (scheme == "dark"):
        problems.append(f"{ink} on {paper}")
    corner, least, most = browser.value(PAINTED)
    if abs(corner - sum(map(int, paper[4:-1].split(","))) / 3) > 2 or most - least < 150:
        problems.append(f"the chart's colours: {corner}, {least} to {most}, on {paper}")
    return problems


@contextlib.contextmanager
def scratch():
    """A folder that is removed even while Chromium's helpers, which outlive it by a moment, still write to it."""
    name = tempfile.mkdtemp()
    try:
        yield name
    finally:
        end = time.monotonic() + 60
        while os.path.exists(name) and time.monotonic() < end:
            shutil.rmtree(name, ignore_errors=True)
            time.sleep(0.05)


hostile = judge.path("tests", "cli", "sdp-report", "names", "names.json")
before, after = (judge.path("tests", "data", "report", name + ".json") for name in ("before", "after"))
pages = {"a report": ([before], 4), "two": ([before, after], 10), "compared": (["--compare", before, after], 2), "hostile names": ([hostile], 3)}
with scratch() as folder:
    browser = Browser(os.path.join(folder, "profile"))
    try:
        browser.attach()
        for name, (arguments, charts) in pages.items():
            path = os.path.join(folder, name.replace(" ", "-") + ".html")
            judge.run("sdp-report", "-o", path, *arguments)
            for screen, width, height in (("desk", 1280, 800), ("phone", 360, 740)):
                for scheme in "light", "dark":
                    judge.check(f"{name}, {screen}, {scheme}", look(browser, path, width, height, scheme, charts))
                    browser.picture(judge.path("build", f"report-{name.replace(' ', '-')}-{screen}-{scheme}.png"))
        # The judge finds what it looks for.
        bad = os.path.join(folder, "bad.html")
        with open(bad, "w", encoding="utf-8") as f:
            f.write('<meta name=viewport content="width=device-width"><body style="background:#fff;color:#888"><p style="width:2000px">x'
                    '<img src="data:image/svg+xml,<svg xmlns=\'http://www.w3.org/2000/svg\' width=\'9\' height=\'9\'/>">'
                    '<img src="http://127.0.0.1:9/x.png"><script>pwned=1</script>')
        found = look(browser, bad, 360, 740, "dark", 1)
        wanted = ("asked for http://127.0.0.1:9/", "charts", "wider", "a script", "rgb(136", "colours")
        judge.check("faults are found", [f"not: {w}" for w in wanted if not any(w in f for f in found)])
    finally:
        browser.end()
judge.end()
