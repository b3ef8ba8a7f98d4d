"""Commands on a bad day: each ends with words that say what and what next, one line on stdout, nothing half done."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.domain.text import fold
from tests.builders import scanned
from tests.letter_pages import needs_data

ROOT = Path(__file__).resolve().parents[2]
CITIZEN = ("Nguyễn Thị Hường", "001188012345", "0912345678", "912345678", "912 345 678", "12 Lạc Long Quân")
SMALL = (
    "import resource, runpy, sys; size = int(sys.argv.pop(1));"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (size, size));"
    "runpy.run_module('agent', run_name='__main__', alter_sys=True)"
)


def run(*words: str, data: Path, before: list[str] | None = None) -> tuple[int, list[str], str]:
    """Exit code, lines of stdout, and stderr of one command."""
    command = [sys.executable, *(before or ["-m", "agent"]), *words, "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    return done.returncode, done.stdout.splitlines(), done.stderr


def refusal(lines: list[str]) -> dict[str, Any]:
    """The one line of a refused command."""
    (line,) = lines
    error = json.loads(line)["error"]
    assert set(error) == {"code", "message", "retryable"}
    return dict(error)


def assert_no_person(text: str) -> None:
    plain = fold(text)
    for secret in CITIZEN:
        assert secret not in text and fold(secret) not in plain, f"{secret} is told"


def torn(folder: Path) -> None:
    (folder / "trang-1.jpg").write_bytes(scanned("rách")[:20_000])


def coarse(folder: Path) -> None:
    from PIL import Image

    with Image.open(io.BytesIO(scanned("mờ"))) as image:
        image.resize((827, 1170)).save(folder / "trang-1.jpg", dpi=(100, 100))


def locked(folder: Path) -> None:
    import pikepdf

    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(folder / "giay.pdf", encryption=pikepdf.Encryption(user="bí mật", owner="bí mật"))


def text_only(folder: Path) -> None:
    (folder / "ghi-chu.txt").write_text("không phải trang", encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path, authority: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copytree(authority, folder / "demonstration-ca")
    return folder


@pytest.mark.parametrize(
    ("fill", "what", "next_step"),
    [
        (lambda _folder: None, "không có tệp nào", "Quét tài liệu vào thư mục"),
        (text_only, "Không phải trang tài liệu", "nhận JPEG, PNG, TIFF, PDF"),
        (torn, "bị cắt dở hoặc hỏng", "quét lại"),
        (coarse, "chỉ đạt 100 dpi", "Quét lại ở 300 dpi"),
        (locked, "PDF có mật khẩu", "bản không có mật khẩu"),
    ],
    ids=["empty folder", "only a text", "torn", "100 dpi", "password"],
)
def test_pages_that_cannot_be_used_end_the_demo_in_words_before_anything_is_received(
    data: Path, tmp_path: Path, fill: Callable[[Path], None], what: str, next_step: str
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    fill(pages)
    code, lines, told = run("demo", "--pages", str(pages), "--json", data=data)
    error = refusal(lines)
    assert code == 1 and error["code"] == "document"
    assert what in error["message"] and next_step in error["message"]
    assert error["message"] in told and "Traceback" not in told
    assert run("queue", "ls", "--all", "--json", data=data)[1] == ["[]"], "nothing was received"


def test_a_folder_that_another_agent_holds_is_refused_with_its_process(data: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    first = subprocess.Popen(
        [sys.executable, "-m", "agent", "serve", "--port", str(port), "--data", str(data)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        assert first.stdout
        assert json.loads(first.stdout.readline())["pid"] == first.pid
        for words in (("serve", "--port", "0"), ("demo",)):
            code, lines, told = run(*words, "--json", data=data)
            error = refusal(lines)
            assert (code, error["code"]) == (1, "store-locked")
            assert str(first.pid) in error["message"], error["message"]
            assert "Traceback" not in told
    finally:
        first.terminate()
        first.wait(20)
    assert run("queue", "ls", "--json", data=data)[0] == 0, "the folder is free again"


@pytest.mark.skipif(sys.platform == "win32", reason="only on Windows is there no RLIMIT_FSIZE")
@pytest.mark.parametrize("size", [40_000, 400_000])
def test_a_full_disk_ends_the_demo_in_words_and_the_same_folder_works_afterwards(data: Path, size: int) -> None:
    code, lines, told = run(str(size), "demo", "--json", data=data, before=["-c", SMALL])
    error = refusal(lines)
    assert (code, error["code"]) == (1, "store-full")
    assert "đầy" in error["message"] and "Traceback" not in told
    assert run("queue", "ls", "--json", data=data)[0] == 0, "the folder still opens when there is room again"


@pytest.mark.parametrize(
    ("config", "words"),
    [("[office]\nidd = 1\n", "idd"), ("oops", "agent.toml"), ("training = false\n", "training")],
)
def test_a_wrong_configuration_says_which_line_to_mend(data: Path, config: str, words: str) -> None:
    (data / "agent.toml").write_text(config, encoding="utf-8")
    code, lines, told = run("queue", "ls", "--json", data=data)
    assert code == 3 and words in refusal(lines)["message"] and "Traceback" not in told


# --- a whole demo ----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], str]:
    folder = tmp_path_factory.mktemp("whole") / "data"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("POSTAL_AGENT_OCR_ENABLED", "true")
        environment.setenv("POSTAL_AGENT_OCR_BEFORE_SIGN", "60")
        code, lines, told = run("demo", "--json", data=folder)
    assert code == 0, told
    return folder, lines, told


@needs_data
def test_the_signed_papers_of_the_demo_can_be_searched(demo: tuple[Path, list[str], str]) -> None:
    _, (line,), _ = demo
    papers = json.loads(line)["artefacts"]["signed_pdfs"]
    said = [subprocess.run(["pdftotext", paper, "-"], capture_output=True, text=True, check=True) for paper in papers]
    assert papers and all("HÀ NỘI" in one.stdout or "VIỆT NAM" in one.stdout for one in said)


def test_the_demo_says_one_line_and_its_log_names_nobody(demo: tuple[Path, list[str], str]) -> None:
    _, lines, told = demo
    (line,) = lines
    body = json.loads(line)
    assert (body["dossier"]["state"], body["handoff"]["state"]) == ("closed", "acked")
    assert_no_person(told)
    assert_no_person(line)


def test_a_stolen_copy_of_the_data_folder_shows_nobody(demo: tuple[Path, list[str], str]) -> None:
    folder, _, _ = demo
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "agent.db" for path in files) and any("vault" in path.parts for path in files)
    for path in files:
        content = path.read_bytes()
        for secret in CITIZEN:
            for form in (secret, unicodedata.normalize("NFD", secret), fold(secret), fold(secret).upper()):
                for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                    assert form.encode(encoding) not in content, f"{path.name} shows {secret}"


def test_only_the_owner_of_the_machine_may_read_the_data_folder(demo: tuple[Path, list[str], str]) -> None:
    folder, _, _ = demo
    if os.name == "nt":
        pytest.skip("only on Windows are rights kept otherwise")
    assert folder.stat().st_mode & 0o077 == 0
    keys = [path for path in folder.rglob("*") if path.is_file() and "key" in path.name]
    assert keys and all(path.stat().st_mode & 0o077 == 0 for path in keys)
