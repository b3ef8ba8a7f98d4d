"""The clerk's page of the sandbox province: dossiers, their files and the acts that are possible."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agent.clock import local
from agent.domain.canonical_codec import parse_instant
from agent.soap.province import clerk, plants
from agent.soap.province.ledger import Ledger

ACT_WORDS = {
    "take-up": "Tiếp nhận, xử lý",
    "refuse": "Không tiếp nhận",
    "supplement": "Yêu cầu bổ sung",
    "finish": "Xử lý xong",
    "result-ready:paper": "Có kết quả giấy",
    "result-ready:electronic": "Có kết quả điện tử",
    "stop": "Dừng xử lý",
}
PLANT_WORDS = {"status": "trạng thái", "drop": "thiếu hồ sơ", "fee": "lệ phí", "file": "tệp"}
SHOWN = 200


def render(ledger: Ledger, problem: str = "") -> str:
    """The page as HTML."""
    from flask import render_template

    rows = ledger.rows("SELECT * FROM dossiers ORDER BY rowid DESC LIMIT :shown", shown=SHOWN)
    counts = {
        int(row["status"]): row["n"]
        for row in ledger.rows("SELECT status, count(*) AS n FROM dossiers GROUP BY status")
    }
    return render_template(
        "province.html",
        dossiers=[_dossier(ledger, row) for row in rows],
        counts=[(clerk.STATUS_WORDS[status], counts[status]) for status in sorted(counts)],
        total=sum(counts.values()),
        problem=problem,
        kinds=PLANT_WORDS,
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


def _dossier(ledger: Ledger, row: dict[str, Any]) -> dict[str, Any]:
    number, status = row["number"], int(row["status"])
    content = json.loads(row["canonical"])
    files = ledger.rows("SELECT name, sha256, size FROM files WHERE number = :n ORDER BY rowid", n=number)
    planted = ledger.rows("SELECT kind FROM plants WHERE number = :n", n=number)
    results = ledger.rows(
        "SELECT name, form, item, delivered_at FROM results WHERE number = :n ORDER BY rowid", n=number
    )
    held = {plant["kind"] for plant in planted}
    return {
        "number": number,
        "provisional": row["provisional"],
        "procedure": row["procedure"],
        "owner": (content.get("owner") or {}).get("name", ""),
        "office": row["office"],
        "received": local(parse_instant(row["received_at"])).strftime("%H:%M %d/%m/%Y"),
        "status": status,
        "words": clerk.STATUS_WORDS[status],
        "files": files,
        "results": results,
        "acts": [(name, words) for name, words in ACT_WORDS.items() if (name.partition(":")[0], status) in clerk.PATHS],
        "planted": [(kind, PLANT_WORDS[kind]) for kind in plants.KINDS if kind in held],
        "plantable": [(kind, PLANT_WORDS[kind]) for kind in plants.KINDS if kind not in held],
    }
