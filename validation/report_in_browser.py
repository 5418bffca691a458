"""Open a report in a headless browser and check what a reader would see.

    python -m validation.report_in_browser [REPORT.html] --screenshots FOLDER

At 1400 and 700 px width: no error on the console, no request to any host, no sideways
scrolling, every plot drawn, no label cut or covered by the legend. Prints one line a check
and exits with 1 if one fails. Needs Chromium or Chrome.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from validation.marks import Mark, finish

WIDTHS = (1400, 700)
_WANTED = {
    "window": "as wide as asked",
    "console": "no error",
    "requests": "none to any host",
    "sideways scrolling": "none",
    "plots": "all drawn",
    "buttons that upload a chart": "none",
    "labels cut": "none",
    "legend over labels": "none",
}
_TALLEST = 30000  # px of a window: plots are drawn when they come near the screen, so all are
_PICTURED = 16000  # px of a screenshot, which the browser can make
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_BROWSERS_OWN = re.compile("GL Driver Message|Canvas2D: Multiple readback|software WebGL")
"""What the browser says of its own graphics where there is no graphics card."""
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=20000",
)

# Stands before everything else in the page and hears what goes wrong.
_LISTEN = """<script>
window.checkErrors = [];
window.addEventListener("error", function (event) {
  window.checkErrors.push(String(event.message || "a resource did not load"));
}, true);
// All lies within the window, but a browser on virtual time may make no frame and so never say so.
window.IntersectionObserver = function (heard) {
  this.observe = function (part) {
    window.setTimeout(function () { heard([{target: part, isIntersecting: true}]); }, 0);
  };
  this.unobserve = function () {};
};
window.addEventListener("unhandledrejection", function (event) {
  window.checkErrors.push(String(event.reason));
});
document.addEventListener("securitypolicyviolation", function (event) {
  window.checkErrors.push("blocked by policy: " + event.blockedURI);
});
["error", "warn"].forEach(function (level) {
  var original = console[level];
  console[level] = function () {
    window.checkErrors.push(Array.prototype.join.call(arguments, " "));
    original.apply(console, arguments);
  };
});
</script>"""

# Stands at the end of the page and writes down what was drawn.
_MEASURE = """<script>
window.addEventListener("load", function () {
  window.setTimeout(function () {
    var root = document.documentElement;
    var found = {width: root.clientWidth, scrollWidth: root.scrollWidth,
      height: root.scrollHeight, errors: window.checkErrors, plots: [], wide: []};
    document.querySelectorAll("body *").forEach(function (part) {
      var box = part.getBoundingClientRect();
      if (box.right > root.clientWidth + 1 && !part.closest(".scroll, .plot"))
        found.wide.push(part.tagName + "." + part.className);
    });
    document.querySelectorAll(".plot").forEach(function (plot) {
      var frame = plot.getBoundingClientRect();
      var main = plot.querySelector("svg.main-svg");
      var record = {id: plot.id, svg: Boolean(main), traces: 0, cut: [], covered: []};
      record.traces = plot.querySelectorAll(".scatterlayer .trace, .barlayer .trace, "
        + ".heatmaplayer image, .gl-container canvas").length;
      plot.querySelectorAll("svg.main-svg text").forEach(function (text) {
        var box = text.getBoundingClientRect();
        if (!box.width || text.closest("clipPath, .hoverlayer")) return;
        if (box.left < frame.left - 1 || box.right > frame.right + 1 ||
            box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
          record.cut.push(text.textContent);
      });
      var legend = plot.querySelector("g.legend");
      if (legend) {
        if (legend.querySelector(".scrollbar") &&
            legend.querySelector(".scrollbar").getBoundingClientRect().height > 0)
          record.covered.push("the legend has to be scrolled");
        var area = legend.getBoundingClientRect();
        plot.querySelectorAll(
          ".xtick text, .ytick text, g[class*=title] text, .cartesianlayer rect.nsewdrag"
        ).forEach(function (part) {
          if (legend.contains(part)) return;
          var box = part.getBoundingClientRect();
          if (box.width && box.left < area.right - 1 && box.right > area.left + 1 &&
              box.top < area.bottom - 1 && box.bottom > area.top + 1)
            record.covered.push(part.textContent || "the drawing");
        });
      }
      record.buttons = Array.prototype.map.call(
        plot.querySelectorAll(".modebar-btn[data-title]"),
        function (button) { return button.dataset.title; });
      found.plots.push(record);
    });
    var note = document.createElement("pre");
    note.id = "browser-check";
    note.hidden = true;
    note.textContent = JSON.stringify(found);
    document.body.appendChild(note);
  }, 1500);
});
</script>"""


class Check(NamedTuple):
    """One line of the outcome."""

    passed: bool
    what: str
    figure: str


def main(arguments: list[str] | None = None) -> None:
    """Check the report named on the command line, or that of the study first-cell."""
    parser = argparse.ArgumentParser(description="Check a report in a headless browser.")
    parser.add_argument("report", type=Path, nargs="?", help="first-cell is run if not given")
    parser.add_argument("--screenshots", type=Path, help="folder for the pictures")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        finish(_checks(given.report or _first_cell(Path(folder)), given.screenshots))


def _first_cell(folder: Path) -> Path:
    command = [sys.executable, "-m", "solith", "run", "first-cell", "--out", str(folder / "run")]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "run" / "report.html"


def _checks(report: Path, pictures: Path | None) -> Iterator[Mark]:
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit(f"no browser found; looked for {', '.join(_BROWSERS)}")
    if not report.is_file() or "</body>" not in report.read_text("utf-8", "replace"):
        sys.exit(f"{report}: there is no such page; expected an HTML file")
    for width in WIDTHS:
        for passed, what, figure in check_report(browser, report, width, pictures):
            yield Mark(what, figure, _WANTED.get(what.rsplit(", ", 1)[-1], "it does"), passed)


def check_report(browser: str, report: Path, width: int, pictures: Path | None) -> list[Check]:
    """Open ``report`` in a window ``width`` px wide and check it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = folder / "page.html"
        page.write_text(_with_probe(report.read_text(encoding="utf-8")), encoding="utf-8")
        log = folder / "net.json"
        dumped = _run(
            browser, folder, page, f"--window-size={width},{_TALLEST}", "--dump-dom",
            f"--log-net-log={log}", "--enable-logging=stderr",
        )  # fmt: skip
        found = _findings(dumped.stdout)
        if found is None:
            return [Check(False, f"{width} px, the page loads", "nothing came back")]
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
            height = min(int(found["height"]) + 20, _PICTURED)
            picture = (pictures / f"{report.stem}_{width}.png").resolve()
            _run(
                browser, folder, report.resolve(), f"--window-size={width},{height}",
                f"--screenshot={picture}",
            )  # fmt: skip
        console = [
            line
            for line in re.findall(r"CONSOLE.*?\] (.*)", dumped.stderr)
            if not _BROWSERS_OWN.search(line)
        ]
        return _judge(found, width, console, _requests(log))


def _judge(found: dict[str, Any], width: int, console: list[str], asked: list[str]) -> list[Check]:
    plots = found["plots"]
    errors = [*found["errors"], *console]
    drawn = [plot for plot in plots if plot["svg"] and plot["traces"] > 0]
    cut = [f"{plot['id']} {text!r}" for plot in plots for text in plot["cut"]]
    covered = [f"{plot['id']} {text!r}" for plot in plots for text in plot["covered"]]
    sharing = {text for plot in plots for text in plot["buttons"] if "hare" in text}
    sideways = found["scrollWidth"] <= found["width"] and not found["wide"]
    wide = f", too wide: {', '.join(found['wide'][:5])}" if found["wide"] else ""
    return [
        Check(found["width"] == width, f"{width} px, window", f"{found['width']} px wide"),
        Check(not errors, f"{width} px, console", "; ".join(errors) or "no error"),
        Check(not asked, f"{width} px, requests", "; ".join(asked) or "none to any host"),
        Check(
            sideways,
            f"{width} px, sideways scrolling",
            f"content {found['scrollWidth']} px in {found['width']} px{wide}",
        ),
        Check(
            bool(plots) and len(drawn) == len(plots),
            f"{width} px, plots",
            f"{len(drawn)} of {len(plots)} drawn",
        ),
        Check(
            not sharing,
            f"{width} px, buttons that upload a chart",
            "; ".join(sorted(sharing)) or "none",
        ),
        Check(not cut, f"{width} px, labels cut", "; ".join(cut) or "none"),
        Check(not covered, f"{width} px, legend over labels", "; ".join(covered) or "none"),
    ]


def _with_probe(page: str) -> str:
    # The policy would be just as strict without a request; the probe itself is inline.
    start = page.index("<head>") + len("<head>")
    end = page.rindex("</body>")
    return page[:start] + _LISTEN + page[start:end] + _MEASURE + page[end:]


def _run(browser: str, folder: Path, page: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    profile = tempfile.mkdtemp(dir=folder)
    return subprocess.run(
        [browser, *_FLAGS, f"--user-data-dir={profile}", *flags, page.as_uri()],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=240,
        check=False,
    )


def _findings(dom: str) -> dict[str, Any] | None:
    written = re.findall(r'<pre id="browser-check" hidden="">(.*?)</pre>', dom, re.DOTALL)
    if not written:
        return None
    found: dict[str, Any] = json.loads(html.unescape(written[-1]))
    return found


def _requests(log: Path) -> list[str]:
    """Addresses that the page asked any host for.

    The browser's own errands (its clock, its updates) have no page as their origin.
    """
    if not log.is_file():
        return ["the browser wrote no log of its requests"]
    asked = set()
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        origin = re.search(r'"initiator":"([^"]*)"', line)
        address = re.search(r'"url":"((?:https?|wss?)://[^"]*)"', line)
        if origin and address and origin.group(1) != "not an origin":
            asked.add(address.group(1))
    return sorted(asked)


if __name__ == "__main__":
    main()
