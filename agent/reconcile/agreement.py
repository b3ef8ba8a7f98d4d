"""Whether the facts in a bundle agree with each other: payloads, receipts, papers, journal, custody and proofs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.domain.canonical import canonical_json, digest
from agent.errors import RuleViolation
from agent.reconcile.anchors import anchored, chained, read_exchanges
from agent.reconcile.refold import fold_dossier, fold_events

_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError, RuleViolation)


@dataclass(frozen=True)
class Contents:
    """A bundle's members, read."""

    manifest: dict[str, Any]
    dossier: dict[str, Any]
    journal: list[dict[str, Any]]
    custody: list[dict[str, Any]]
    proofs: list[dict[str, Any]]
    receipts: dict[str, dict[str, Any]]  # by member name
    papers: dict[str, bytes]  # by SHA-256 in the member's name
    anchors: list[dict[str, Any]] = field(default_factory=list)
    exchanges: dict[str, dict[str, Any]] = field(default_factory=dict)  # of journal heads, by member name

    @property
    def payloads(self) -> list[dict[str, Any]]:
        """What was frozen for the province."""
        found: list[dict[str, Any]] = self.dossier["payloads"]
        return found


def read(members: Mapping[str, bytes]) -> Contents:
    """The contents of unpacked members; ValueError, TypeError or LookupError for what is not there or no JSON."""
    receipts = {
        name: json.loads(data)
        for name, data in members.items()
        if name.startswith("receipts/") and name.endswith(".json")
    }
    papers = {
        name.removeprefix("papers/").removesuffix(".pdf"): data
        for name, data in members.items()
        if name.startswith("papers/")
    }
    manifest, dossier, journal, custody, proofs = (
        json.loads(members[f"{name}.json"]) for name in ("manifest", "dossier", "journal", "custody", "proofs")
    )
    return Contents(manifest, dossier, journal, custody, proofs, receipts, papers, *read_exchanges(members))


def disagreements(contents: Contents) -> list[str]:
    """All that does not fit together, in Vietnamese; empty when the facts agree."""
    problems: list[str] = []
    for name, check in _CHECKS.items():
        try:
            problems += check(contents)
        except _UNREADABLE as error:
            said = error.message if isinstance(error, RuleViolation) else "không đúng cấu trúc"
            problems.append(f"Phần “{name}” không kiểm tra được: {said}")
    return problems


def _numbers(contents: Contents) -> list[str]:
    head, dossier = contents.manifest["dossier"], contents.dossier
    problems = [
        f"Bản kê và hồ sơ ghi khác nhau ở mục {name}."
        for name in ("uid", "provisional", "official")
        if head[name] != dossier[name]
    ]
    for sent in contents.payloads:
        payload = sent["payload"]
        if payload is None:
            continue
        same = payload["provisional"] == dossier["provisional"]
        if not same or payload["official"] not in ("", dossier["official"]):
            problems.append(f"Nội dung {sent['key']} mang số của hồ sơ khác.")
    given = [entry["body"]["number"] for entry in contents.journal if entry["kind"] == "numbered"]
    if dossier["official"] and dossier["official"] not in given:
        problems.append("Số chính thức không có trong sổ.")
    return problems


def _digests(contents: Contents) -> list[str]:
    return [
        f"Mã tóm tắt của {sent['key']} không khớp nội dung."
        for sent in contents.payloads
        if sent["payload"] is not None and digest(canonical_json(sent["payload"])) != sent["digest"]
    ]


def _receipts(contents: Contents) -> list[str]:
    sent = {one["key"]: one for one in contents.payloads}
    problems = []
    for name, receipt in contents.receipts.items():
        mine = sent.get(receipt["key"])
        if mine is None or mine["digest"] != receipt["digest"]:
            problems.append(f"Biên nhận {name} không thuộc nội dung nào trong gói.")
        elif receipt["number"] != contents.dossier["official"]:
            problems.append(f"Biên nhận {name} mang số hồ sơ khác.")
        elif mine["payload"] is not None and receipt["files"] != sorted(files_of(mine["payload"])):
            problems.append(f"Biên nhận {name} ghi các tệp khác nội dung đã gửi.")
    return problems


def _papers(contents: Contents) -> list[str]:
    problems = [
        f"Giấy tờ {name[:12]}… không có mã SHA-256 như tên."
        for name, data in contents.papers.items()
        if hashlib.sha256(data).hexdigest() != name
    ]
    named = {sha256 for one in contents.payloads if one["payload"] for sha256 in files_of(one["payload"])}
    signed = {sha256 for entry in contents.journal for sha256 in entry["body"].get("papers") or ()}
    over = {one for entry in contents.journal if entry["kind"] == "retired" for one in entry["body"]["objects"]}
    missing = sorted(named - set(contents.papers) - over)
    problems += [f"Thiếu giấy tờ {name[:12]}… mà nội dung nêu." for name in missing]
    extra = sorted(set(contents.papers) - named - signed)
    return problems + [f"Giấy tờ {name[:12]}… không được nêu ở đâu." for name in extra]


def _journal(contents: Contents) -> list[str]:
    problems, last = [], dict[tuple[str, str], dict[str, Any]]()
    for entry in contents.journal:
        where = f"Bút toán {entry['seq']} của sổ “{entry['ledger']}”"
        if entry_hash(entry) != entry["hash"]:
            problems.append(f"{where} đã bị sửa.")
        if entry["body"]["dossier"] != contents.dossier["uid"]:
            problems.append(f"{where} thuộc hồ sơ khác.")
        before = last.get((entry["ledger"], entry["chain"]))
        if before is not None and entry["seq"] <= before["seq"]:
            problems.append(f"{where} không đúng thứ tự.")
        elif before is not None and entry["seq"] == before["seq"] + 1 and entry["prev"] != before["hash"]:
            problems.append(f"{where} không nối với bút toán trước.")
        last[entry["ledger"], entry["chain"]] = entry
    state = fold_dossier(entry["kind"] for entry in contents.journal if entry["ledger"] == "dossier")
    if state is None or state.value != contents.dossier["state"]:
        problems.append("Trạng thái hồ sơ không khớp các bước trong sổ.")
    newest = max([e["at"] for e in contents.journal])
    if contents.manifest["created_at"] < newest:
        problems.append("Thời điểm của gói sớm hơn sự kiện cuối cùng.")
    return problems


def _custody(contents: Contents) -> list[str]:
    noted = {
        entry["body"]["event"]: entry
        for entry in contents.journal
        if entry["ledger"] == "custody" and "event" in entry["body"]
    }
    problems, seen = [], 0
    for item in contents.custody:
        custody = fold_events(item["events"])
        folded = (custody.state.value, custody.holder, len(custody.attempts)) if custody else ("", "", 0)
        if folded != (item["state"], item["holder"], item["attempts"]):
            problems.append(f"Bưu gửi {item['number']}: trạng thái không khớp các sự kiện.")
        for event in item["events"]:
            seen += 1
            if not _noted(noted.get(event["uid"]), event, item["number"]):
                problems.append(f"Bưu gửi {item['number']}: sự kiện “{event['step']}” không khớp sổ.")
    return problems + (["Sổ ghi sự kiện bưu gửi không có trong gói."] if seen != len(noted) else [])


def _noted(entry: Mapping[str, Any] | None, event: Mapping[str, Any], number: str) -> bool:
    if entry is None:
        return False
    body = entry["body"]
    told = (entry["kind"], body["item"], body["from_holder"], body["to_holder"], body["reason"], body["action"])
    mine = (event["step"], number, event["from"], event["to"], event["reason"], event["action"])
    return told == mine and (entry["actor"], entry["at"]) == (event["actor"], event["recorded_at"])


def _proofs(contents: Contents) -> list[str]:
    held = {proof["digest"] for proof in contents.proofs}
    reported = {
        result["proofSha256"]
        for sent in contents.payloads
        if sent["kind"] == "delivery" and sent["payload"] is not None
        for result in sent["payload"]["results"]
    }
    noted = {entry["body"].get("proof") for entry in contents.journal}
    missing = (reported | noted) - held - {"", None}
    return ["Bằng chứng phát được nêu mà không có trong gói."] if missing else []


def _anchors(contents: Contents) -> list[str]:
    problems = anchored(contents.journal, contents.anchors, contents.exchanges)
    return problems + chained(contents.receipts, contents.exchanges)


_CHECKS: dict[str, Callable[[Contents], list[str]]] = {
    "số hồ sơ": _numbers,
    "mã tóm tắt": _digests,
    "biên nhận": _receipts,
    "giấy tờ": _papers,
    "sổ": _journal,
    "bưu gửi": _custody,
    "bằng chứng phát": _proofs,
    "đối chứng": _anchors,
}


def files_of(payload: Mapping[str, Any]) -> set[str]:
    """The SHA-256 of every file that a payload names."""
    return {file["sha256"] for part in payload.get("components", ()) for file in part["files"]}


def entry_hash(entry: Mapping[str, Any]) -> str:
    """The hash that a plain journal entry must have."""
    told = {name: value for name, value in entry.items() if name not in ("prev", "hash")}
    return hashlib.sha256(bytes.fromhex(entry["prev"]) + canonical_json(told)).hexdigest()
