"""Differences planted on purpose in the sandbox's ledger (training), so that reconciliation has something to find."""

from __future__ import annotations

import json
from typing import Any

from agent.errors import RuleViolation
from agent.soap.province.ledger import Ledger

KINDS = ("status", "drop", "fee", "file")
FEE_ERROR = 10_000
"""Đồng added to the ledger's fee by a planted fee difference."""


def act(ledger: Ledger, dossier: dict[str, Any], action: str, kind: str) -> None:
    """Plant a difference of `kind` into the dossier's ledger row, or mend it again ("unplant")."""
    if kind not in KINDS:
        raise RuleViolation(f"Không có loại chênh lệch “{kind}”. Các loại: {', '.join(KINDS)}.")
    number = str(dossier["number"])
    held = ledger.row("SELECT before FROM plants WHERE number = :number AND kind = :kind", number=number, kind=kind)
    if action == "plant":
        if held is not None:
            raise RuleViolation(f"Hồ sơ {number} đã có chênh lệch “{kind}”. Gỡ bằng unplant trước.")
        before = _plant(ledger, dossier, kind)
        ledger.run(
            "INSERT INTO plants (number, kind, before) VALUES (:number, :kind, :before)",
            number=number,
            kind=kind,
            before=json.dumps(before),
        )
        return
    if held is None:
        raise RuleViolation(f"Hồ sơ {number} không có chênh lệch “{kind}” nào được cài.")
    _mend(ledger, number, kind, json.loads(held["before"]))
    ledger.run("DELETE FROM plants WHERE number = :number AND kind = :kind", number=number, kind=kind)


def _plant(ledger: Ledger, dossier: dict[str, Any], kind: str) -> Any:
    number = str(dossier["number"])
    if kind == "status":
        other = 4 if dossier["status"] != 4 else 2
        ledger.run("UPDATE dossiers SET status = :other WHERE number = :number", other=other, number=number)
        return dossier["status"]
    if kind == "fee":
        ledger.run("UPDATE dossiers SET fee = fee + :more WHERE number = :number", more=FEE_ERROR, number=number)
        return dossier["fee"]
    if kind == "drop":
        ledger.run("UPDATE dossiers SET dropped = 1 WHERE number = :number", number=number)
        return 0
    file = ledger.row("SELECT rowid AS id, sha256 FROM files WHERE number = :number ORDER BY rowid", number=number)
    if file is None:
        raise RuleViolation(f"Hồ sơ {number} không có tệp nào để cài chênh lệch.")
    sha256 = str(file["sha256"])
    other_sha = ("1" if sha256[0] == "0" else "0") + sha256[1:]
    ledger.run("UPDATE files SET sha256 = :other WHERE rowid = :id", other=other_sha, id=file["id"])
    return [other_sha, sha256]


def _mend(ledger: Ledger, number: str, kind: str, before: Any) -> None:
    if kind == "status":
        ledger.run("UPDATE dossiers SET status = :before WHERE number = :number", before=before, number=number)
    elif kind == "fee":
        ledger.run("UPDATE dossiers SET fee = :before WHERE number = :number", before=before, number=number)
    elif kind == "drop":
        ledger.run("UPDATE dossiers SET dropped = 0 WHERE number = :number", number=number)
    else:
        ledger.run(
            "UPDATE files SET sha256 = :right WHERE number = :number AND sha256 = :wrong",
            right=before[1],
            number=number,
            wrong=before[0],
        )
