"""Where the language data of text reading lies: the configured folder, beside the program, or the system's own."""

from __future__ import annotations

import sys
from pathlib import Path

from agent.errors import ConfigError

LANGUAGE = "vie"
FILE = f"{LANGUAGE}.traineddata"
LEAST_BYTES = 100_000  # a shorter file was cut off
MISSING = (
    "Chưa có dữ liệu tiếng Việt để đọc chữ ({file}), nên bản sao không có lớp chữ; mọi việc khác vẫn làm được. "
    "Cài gói tesseract-ocr-vie, hoặc chép {file} vào {folder}."
)


def find(configured: Path | None = None) -> Path:
    """The folder that holds the data; ConfigError, saying where to put it, when none does. Nothing is ever fetched."""
    folders = [configured] if configured else [own_folder(), *system_folders()]
    for folder in folders:
        if is_whole(folder / FILE):
            return folder
    raise ConfigError(MISSING.format(file=FILE, folder=folders[0]), code="config")


def own_folder() -> Path:
    """Where an installation carries the data with the program: share/postal-agent/tessdata of its environment."""
    return Path(sys.prefix) / "share" / "postal-agent" / "tessdata"


def system_folders() -> list[Path]:
    """Where the system's packages keep language data, the newest version first."""
    if sys.platform == "win32":
        drive = Path(sys.base_prefix).anchor
        return [Path(drive) / "Program Files" / "Tesseract-OCR" / "tessdata"]
    found = []
    for share in ("/usr/local/share", "/usr/share"):
        found += sorted(Path(share).glob("tesseract-ocr/*/tessdata"), reverse=True)
        found += [Path(share) / "tessdata", Path(share) / "tesseract" / "tessdata"]
    return found


def is_whole(file: Path) -> bool:
    """Whether the file is there and can be the data."""
    try:
        return file.is_file() and file.stat().st_size >= LEAST_BYTES
    except OSError:
        return False
