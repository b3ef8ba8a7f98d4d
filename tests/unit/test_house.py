"""The rules that keep the code a pleasure to change, held by a test."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(p for top in ("agent", "labels", "tools") for p in (ROOT / top).rglob("*.py"))
LONGEST = 350
BINARY = {
    ".png",
    ".jpg",
    ".jpeg",
    ".ico",
    ".ttf",
    ".otf",
    ".woff",
    ".woff2",
    ".pdf",
    ".tif",
    ".tiff",
    ".gz",
    ".zip",
    ".p12",
}
SPEAKS = ("agent/cli/", "agent/__main__.py", "agent/processes.py")  # the last announces that it is ready
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")
# Hosts of package registries and mirrors, and folders that exist on one machine only. This file is not searched.
PLACES = re.compile(
    r"py"
    r"pi\.(?:org|python)|python"
    r"hosted|npm"
    r"js\.(?:org|com)/|deb\.deb"
    r"ian\.org|registry\.n"
    r"pm|"
    r"/(?:artifactory|simple)/|"
    r"(?<![\w.])/(?:work|root|opt|home/[a-z]+|Users|mnt)/[\w.-]"
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tracked() -> list[Path]:
    """Files under version control; all of the project's when this is no checkout."""
    try:
        listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"version control cannot be asked here: {error}")
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def sentences(docstring: str) -> int:
    """How many sentences the first paragraph has: a full stop, then a capital letter."""
    first = docstring.strip().split("\n\n")[0].replace("\n", " ")
    return 1 + len(re.findall(r"[.!] (?=[A-ZĐÀ-Ỹ])", first))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_says_in_one_sentence_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, f"{name_of(path)} does not say what it is for"
    assert sentences(docstring) == 1, f"{name_of(path)} needs {sentences(docstring)} sentences: make it two modules"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_fits_a_reader(path: Path) -> None:
    if "/migrations/m" in name_of(path):
        return  # a frozen schema is as long as the schema
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines < LONGEST, f"{name_of(path)} has {lines} lines; split it by what it is for"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_the_command_line_prints(path: Path) -> None:
    if name_of(path).startswith(SPEAKS):
        return
    calls = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
    printing = [n.lineno for n in calls if isinstance(n.func, ast.Name) and n.func.id in ("print", "breakpoint")]
    assert printing == [], f"{name_of(path)} prints at line {printing}"


def test_nothing_unfinished_and_no_place_of_one_machine_is_committed() -> None:
    found = []
    for path in tracked():
        if path.suffix.lower() in BINARY or path == Path(__file__).resolve():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, words in ((UNFINISHED, "unfinished"), (PLACES, "a place that others do not have")):
                if hit := pattern.search(line):
                    found.append(f"{name_of(path)}:{number}: {words}: {hit.group()}")
    assert found == []


SAMPLES = [
    "# TO-DO later".replace("-", ""),
    "url = 'https://py-pi.org/x'".replace("-", ""),
    "open('/opt/x')",
    "/home/an/x",
]


@pytest.mark.parametrize("line", SAMPLES)
def test_the_net_catches_what_it_is_for(line: str) -> None:
    assert UNFINISHED.search(line) or PLACES.search(line)
