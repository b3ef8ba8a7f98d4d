"""How many hard camera frames the app's decoder reads, and how fast: in Chromium, with the app's files and options."""

from __future__ import annotations

import base64
import functools
import http.server
import os
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]

from figures import Figure, at_most, load, middle, percentile, table  # noqa: E402

from tests.bench.hard_frames import KINDS, HardFrame, hard_frames  # noqa: E402

STATIC = ROOT / "agent" / "web" / "static"
ENOUGH, LIMIT_MS = 38, 40.0
WARM = 15  # looks before it counts
READ_ALL = """async (frames) => {
  const { decoder } = await import("/courier-app/scan/decoder.js");
  const reads = await decoder();
  const bitmap = async (jpeg) => createImageBitmap(await (await fetch("data:image/jpeg;base64," + jpeg)).blob());
  for (let n = 0; n < 3 * reads.looks; n++) await reads.read(await bitmap(frames[n % 3].jpeg), n % reads.looks);
  const rows = [];
  for (const { jpeg, text } of frames) {
    const picture = await bitmap(jpeg), row = [];
    for (let look = 0; look < reads.looks; look++) {
      const began = performance.now(), found = await reads.read(picture, look);
      row.push({ ms: performance.now() - began, found: found.map((code) => code.text) });
      if (found.some((code) => code.text === text)) break;
    }
    rows.push(row);
  }
  return rows;
}"""


@contextmanager
def page_of_the_app() -> Iterator[Any]:
    """A page in Chromium on which the app's files can be imported."""
    from playwright.sync_api import sync_playwright

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(STATIC)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{server.server_address[1]}/icon.svg")
            yield page
            browser.close()
    finally:
        server.shutdown()


def measure() -> list[Figure]:
    """Every figure of this bench; a frame is looked at until it is read or all looks were tried."""
    if not (STATIC / "vendor" / "zxing-wasm" / "reader.js").exists():
        return [Figure("hard frames decoded", "skipped", note="zxing-wasm is not installed: npm ci")]
    frames = list(hard_frames())
    sent = [{"jpeg": base64.b64encode(one.jpeg).decode(), "text": one.text} for one in frames]
    with page_of_the_app() as page:
        before = decoder_seconds()
        rows = page.evaluate(READ_ALL, sent)
        spent = decoder_seconds() - before
    return figures(frames, rows, spent)


def decoder_seconds() -> float:
    """Processor time of all browsers' worker threads on this machine so far (Linux); a quiet one has ours alone."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/task/[0-9]*/stat"):
        try:
            name, fields = path.read_text().partition("(")[2].rsplit(")", 1)
        except (OSError, ValueError):
            continue
        total += sum(map(int, fields.split()[11:13])) if name == "DedicatedWorker" else 0
    return total / os.sysconf("SC_CLK_TCK")


def figures(frames: list[HardFrame], rows: list[list[dict[str, Any]]], spent: float) -> list[Figure]:
    """What the rows say: looks of each frame with their milliseconds and texts."""
    pairs = list(zip(frames, rows, strict=True))
    read = {one.name for one, row in pairs if one.text in row[-1]["found"]}
    first = sum(one.text in row[0]["found"] for one, row in pairs)
    wrong = sum(text not in one.texts for one, row in pairs for look in row for text in look["found"])
    kinds = ", ".join(f"{kind} {sum(name.startswith(kind) for name in read)}/15" for kind in KINDS)
    missed = ", ".join(one.name for one in frames if one.name not in read)
    looks = [look["ms"] for row in rows for look in row]
    whole = [sum(look["ms"] for look in row) for row in rows]
    each = 1000 * spent / (len(looks) + WARM)
    return [
        Figure("hard frames decoded, of 60", str(len(read)), f">= {ENOUGH}", len(read) >= ENOUGH, kinds),
        Figure("of them at the first look", str(first), note=f"missed: {missed}"),
        Figure("codes read wrongly", str(wrong), "= 0", wrong == 0),
        at_most("a frame until it is read or given up, median", middle(whole), LIMIT_MS, "ms",
                f"p95 {percentile(whole, 0.95):.0f} ms; one look {statistics.median(looks):.1f} ms"),
        at_most("a look in the decoder's thread, processor time, mean", each, LIMIT_MS, "ms", f"{len(looks)} looks"),
    ]  # fmt: skip


def main() -> int:
    """Print the table; 1 when a figure misses its limit."""
    found = measure()
    print(table(found))
    print(f"\nload {load()}")
    return int(any(figure.holds is False for figure in found))


if __name__ == "__main__":
    sys.exit(main())
