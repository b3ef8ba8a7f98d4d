"""Messages to citizens: stage and office only, once each, in decent hours, with three outcomes told apart."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from agent.citizen.custody_news import CustodyNews
from agent.cli.checkup_peers import CHECKS
from agent.clock import LOCAL
from agent.domain.citizen_news import News
from agent.domain.jobs import JobState
from agent.domain.notices import NoticeKind, words
from agent.errors import ConfigError, RuleViolation
from agent.jobs.notify import notice_worker
from agent.messages.file import ConsoleNotifier, FileNotifier
from agent.messages.http import HttpNotifier
from agent.ports import StatusChange
from agent.ports_notices import Notice, NoticeResult
from agent.settings_citizen import Notices
from agent.store import outbox
from agent.store.citizen import Switch, keep_wish, turn
from agent.store.citizen_tasks import open_tasks
from agent.store.dossiers import Contact, Dossier, Subject
from agent.store.erasure import erase_rows
from agent.store.notices import notices_of, queue_notice, why_not
from agent.store.outbox import Job, Payload
from agent.tracking.deliver import deliver
from agent.tracking.follow import _apply
from tests.e2e import rounds
from tests.flow.counter import PROOF

MORNING = datetime(2026, 12, 1, 9, 0, tzinfo=LOCAL).astimezone(UTC)
NOTICE = Notice("0193-key", "+84912345678", 'Kết quả "hồ sơ" & thư\n', "ready", "BC-TAYHO")


@dataclass
class Gateway:
    """A gateway on this machine: answers as it is told, keeps what it was sent and what it has really sent on."""

    url: str = ""
    answers: list[Any] = field(default_factory=list)  # (status, body[, headers]), "cut", "cut-after"
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    keys: dict[str, bytes] = field(default_factory=dict)


@contextmanager
def serving_gateway() -> Iterator[Gateway]:
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            gateway.asked.append((self.path, dict(self.headers), body))
            answer = gateway.answers.pop(0) if gateway.answers else (200, b"{}")
            if answer == "cut":
                self.close_connection = True
                self.connection.close()
                return
            gateway.keys.setdefault(self.headers.get("Idempotency-Key", str(len(gateway.keys))), body)
            if answer == "cut-after":
                self.connection.close()
                return
            self.answer(*answer)

        def do_GET(self) -> None:
            gateway.asked.append((self.path, dict(self.headers), b""))
            known = self.path.rpartition("/")[2] in gateway.keys
            self.answer(200 if known else 404, b"{}")

        def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    gateway.url = f"http://127.0.0.1:{server.server_address[1]}/send"
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with serving_gateway() as made:
        yield made


@pytest.fixture
def at(tmp_path):
    made = rounds.station(tmp_path)
    made.site.clock.at = MORNING
    yield made
    made.site.store.close()


def by_channel(at, asked: Notices, notifier: Any) -> Any:
    return replace(at.site, settings=at.site.settings.with_(notices=asked), notifier=lambda: notifier)


def by_http(at, gateway: Gateway, **asked: Any) -> Any:
    told = Notices(channel="http", url=gateway.url, **asked)
    return by_channel(at, told, HttpNotifier(told, training=True))


def queued(site, dossier: Dossier, kind: NoticeKind = NoticeKind.READY, **about: Any) -> Job:
    with site.store.writing():
        job = queue_notice(dossier, kind, settings=site.settings, at=site.clock.now(), ids=site.ids, **about)
    assert job is not None
    return job


def state_of(site, job: Job) -> JobState:
    with site.store.reading():
        return outbox.show(job.key).state


# --- words -----------------------------------------------------------------------------------
def test_every_kind_says_stage_and_office_and_the_link_alone():
    for kind in NoticeKind:
        code = "482913" if kind is NoticeKind.CODE else ""
        said = words(kind, office="Bưu cục Tây Hồ", link="https://x.vn/t/abc", day=date(2026, 12, 4), code=code)
        assert said.endswith("https://x.vn/t/abc") is (kind is not NoticeKind.CODE)
        assert "{" not in said and len(said) <= 160
        plain = words(kind, office="Bưu cục Tây Hồ", link="https://x.vn", day=None, code=code, accents=False)
        assert plain.isascii()


def test_a_code_goes_with_its_own_message_alone():
    with pytest.raises(RuleViolation):
        words(NoticeKind.READY, office="A", link="b", code="123456")
    with pytest.raises(RuleViolation):
        words(NoticeKind.CODE, office="A", link="b")


# --- who is told -----------------------------------------------------------------------------
def test_a_received_dossier_is_told_once_and_nothing_personal_is_in_the_message(at, gateway):
    site = by_http(at, gateway)
    dossier = rounds.received(replace(at, site=site))
    assert notice_worker(site).run_once() == 1
    body = json.loads(gateway.asked[0][2])
    assert body["to"] == "+84912345678" and body["reference"] == gateway.asked[0][1]["Idempotency-Key"]
    assert f"/t/{dossier.public_token}" in body["text"] and "Bưu cục Tây Hồ" in body["text"]
    person = Subject.select().where(Subject.name == "Nguyễn Thị Hường").first()
    for secret in (person.name, "Hường", person.id_number, person.address, dossier.provisional,
                   dossier.procedure_name, dossier.procedure_code):  # fmt: skip
        assert secret not in body["text"]
    assert notice_worker(site).run_once() == 0 and len(gateway.asked) == 1


def test_nobody_is_written_to_who_declined_or_where_the_office_is_off_or_no_phone_is_known(at, gateway):
    site, dossier = by_http(at, gateway), rounds.received(at)
    asking = lambda: why_not(dossier, NoticeKind.READY, site.settings)  # noqa: E731
    assert asking() == ""
    with site.store.writing():
        turn(dossier.office_id, Switch.NOTICES, False, by="minh", at=site.clock.now())
    assert "đang tắt" in asking()
    with site.store.writing():
        turn(dossier.office_id, Switch.NOTICES, True, by="minh", at=site.clock.now())
        keep_wish(dossier, False, by="lananh", at=site.clock.now())
    assert "không muốn" in asking()
    with site.store.writing():
        keep_wish(dossier, True, by="lananh", at=site.clock.now())
        Contact.update(phone="").execute()
        Subject.update(phone="").execute()
    assert "không có số điện thoại" in asking()
    opt_in = site.settings.with_(notices=replace(site.settings.notices, opt_in=True))
    assert "Chưa hỏi" in why_not(rounds.received(at, 1), NoticeKind.READY, opt_in)
    assert "chưa đặt kênh" in why_not(dossier, NoticeKind.READY, at.site.settings)


def test_who_declines_after_it_was_queued_is_not_written_to(at, gateway):
    site, dossier = by_http(at, gateway), rounds.received(at)
    job = queued(site, dossier)
    with site.store.writing():
        keep_wish(dossier, False, by="lananh", at=site.clock.now())
    notice_worker(site).run_once()
    assert state_of(site, job) is JobState.REJECTED and gateway.asked == []


# --- when ------------------------------------------------------------------------------------
def test_at_night_a_message_waits_for_seven_and_a_code_does_not(at, gateway):
    at.site.clock.at = datetime(2026, 12, 1, 21, 30, tzinfo=LOCAL).astimezone(UTC)
    site, dossier = by_http(at, gateway), rounds.received(at)
    job, code = queued(site, dossier), queued(site, dossier, NoticeKind.CODE, code="482913", once="1")
    assert notice_worker(site).run_once() == 1
    assert (state_of(site, job), state_of(site, code)) == (JobState.READY, JobState.ACKED)
    assert "482913" in json.loads(gateway.asked[0][2])["text"]
    site.clock.at = datetime(2026, 12, 2, 6, 59, tzinfo=LOCAL).astimezone(UTC)
    assert notice_worker(site).run_once() == 0
    site.clock.at = datetime(2026, 12, 2, 7, 0, tzinfo=LOCAL).astimezone(UTC)
    assert notice_worker(site).run_once() == 1 and state_of(site, job) is JobState.ACKED


def test_a_retry_that_falls_into_the_night_waits_for_the_morning(at, gateway):
    site, dossier = by_http(at, gateway), rounds.received(at)
    job = queued(site, dossier)
    site.clock.at = datetime(2026, 12, 1, 23, 0, tzinfo=LOCAL).astimezone(UTC)
    notice_worker(site).run_once()
    assert gateway.asked == []
    assert outbox.show(job.key).not_before.astimezone(LOCAL).isoformat() == "2026-12-02T07:00:00+07:00"


def test_what_could_not_go_for_two_days_is_given_up_and_left_to_the_desk(at, gateway):
    site, dossier = by_http(at, gateway), rounds.received(at)
    job = queued(site, dossier)
    gateway.answers = [(503, b"")]
    notice_worker(site).run_once()
    assert state_of(site, job) is JobState.READY
    site.clock.forward(days=2, minutes=1)
    notice_worker(site).run_once()
    assert state_of(site, job) is JobState.REJECTED and len(gateway.asked) == 1
    assert "quá hạn" in outbox.show(job.key).error


# --- outcomes --------------------------------------------------------------------------------
def test_a_cut_line_is_asked_about_and_never_makes_a_second_message(at, gateway):
    site = by_http(at, gateway, status_url=gateway.url.replace("send", "status/{key}"))
    job = queued(site, rounds.received(at))
    gateway.answers = ["cut-after"]
    notice_worker(site).run_once()
    assert state_of(site, job) is JobState.UNKNOWN
    site.clock.forward(hours=1)
    notice_worker(site).run_once()
    assert state_of(site, job) is JobState.ACKED
    assert [path for path, *_ in gateway.asked] == ["/send", f"/status/{job.uid}"] and len(gateway.keys) == 1


def test_a_message_that_never_came_is_sent_again_under_the_same_key(at, gateway):
    site = by_http(at, gateway, status_url=gateway.url.replace("send", "status/{key}"))
    job = queued(site, rounds.received(at))
    gateway.answers = ["cut"]
    notice_worker(site).run_once()
    site.clock.forward(hours=1)
    notice_worker(site).run_once()
    assert state_of(site, job) is JobState.ACKED
    sent = [(headers["Idempotency-Key"], body) for path, headers, body in gateway.asked if path == "/send"]
    assert len(sent) == 2 and len(set(sent)) == 1


def test_where_the_gateway_keeps_keys_the_same_bytes_go_again(at, gateway):
    site = by_http(at, gateway, idempotent=True)
    job = queued(site, rounds.received(at))
    gateway.answers = ["cut-after"]
    for _ in range(2):
        notice_worker(site).run_once()
        site.clock.forward(hours=1)
    assert state_of(site, job) is JobState.ACKED and len(gateway.asked) == 2 and len(gateway.keys) == 1


def test_where_nobody_can_be_asked_a_person_decides(at, gateway):
    site = by_http(at, gateway)
    job = queued(site, rounds.received(at))
    gateway.answers = ["cut-after"]
    notice_worker(site).run_once()
    site.clock.forward(hours=1)
    notice_worker(site).run_once()
    assert state_of(site, job) is JobState.NEEDS_CLERK and len(gateway.asked) == 1


def test_a_gateway_that_is_away_or_busy_is_tried_later_and_one_that_refuses_is_not(at, gateway):
    site = by_http(at, gateway)
    job = queued(site, rounds.received(at))
    gateway.answers = [(429, b"", {"Retry-After": "120"}), (401, b""), (400, b"")]
    for expected in (JobState.READY, JobState.READY, JobState.REJECTED):
        notice_worker(site).run_once()
        assert state_of(site, job) is expected
        site.clock.forward(minutes=40)
    nowhere = Notices(channel="http", url="http://127.0.0.1:9/send")
    gone = by_channel(at, nowhere, HttpNotifier(nowhere, training=True))
    other = queued(gone, rounds.received(at, 1))
    notice_worker(gone).run_once()
    assert state_of(gone, other) is JobState.READY and "Không nối được" in outbox.show(other.key).error


def test_a_field_of_the_answer_can_say_what_became_of_it(at, gateway):
    site = by_http(at, gateway, outcome="data.status", sent=("0",), refused=("13",), reference="data.id")
    states, dossiers = [], [rounds.received(at, n) for n in range(3)]
    gateway.answers = [(200, b'{"data": {"status": 0, "id": "G7"}}'), (200, b'{"data": {"status": 13}}'), (200, b"ok")]
    for dossier in dossiers:
        job = queued(site, dossier)
        notice_worker(site).run_once()
        states.append(state_of(site, job))
    assert states == [JobState.ACKED, JobState.REJECTED, JobState.UNKNOWN]
    assert outbox.find(f"{dossiers[0].provisional}/T/ready").result == {"reference": "G7"}


def test_words_and_number_are_gone_once_the_message_is(at, gateway):
    site, dossier = by_http(at, gateway), rounds.received(at)
    job = queued(site, dossier)
    assert Payload.get_or_none(Payload.job == job.id) is not None
    notice_worker(site).run_once()
    assert Payload.get_or_none(Payload.job == job.id) is None
    assert [(one.kind, one.state) for one in notices_of(dossier)] == [(NoticeKind.READY, JobState.ACKED)]


def test_an_erased_citizen_is_not_written_to(at, gateway):
    site, dossier = by_http(at, gateway), rounds.received(at)
    job = queued(site, dossier)
    with site.store.writing():
        erase_rows(dossier, at=site.clock.now())
    notice_worker(site).run_once()
    assert state_of(site, job) is JobState.REJECTED and gateway.asked == []


# --- the desk's tasks ------------------------------------------------------------------------
def _said(site, dossier: Dossier, status: int, version: int) -> None:
    change = StatusChange(version, dossier.official or "", version, status, site.clock.now(), "UBND", "A", "")
    with site.store.writing():
        _apply(site, Dossier.get_by_id(dossier.id), change)


def test_a_task_of_the_desk_is_done_by_the_message_that_has_gone_and_stays_where_none_goes(at, gateway):
    site = by_http(at, gateway)
    for there in (site, at.site):
        dossier = rounds.with_result(at)
        with there.store.writing():
            Dossier.update(state="handed_off", province_status=2, province_version=1).where(
                Dossier.id == dossier.id
            ).execute()
        _said(there, dossier, 5, 2)
        assert [task.kind for task in open_tasks(dossier)] == [News.SUPPLEMENT]
        while notice_worker(there).run_once():
            pass
        assert [task.kind for task in open_tasks(dossier)] == ([] if there is site else [News.SUPPLEMENT])
    assert "cần thêm giấy tờ" in json.loads(gateway.asked[-1][2])["text"]


def test_the_citizen_hears_once_that_the_item_is_out_and_once_that_it_was_delivered(at, gateway):
    site = by_http(at, gateway)
    news, item = CustodyNews(), rounds.out(at)
    dossier = Dossier.get_by_id(item.dossier_id)

    def told() -> list[NoticeKind]:
        news.step(site)
        CustodyNews().step(site)  # another process, or this one after a restart
        return [one.kind for one in reversed(notices_of(dossier))]

    assert told() == [NoticeKind.OUT_FOR_DELIVERY]
    deliver(at.site, item.number, PROOF, by=rounds.COURIER)
    assert told() == [NoticeKind.OUT_FOR_DELIVERY, NoticeKind.DELIVERED]
    late = rounds.out(at, 1)
    site.clock.forward(hours=13)
    news.step(site)
    assert notices_of(Dossier.get_by_id(late.dossier_id)) == []  # what is old is no news


# --- one contract for every channel ----------------------------------------------------------
@pytest.fixture(params=["file", "console", "http"])
def channel(request, tmp_path, gateway):
    if request.param == "file":
        return FileNotifier(tmp_path / "notices")
    if request.param == "console":
        return ConsoleNotifier()
    return HttpNotifier(Notices(channel="http", url=gateway.url, idempotent=True), training=True)


def test_every_channel_sends_and_takes_the_same_key_again_as_the_same_message(channel, tmp_path, gateway):
    assert channel.send(NOTICE).result is NoticeResult.SENT
    assert channel.repeats and channel.send(NOTICE).result is NoticeResult.SENT
    files = list((tmp_path / "notices").glob("*"))
    assert len(files) <= 1 and len(gateway.keys) <= 1
    for file in files:
        assert json.loads(file.read_text("utf-8"))["text"] == NOTICE.text
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_every_channel_says_what_stands_in_its_way_without_sending_anything(channel, tmp_path, gateway):
    assert channel.obstacle() == "" and gateway.asked == []
    assert not list(tmp_path.glob("notices/*"))


def test_doctor_names_the_channel_what_stands_in_its_way_and_what_has_not_gone(at, tmp_path):
    said = {line.name: line for line in CHECKS["tin cho công dân"](at.site, None)}
    assert said["tin cho công dân"].fine and "quầy tự báo" in said["tin cho công dân"].words
    (tmp_path / "no folder").write_text("a file stands there")
    asked = Notices(channel="file", folder=str(tmp_path / "no folder"))
    blocked = by_channel(at, asked, FileNotifier(tmp_path / "no folder"))
    queued(blocked, rounds.received(at))
    said = {line.name: line for line in CHECKS["tin cho công dân"](blocked, None)}
    assert not said["tin cho công dân"].fine and "Kiểm tra ổ đĩa" in said["tin cho công dân"].words
    assert said["tin chưa gửi"].fine and said["tin chưa gửi"].words == "1 tin chờ gửi"
    at.site.clock.forward(hours=2)
    said = {line.name: line for line in CHECKS["tin cho công dân"](blocked, None)}
    assert not said["tin chưa gửi"].fine and "quá giờ gửi" in said["tin chưa gửi"].words
    nowhere = Notices(channel="http", url="http://127.0.0.1:9/", connect_timeout=2)
    dead = by_channel(at, nowhere, HttpNotifier(nowhere, training=True))
    (first, *_) = CHECKS["tin cho công dân"](dead, None)
    assert not first.fine and "không nối được 127.0.0.1" in first.words


def test_a_form_is_encoded_as_a_form_and_the_secret_goes_in_the_header(gateway, tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    asked = Notices(
        channel="http", url=gateway.url, content_type="application/x-www-form-urlencoded",
        body="phone={to}&content={text}&id={key}", headers=("Authorization: Bearer {secret}",),
        secret_file=str(tmp_path / "secret"), key_header="",
    )  # fmt: skip
    assert HttpNotifier(asked, training=True).send(NOTICE).result is NoticeResult.SENT
    _, headers, body = gateway.asked[0]
    assert headers["Authorization"] == "Bearer s3cret" and "Idempotency-Key" not in headers
    assert body.startswith(b"phone=%2B84912345678&content=K%E1%BA%BFt+qu%E1%BA%A3+%22h")


@pytest.mark.parametrize(
    "asked",
    [Notices(url="http://sms.example/send"), Notices(url=""), Notices(url="https://a/", roots="/nowhere.pem"),
     Notices(url="https://a/", secret_file="/nowhere"), Notices(url="https://a/", headers=("no colon",))],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused_at_the_start(asked):
    with pytest.raises(ConfigError):
        HttpNotifier(asked)
