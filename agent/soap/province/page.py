"""The clerk's page of the sandbox province: offices, states, dossiers with what happened, and the possible acts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from agent.clock import local
from agent.domain.canonical_codec import parse_instant
from agent.domain.custody_steps import STEP_NAME, CustodyStep
from agent.domain.money import dong
from agent.soap.province import catalogue, clerk, plants
from agent.soap.province.ledger import Ledger

ACT_WORDS = {
    "take-up": "Tiếp nhận, xử lý",
    "refuse": "Không tiếp nhận",
    "supplement": "Yêu cầu bổ sung",
    "extend": "Gia hạn, hẹn lại",
    "pay": "Yêu cầu nghĩa vụ tài chính",
    "withdraw": "Công dân rút hồ sơ",
    "finish": "Xử lý xong",
    "result-ready:paper": "Có kết quả giấy",
    "result-ready:electronic": "Có kết quả điện tử",
    "stop": "Dừng xử lý",
}
FORWARD = ("take-up", "finish", "result-ready:paper", "result-ready:electronic")
PLANT_WORDS = {"status": "trạng thái", "drop": "thiếu hồ sơ", "fee": "lệ phí", "file": "tệp"}
PAYMENT_WORDS = {"collected": "đã thu", "refunded": "đã hoàn", "remitted": "đã nộp"}
SHOWN = 100


def render(
    ledger: Ledger, problem: str = "", *, chosen: Mapping[str, str] | None = None, training: bool = False
) -> str:
    """The page as HTML; `chosen` may narrow it by `office` and `status`, `watch` renews it by itself."""
    from flask import render_template

    given = chosen or {}
    office, text = given.get("office", ""), given.get("status", "")
    status = int(text) if text in {str(one) for one in clerk.STATUS_WORDS} else 0
    rows = ledger.rows(
        "SELECT * FROM dossiers WHERE (:office = '' OR office = :office) AND (:status = 0 OR status = :status)"
        " ORDER BY rowid DESC LIMIT :shown",
        office=office,
        status=status,
        shown=SHOWN,
    )
    counted = ledger.rows("SELECT office, status, count(*) AS n FROM dossiers GROUP BY office, status")
    offices = sorted({str(row["office"]) for row in counted})
    return render_template(
        "province.html",
        dossiers=[_dossier(ledger, row) for row in rows],
        offices=[(name, _sum(counted, office=name, status=status)) for name in offices],
        statuses=[
            (code, words, _sum(counted, office=office, status=code)) for code, words in clerk.STATUS_WORDS.items()
        ],
        office=office,
        status=status,
        watch="watch" in given,
        training=training,
        total=_sum(counted),
        shown=SHOWN,
        matching=_sum(counted, office=office, status=status),
        problem=problem,
    )


def options(form: Mapping[str, str]) -> dict[str, Any]:
    """The options of an act from the page's form."""
    given: dict[str, Any] = {}
    note = form.get("note", "").strip()[:500]
    if note:
        given["note"] = note
    action, _, result_form = form.get("action", "").partition(":")
    if action in clerk.TRAINING_ACTIONS:
        given["kind"] = form.get("kind", "")
    if result_form:
        given["results"] = [{**clerk.DEFAULT_RESULT, "form": result_form}]
    return given


def _sum(counted: list[dict[str, Any]], *, office: str = "", status: int = 0) -> int:
    return sum(row["n"] for row in counted if office in ("", row["office"]) and status in (0, row["status"]))


def _dossier(ledger: Ledger, row: dict[str, Any]) -> dict[str, Any]:
    number, status = row["number"], int(row["status"])
    content = json.loads(row["canonical"])
    held = {one["kind"] for one in ledger.rows("SELECT kind FROM plants WHERE number = :n", n=number)}
    acts = [(name, words) for name, words in ACT_WORDS.items() if (name.partition(":")[0], status) in clerk.PATHS]
    return {
        "number": number,
        "provisional": row["provisional"],
        "procedure": _procedures().get(catalogue.national(row["procedure"]), row["procedure"]),
        "owner": (content.get("owner") or {}).get("name", ""),
        "office": row["office"],
        "received": _time(row["received_at"]),
        "due": _time(row["due_at"]) if row["due_at"] else "",
        "status": status,
        "words": clerk.STATUS_WORDS[status],
        "files": ledger.rows("SELECT name, sha256, size FROM files WHERE number = :n ORDER BY rowid", n=number),
        "results": ledger.rows(
            "SELECT name, form, item, delivered_at FROM results WHERE number = :n ORDER BY rowid", n=number
        ),
        "steps": _steps(ledger, number),
        "reports": _reports(ledger, row),
        "acts": [(name, words, name in FORWARD) for name, words in acts],
        "planted": [(kind, PLANT_WORDS[kind]) for kind in plants.KINDS if kind in held],
        "plantable": [(kind, PLANT_WORDS[kind]) for kind in plants.KINDS if kind not in held],
    }


def _steps(ledger: Ledger, number: str) -> list[dict[str, Any]]:
    """What the feed told of the dossier, oldest first."""
    rows = ledger.rows("SELECT status, at, handler, note FROM changes WHERE number = :n ORDER BY cursor", n=number)
    return [
        {
            "status": row["status"],
            "words": clerk.STATUS_WORDS[int(row["status"])],
            "at": _time(row["at"]),
            "handler": row["handler"],
            "note": row["note"] if row["note"] != clerk.STATUS_WORDS[int(row["status"])] else "",
        }
        for row in rows
    ]


def _reports(ledger: Ledger, row: dict[str, Any]) -> list[str]:
    """What the post office reported beside the dossier, in words, oldest first."""
    found = [
        (one["at"], f"Bưu gửi {one['item']}: {_milestone(one['kind'])}")
        for one in ledger.rows("SELECT item, kind, at FROM custody WHERE provisional = :p", p=row["provisional"])
    ]
    found += [
        (one["at"], f"{PAYMENT_WORDS[one['kind']].capitalize()} {dong(one['amount'])} ({one['code']})")
        for one in ledger.rows("SELECT kind, code, amount, at FROM payments WHERE number = :n", n=row["number"])
    ]
    return [f"{_time(at)} · {words}" for at, words in sorted(found)]


def _milestone(kind: str) -> str:
    return STEP_NAME[CustodyStep(kind)] if kind in {str(one) for one in CustodyStep} else kind


def _time(text: str) -> str:
    return local(parse_instant(text)).strftime("%H:%M %d/%m/%Y")


@cache
def _procedures() -> dict[str, str]:
    """Names of the sample's procedures by their national code."""
    return {catalogue.national(one["code"]): one["name"] for one in catalogue.sample()}
