"""Verify the evidence bundle of one paper: what it says against itself, against its signature and against the roots."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from agent.domain.originals import WORDS, Standing
from agent.ports_signing import SignatureReport
from agent.reconcile.agreement import entry_hash
from agent.reconcile.paper_bundle import FACTS, PDF, TEXT, member
from agent.reconcile.paper_evidence import KINDS, SIGNATURE

WITHOUT_PDF: Final = (
    "Gói không kèm bản PDF đã ký, nên chữ ký trên bản đó chưa được kiểm tra ở đây. Kiểm tra bằng --pdf TỆP; "
    "mã của bản đúng là "
)
NO_ANSWERS: Final = "Gói không có trả lời thu hồi (OCSP, CRL) của nơi cấp chứng thư; chỉ xét được chuỗi chứng thư."
DOUBTED: Final = "Lúc ký chưa hỏi được tình trạng thu hồi: "
ORIGINAL: Final = "Bản điện tử gốc do nơi khác ký, giữ nguyên như khi nộp: "
REFUSED: Final = "Một bộ kiểm tra không nhận đây là PDF/A: "
UNSIGNED: Final = "Bản sao chưa được ký."


@dataclass(frozen=True)
class PaperContents:
    """A paper bundle's members, read; `pdf` may be one that was given beside it."""

    manifest: dict[str, Any]
    facts: dict[str, Any]
    evidence: dict[str, list[bytes]]
    pdf: bytes | None
    text: bytes | None

    @property
    def is_original(self) -> bool:
        """Whether it came electronically and signed by others, and stayed as it came."""
        return bool(self.facts["copy"]["evidence"].get("form") == "electronic original")

    @property
    def signature(self) -> dict[str, Any]:
        """What is said of the signature; empty for an unsigned copy."""
        found: dict[str, Any] = (self.facts["signed"] or {}).get(SIGNATURE, {})
        return found


def read_paper(members: Mapping[str, bytes], pdf: bytes | None) -> PaperContents:
    """The contents of unpacked members; ValueError, TypeError or LookupError for what is not there or no JSON."""
    facts = json.loads(members[FACTS])
    said = (facts["signed"] or {}).get(SIGNATURE, {})
    evidence = {kind: [members[member(kind, n)] for n in range(len(said.get(kind, [])))] for kind in KINDS}
    return PaperContents(
        json.loads(members["manifest.json"]), facts, evidence, members.get(PDF, pdf), members.get(TEXT)
    )


def paper_disagreements(held: PaperContents, members: Mapping[str, bytes]) -> list[str]:
    """All that does not fit together, in Vietnamese; empty when the facts agree."""
    facts, copy, signed = held.facts, held.facts["copy"], held.facts["signed"]
    problems = []
    if (held.manifest["paper"]["uid"], held.manifest["paper"]["code"]) != (facts["uid"], facts["code"]):
        problems.append("Bản kê và chứng cứ nói về hai giấy tờ khác nhau.")
    raw = [page["sha256"] for page in facts["pages"]]
    counted = len(raw) == copy["pages"] or held.is_original
    if raw != [page["sha256"] for page in copy["evidence"]["pages"]] or not counted:
        problems.append("Các trang gốc được nêu không phải các trang đã lập nên bản sao.")
    if copy["evidence"]["sha256"] != copy["sha256"]:
        problems.append("Mã của bản sao khác mã mà chứng cứ lập bản sao ghi.")
    for kind, ders in held.evidence.items():
        if [hashlib.sha256(der).hexdigest() for der in ders] != list(held.signature.get(kind, [])):
            problems.append(f"Chứng cứ chữ ký ({kind}) không khớp mã đã ghi khi ký.")
    known = {FACTS, PDF, TEXT, "chain.pem", "manifest.json", "manifest.cms"}
    known |= {member(kind, n) for kind, ders in held.evidence.items() for n in range(len(ders))}
    problems += [f"Gói có phần lạ: {name}." for name in sorted(set(members) - known)]
    return problems + _files(held, copy, signed) + _journal(held, copy, signed, raw)


def _files(held: PaperContents, copy: dict[str, Any], signed: dict[str, Any] | None) -> list[str]:
    """The PDF and the text against their hashes, and the copy inside the signed PDF."""
    problems = []
    if held.pdf is not None:
        wanted = signed or copy
        if (hashlib.sha256(held.pdf).hexdigest(), len(held.pdf)) != (wanted["sha256"], wanted["size"]):
            problems.append("Bản PDF không phải bản mà chứng cứ nói tới.")
        elif hashlib.sha256(held.pdf[: copy["size"]]).hexdigest() != copy["sha256"]:
            problems.append("Bản đã ký không bắt đầu bằng bản sao đã lập từ các trang gốc.")
    if held.text is not None:
        told = held.facts["text"]
        if told is None or hashlib.sha256(held.text).hexdigest() != told["sha256"]:
            problems.append("Tệp chữ kèm theo không phải tệp mà chứng cứ nói tới.")
    return problems


def _journal(held: PaperContents, copy: dict[str, Any], signed: dict[str, Any] | None, raw: list[str]) -> list[str]:
    """The journal's entries: unchanged, of this dossier, and each step that is claimed is among them."""
    problems, filed = [], set[str]()
    made = stamped = False
    for entry in held.facts["journal"]:
        if entry_hash(entry) != entry["hash"]:
            problems.append(f"Bút toán {entry['seq']} của sổ đã bị sửa.")
        if entry["body"]["dossier"] != held.manifest["dossier"]["uid"]:
            problems.append(f"Bút toán {entry['seq']} thuộc hồ sơ khác.")
        filed.update(entry["body"].get("pages", []))
        papers = entry["body"].get("papers", [])
        made |= copy["sha256"] in papers and entry["actor"] == held.facts["digitised"]["by"]
        stamped |= bool(signed) and signed["sha256"] in papers  # type: ignore[index]
    if set(raw) - filed:
        problems.append("Sổ không ghi việc nộp một trang gốc được nêu.")
    if not made:
        problems.append("Sổ không ghi việc lập bản sao này bởi người được nêu.")
    if signed and not stamped and not held.is_original:
        problems.append("Sổ không ghi việc ký bản sao này.")
    for page in held.facts["pages"]:
        accepted = [
            e for e in held.facts["journal"] if e["kind"] == "page_accepted" and e["body"]["page"] == page["sha256"]
        ]
        if page.get("accepted") and not any(e["actor"] == f"user:{page['accepted']['by']}" for e in accepted):
            problems.append(f"Sổ không ghi việc nhận trang {page['position']} với lý do.")
    return problems


def paper_reports(
    held: PaperContents, checker: Any, roots: list[bytes], marked: list[bytes]
) -> Iterator[tuple[str, SignatureReport]]:
    """The signature in the PDF, if it is here, and what it rests on at the instant of signing."""
    signed = held.facts["signed"]
    if signed is None:
        return
    if held.is_original:  # signed by others, who may have allowed that something is added, or state no time
        if held.pdf is not None:
            yield PDF, checker.check_original(held.pdf, roots=roots, training_roots=marked)
        return
    at = datetime.fromisoformat(held.signature.get("stamped_at") or signed["at"])
    if held.pdf is not None:
        report: SignatureReport = checker.check_pdf(held.pdf, roots=roots, training_roots=marked)
        yield PDF, report
        if report.valid and not _dated(held.signature, report):
            yield (
                PDF,
                SignatureReport(False, False, False, report.signer, at, ("Dấu thời gian khác điều chứng cứ ghi.",)),
            )
    if held.evidence["chain"]:
        yield (
            "evidence/chain",
            checker.check_standing(
                chain=held.evidence["chain"],
                ocsp=held.evidence["ocsp"],
                crls=held.evidence["crls"],
                at=at,
                complete=not held.signature.get("doubts"),
                pdf=held.pdf,
                roots=roots,
                training_roots=marked,
            ),
        )


def _dated(said: dict[str, Any], report: SignatureReport) -> bool:
    """Whether the time-stamp in the PDF is the one that the evidence names; both may have none."""
    named = said.get("stamped_at")
    return (report.stamped_at is None) if not named else report.stamped_at == datetime.fromisoformat(named)


def paper_remarks(held: PaperContents) -> list[str]:
    """What could not be checked with what is here, and what was doubted when it was signed."""
    signed = held.facts["signed"]
    if signed is None:
        return [UNSIGNED]
    remarks = [] if held.pdf is not None else [f"{WITHOUT_PDF}{signed['sha256']}."]
    said = [one for each in held.facts.get("archive", {}).values() for one in each]
    remarks += [f"{REFUSED}{one['validator']}." for one in said if one["verdict"] == "fail"]
    if held.is_original:
        found = held.facts["copy"]["evidence"]["original"]["state"]
        return [*remarks, f"{ORIGINAL}{signed['signer']}. Khi nhận: {WORDS[Standing(found)]}."]
    if not held.evidence["ocsp"] and not held.evidence["crls"]:
        remarks.append(NO_ANSWERS)
    return remarks + [f"{DOUBTED}{doubt}" for doubt in held.signature.get("doubts", [])]
