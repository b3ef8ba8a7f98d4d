"""Copy the browser files that the screens load from the npm packages into the web package's vendor folder."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = {
    "lean-qr/index.mjs": "lean-qr/lean-qr.js",
    "lean-qr/LICENSE": "lean-qr/LICENSE.txt",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "zxing-wasm/dist/iife/reader/index.js": "zxing-wasm/reader.js",
    "zxing-wasm/dist/reader/zxing_reader.wasm": "zxing-wasm/zxing_reader.wasm",
    "zxing-wasm/LICENSE": "zxing-wasm/LICENSE.txt",
}


def main() -> int:
    """Copy what changed; 1 when a file is missing."""
    target = ROOT / "agent" / "web" / "static" / "vendor"
    missing = 0
    for source, name in FILES.items():
        origin, copy = ROOT / "node_modules" / source, target / name
        if not origin.exists():
            sys.stderr.write(f"vendor: {source} is not installed; the screens go without it\n")
            missing += 1
            continue
        if not copy.exists() or copy.read_bytes() != origin.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(origin, copy)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
