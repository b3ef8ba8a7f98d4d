"""The queue told in words and figures: on the command line, and on the pages of those who steer it and wait for it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from agent import cli
from agent.domain.jobs import JobState
from agent.store import outbox
from agent.store.outbox import Job
from agent.store.province_line import line_of, write_line
from agent.tracking.sending import line_outlooks, outlooks
from agent.web.line_words import line_words, outlook_words
from tests.flow.counter import Counter
from tests.flow.outage import stack_up


class Mine:
    """A program whose site is the test's own."""

    def __init__(self, desk: Counter) -> None:
        self._desk = desk

    def site(self, settings: Any = None) -> Any:
        return self._desk.site

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk.program, name)


@pytest.fixture
def queue(desk: Counter, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a `queue` command: its exit code and the JSON that it says."""

    def run(*words: str) -> tuple[int, Any]:
        args = cli.parse(["queue", *words, "--json", "--data", str(desk.site.settings.data)])
        code = cli.run(args, Mine(desk))
        return code, json.loads(capsys.readouterr().out)

    return run


def line(desk: Counter, **values: Any) -> None:
    at = desk.clock.now()
    told = {"office_id": "BC-TAYHO", "endpoint": "x", "state": "closed", "since": at, "paused": {}, "changed_at": at}
    write_line("T1", **{**told, "bytes_per_second": 1_000, "small_seconds": 0.5, "measured_at": at, **values})


def waiting(desk: Counter, count: int) -> list[Job]:
    made = [desk.receive() for _ in range(count)]
    with desk.site.store.writing():
        Job.update(state=JobState.ACKED).where(Job.kind == "allocate").execute()
    return stack_up(desk.site, made, most_bytes=200_000, days=0)


def test_each_message_is_listed_with_how_long_it_takes(desk: Counter, queue: Any) -> None:
    first, second = waiting(desk, 2)
    line(desk)
    code, told = queue("ls", "--state", "ready")
    assert code == 0
    seen = {one["key"]: one for one in told}
    assert seen[first.key]["eta_seconds"] == pytest.approx(first.file_bytes / 1_000, abs=1.5)
    assert seen[second.key]["eta_seconds"] == pytest.approx((first.file_bytes + second.file_bytes) / 1_000, abs=1.5)
    assert seen[first.key]["words"] == "chờ gửi" and not seen[first.key]["offline"]
    code, (one,) = queue("ls", "--line")
    assert (code, one["state"], one["waiting"]) == (0, "closed", 2)
    assert one["bytes_left"] == first.file_bytes + second.file_bytes


def test_a_message_is_held_with_a_reason_and_let_go_and_the_line_is_tried(desk: Counter, queue: Any) -> None:
    (job,) = waiting(desk, 1)
    line(desk, state="open")
    code, refused = queue("hold", job.key, "--reason", " ")
    assert code == 1 and job.key in refused["error"]["message"] and outbox.show(job.key).state is JobState.READY
    assert queue("hold", job.key, "--reason", "chờ tỉnh trả lời")[1]["words"] == "đang giữ lại"
    code, told = queue("release", job.key)
    assert (code, told["state"], told["offline"]) == (0, "ready", True)
    with desk.site.store.reading():
        kept = line_of("T1")
    assert kept is not None and kept.nudged_at == desk.clock.now()
    assert queue("release", job.key)[0] == 1 and queue("show", "T1-KHONG-CO/S1")[0] == 1
    assert queue("ls", "--limit", "0")[0] == 1


def test_the_pages_say_what_stands_in_the_way(desk: Counter) -> None:
    (job,) = waiting(desk, 1)
    at = desk.clock.now()

    def told() -> tuple[str, str]:
        with desk.site.store.reading():
            (seen,) = line_outlooks(desk.site, "BC-TAYHO")
            return outlook_words(outlooks(desk.site, [job])[job.id]), " ".join(line_words(seen))

    line(desk, bytes_per_second=0)
    assert "Chưa đo được tốc độ" in told()[0] and "chưa đo được tốc độ" in told()[1]
    line(desk)
    assert "khoảng" in told()[0] and "đang thông" in told()[1]
    line(desk, state="open", next_try=at + timedelta(minutes=5))
    assert "sau khi có mạng" in told()[0] and "mất kết nối" in told()[1]
    line(desk, paused={"SubmitDossier": {"words": "Trả lời sai hợp đồng ở “receipt”.", "until": ""}})
    assert told()[0] == "Trả lời sai hợp đồng ở “receipt”."
