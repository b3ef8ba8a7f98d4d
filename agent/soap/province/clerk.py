"""The province's clerk: takes up, asks for papers or money, gives itself more time, finishes, makes results, stops."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from agent.domain.canonical_codec import instant_text, parse_instant
from agent.errors import IllegalStep, NotFound, RuleViolation
from agent.soap.province.ledger import Ledger

STATUS_WORDS = {
    1: "Mới đăng ký",
    2: "Được tiếp nhận",
    3: "Không được tiếp nhận",
    4: "Đang xử lý",
    5: "Yêu cầu bổ sung giấy tờ",
    6: "Yêu cầu thực hiện nghĩa vụ tài chính",
    7: "Công dân yêu cầu rút hồ sơ",
    8: "Dừng xử lý",
    9: "Đã xử lý xong",
    10: "Đã trả kết quả",
}
STATUS_STEPS: dict[int, tuple[int, ...]] = {
    1: (2, 3, 5, 7),
    2: (4, 5, 6, 7),
    4: (5, 6, 7, 8, 9),
    5: (2, 4, 7, 8),
    6: (4, 7, 8),
    7: (8, 4),
    9: (10,),
}
"""Legal steps between the national portal's status codes; 3, 8 and 10 end."""

PATHS: dict[tuple[str, int], tuple[int, ...]] = {
    ("take-up", 1): (2,),
    ("take-up", 2): (4,),
    ("take-up", 5): (4,),
    ("take-up", 6): (4,),
    ("refuse", 1): (3,),
    ("supplement", 1): (5,),
    ("supplement", 2): (5,),
    ("supplement", 4): (5,),
    ("pay", 2): (6,),
    ("pay", 4): (6,),
    **{("withdraw", status): (7,) for status in (1, 2, 4, 5, 6)},
    **{("extend", status): (status,) for status in (2, 4, 6)},
    ("take-up", 7): (4,),
    ("finish", 2): (4, 9),
    ("finish", 4): (9,),
    ("stop", 2): (4, 8),
    ("stop", 4): (8,),
    ("stop", 5): (8,),
    ("stop", 6): (8,),
    ("stop", 7): (8,),
    ("result-ready", 2): (4, 9),
    ("result-ready", 4): (9,),
    ("result-ready", 9): (9,),
}
"""What an act makes of a status: all on the way are recorded; 9 again only adds results, an extension a date."""

ACTIONS = ("take-up", "refuse", "supplement", "extend", "pay", "withdraw", "finish", "result-ready", "stop")
EXTENSION = timedelta(days=5)
TRAINING_ACTIONS = ("plant", "unplant")
DEFAULT_RESULT = {"name": "Kết quả giải quyết thủ tục hành chính", "type": "", "form": "paper", "sha256": ""}


def act(folder: Path, number: str, action: str, *, now: datetime, **options: Any) -> dict[str, Any]:
    """Do one act of the province's clerk on a dossier, also while the server runs.

    `number` is official or provisional. Options: `handler`, `note` (text), `due_at` (aware datetime);
    supplement: `requests` [{component, name, reason}]; result-ready: `results` [{name, type, form
    "paper"|"electronic", sha256}]; plant and unplant (training): `kind` status|drop|fee|file.
    Returns {number, provisional, status, words, version, results}. NotFound, IllegalStep, RuleViolation.
    """
    from agent.soap.province import plants

    ledger = Ledger(folder)
    try:
        with ledger.writing():
            dossier = find(ledger, number)
            if action in TRAINING_ACTIONS:
                plants.act(ledger, dossier, action, str(options.get("kind", "status")))
            else:
                _step(ledger, dossier, action, now, options)
            ledger.note(instant_text(now), f"act:{action}", dossier["number"], "ok")
        return summary(ledger, dossier["number"])
    finally:
        ledger.close()


def find(ledger: Ledger, number: str) -> dict[str, Any]:
    """The dossier with this official or provisional number; NotFound otherwise."""
    found = ledger.row(
        "SELECT * FROM dossiers WHERE number = :number OR provisional = :number ORDER BY rowid LIMIT 1", number=number
    )
    if found is None:
        raise NotFound(f"Tỉnh không có hồ sơ {number}. Kiểm tra lại số hồ sơ.")
    return found


def summary(ledger: Ledger, number: str) -> dict[str, Any]:
    """What the clerk sees of a dossier after an act."""
    dossier = find(ledger, number)
    status = int(dossier["status"])
    return {
        "number": dossier["number"],
        "provisional": dossier["provisional"],
        "status": status,
        "words": STATUS_WORDS[status],
        "version": dossier["version"],
        "results": results_of(ledger, number),
    }


def results_of(ledger: Ledger, number: str) -> list[dict[str, str]]:
    """The results of a dossier so far."""
    return ledger.rows(
        "SELECT id, name, type, form, sha256 FROM results WHERE number = :number ORDER BY rowid", number=number
    )


def advance(
    ledger: Ledger,
    number: str,
    status: int,
    *,
    now: datetime,
    handler: str = "",
    note: str = "",
    due_at: datetime | None = None,
    requests: Sequence[Mapping[str, str]] = (),
) -> None:
    """Set the status, grow the version and add to the feed; only inside writing()."""
    dossier = find(ledger, number)
    before, version = int(dossier["status"]), int(dossier["version"]) + 1
    again = before == status and (status == 9 or due_at is not None)
    if version > 1 and not again and status not in STATUS_STEPS.get(before, ()):
        raise _illegal(before, STATUS_WORDS[status], STATUS_STEPS.get(before, ()))
    ledger.run(
        "UPDATE dossiers SET status = :status, version = :version WHERE number = :number",
        status=status,
        version=version,
        number=number,
    )
    ledger.run(
        "INSERT INTO changes (office, number, version, status, at, body, handler, note, due_at, results, requests)"
        " VALUES (:office, :number, :version, :status, :at, :body, :handler, :note, :due_at, :results, :requests)",
        office=dossier["office"],
        number=number,
        version=version,
        status=status,
        at=instant_text(now),
        body=number.rpartition("-")[0].rpartition("-")[0],
        handler=handler,
        note=note or STATUS_WORDS[status],
        due_at=instant_text(due_at) if due_at else "",
        results=json.dumps(results_of(ledger, number), ensure_ascii=False),
        requests=json.dumps([dict(gap) for gap in requests], ensure_ascii=False),
    )


def _step(ledger: Ledger, dossier: dict[str, Any], action: str, now: datetime, options: Mapping[str, Any]) -> None:
    if action not in ACTIONS:
        raise RuleViolation(f"Không có thao tác “{action}”. Các thao tác: {', '.join(ACTIONS + TRAINING_ACTIONS)}.")
    status, number = int(dossier["status"]), str(dossier["number"])
    path = PATHS.get((action, status))
    if path is None:
        raise _illegal(status, action, [name for name, at in PATHS if at == status])
    requests = _requests(dossier, options) if action == "supplement" else _obligations(action, options)
    due = options.get("due_at") or (_later(dossier, now) if action == "extend" else None)
    if action == "result-ready":
        _add_results(ledger, number, options.get("results") or (DEFAULT_RESULT,))
    for place, step in enumerate(path):
        last = place == len(path) - 1
        advance(
            ledger,
            number,
            step,
            now=now,
            handler=str(options.get("handler", "Cán bộ tập huấn")),
            note=str(options.get("note", "")) if last else "",
            due_at=due if last else None,
            requests=requests if last else (),
        )


def _requests(dossier: Mapping[str, Any], options: Mapping[str, Any]) -> list[dict[str, str]]:
    """The gaps that are asked for; without any, the dossier's first paper."""
    gaps = options.get("requests")
    if not gaps:
        components = json.loads(dossier["canonical"])["components"] or [{"code": "", "name": "Giấy tờ theo ghi chú"}]
        reason = str(options.get("note", "")) or "Cần bản rõ hơn"
        gaps = [{"component": components[0]["code"], "name": components[0]["name"], "reason": reason}]
    return [{name: str(gap.get(name, "")) for name in ("component", "name", "reason")} for gap in gaps]


def _obligations(action: str, options: Mapping[str, Any]) -> list[dict[str, str]]:
    """What is to be paid, a line each: its code, what for, how much in words."""
    owed = options.get("requests") or [{"component": "NVTC", "name": "Nghĩa vụ tài chính", "reason": "theo thông báo"}]
    names = ("component", "name", "reason")
    return [{name: str(one.get(name, "")) for name in names} for one in owed] if action == "pay" else []


def _later(dossier: Mapping[str, Any], now: datetime) -> datetime:
    """Some days after the promised time, for an extension without a date of its own."""
    promised = str(json.loads(dossier["canonical"]).get("dueAt", ""))
    return max(parse_instant(promised) if promised else now, now) + EXTENSION


def _add_results(ledger: Ledger, number: str, results: Sequence[Mapping[str, str]]) -> None:
    held = len(results_of(ledger, number))
    for place, result in enumerate(results, start=held + 1):
        merged = {**DEFAULT_RESULT, **result}
        if merged["form"] not in ("paper", "electronic"):
            raise RuleViolation("Dạng kết quả phải là paper hoặc electronic.")
        ledger.run(
            "INSERT INTO results (number, id, name, type, form, sha256)"
            " VALUES (:number, :id, :name, :type, :form, :sha256)",
            number=number,
            id=f"{number}.KQ{place}",
            **{name: str(merged[name]) for name in ("name", "type", "form", "sha256")},
        )


def _illegal(status: int, step: str, allowed: Sequence[int | str]) -> IllegalStep:
    words = [STATUS_WORDS[choice] if isinstance(choice, int) else choice for choice in allowed]
    return IllegalStep(f"{status} {STATUS_WORDS[status]}", step, allowed=words)
