"""Verify a bundle, of a dossier or of one paper, offline, with nothing but its bytes and the roots one trusts.

A demonstration root is recognised by its mark in the bundle's own `chain.pem`, on any machine: whoever makes a root
with that mark only says that nothing under it is real, so believing the mark grants no trust.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Protocol

from agent.domain.canonical_zip import unpack
from agent.errors import DocumentError
from agent.ports_signing import SignatureReport
from agent.reconcile.agreement import Contents, disagreements, read
from agent.reconcile.bundle import CHAIN, FORMAT, MANIFEST, SEAL
from agent.reconcile.paper_bundle import FACTS
from agent.reconcile.paper_verify import paper_disagreements, paper_remarks, paper_reports, read_paper

MARK: Final = "TRAINING"
UNSIGNED: Final = "tỉnh không ký biên nhận; đây là bản ghi câu trả lời của tỉnh do bưu cục lập và niêm phong."
_UNREADABLE = (ValueError, TypeError, LookupError, RecursionError)


class Checker(Protocol):
    """Checks signatures against PEM roots; `training` of a report: its chain ends at one of `training_roots`."""

    def check_pdf(self, pdf: bytes, *, roots: Sequence[bytes], training_roots: Sequence[bytes]) -> SignatureReport: ...
    def check_original(
        self, pdf: bytes, *, roots: Sequence[bytes], training_roots: Sequence[bytes]
    ) -> SignatureReport: ...
    def check_bytes(
        self, data: bytes, cms: bytes, *, roots: Sequence[bytes], training_roots: Sequence[bytes]
    ) -> SignatureReport: ...
    def check_standing(self, **evidence: Any) -> SignatureReport: ...


@dataclass(frozen=True)
class Verdict:
    """What verification came to.

    consistent: every byte and fact agrees and every signature is correct. trusted: all chains end at a root that was
    given or installed. training: a chain ends at a demonstration root, which gives no trust by itself. remarks: what a
    paper's bundle did not let be checked, and which receipts the province did not sign.
    """

    consistent: bool
    trusted: bool
    training: bool
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def stands(self, *, strict: bool) -> bool:
        """Whether to accept it; `strict`: only trusted roots count, a demonstration root does not."""
        return self.consistent and (self.trusted or (self.training and not strict))

    def plain(self) -> dict[str, Any]:
        """Plain JSON; remarks only when there are any."""
        plain = {**asdict(self), "problems": list(self.problems), "remarks": list(self.remarks)}
        return plain if self.remarks else {name: value for name, value in plain.items() if name != "remarks"}


def verify(
    bundle: bytes, *, checker: Checker, roots: Sequence[bytes] = (), strict: bool = False, pdf: bytes | None = None
) -> Verdict:
    """Judge the bundle of a dossier or of one paper; never raises for anything in it.

    `roots` is PEM (given or installed). `strict`: demonstration roots count only when they are among `roots`. `pdf`:
    the signed paper that a bundle left out. What is cheap comes first: the ZIP rebuilt, hashes, facts, signatures.
    """
    try:
        members = unpack(bundle)
        if FACTS in members:
            return _verify_paper(members, checker, roots, strict, pdf)
        contents = read(members)
        problems = _unlisted(members, contents.manifest)
    except DocumentError as error:
        return Verdict(False, False, False, (error.message,))
    except _UNREADABLE:
        return Verdict(False, False, False, ("Gói chứng cứ thiếu phần bắt buộc hoặc không đọc được.",))
    problems = problems or disagreements(contents)
    if problems:
        return Verdict(False, False, False, tuple(problems))
    marked = _marked(members, roots, strict)
    verdict = _judged(list(_reports(members, contents, checker, [*roots, *marked], marked)), strict)
    return replace(verdict, remarks=tuple(f"{name}: {UNSIGNED}" for name in _unsigned(members, contents)))


def _verify_paper(
    members: Mapping[str, bytes], checker: Checker, roots: Sequence[bytes], strict: bool, pdf: bytes | None
) -> Verdict:
    held = read_paper(members, pdf)
    problems = _unlisted(members, held.manifest) or paper_disagreements(held, members)
    if problems:
        return Verdict(False, False, False, tuple(problems))
    marked = _marked(members, roots, strict)
    known = [*roots, *marked]
    seal = checker.check_bytes(members[MANIFEST], members.get(SEAL, b""), roots=known, training_roots=marked)
    reports = [(MANIFEST, seal), *paper_reports(held, checker, known, marked)]
    return replace(_judged(reports, strict), remarks=tuple(paper_remarks(held)))


def _unlisted(members: Mapping[str, bytes], manifest: dict[str, Any]) -> list[str]:
    if manifest["format"] != FORMAT:
        return [f"Gói thuộc định dạng {manifest['format']}; bản này đọc định dạng {FORMAT}. Cập nhật chương trình."]
    listed = manifest["members"]
    problems = [
        f"Bản kê và gói không cùng các phần: {name}." for name in sorted({*listed, MANIFEST, SEAL} ^ {*members})
    ]
    for name, about in sorted(listed.items()):
        data = members.get(name, b"")
        if (hashlib.sha256(data).hexdigest(), len(data)) != (about["sha256"], about["size"]):
            problems.append(f"{name}: nội dung không khớp bản kê.")
    return problems


def _marked(members: Mapping[str, bytes], roots: Sequence[bytes], strict: bool) -> list[bytes]:
    return marked_roots([*roots] if strict else [*roots, members[CHAIN]])


def _judged(reports: Sequence[tuple[str, SignatureReport]], strict: bool) -> Verdict:
    problems, consistent = [], True
    for name, report in reports:
        if not report.valid:
            consistent = False
            problems.append(f"{name}: {' '.join(report.problems)}")
        elif not report.trusted:
            problems.append(f"{name}: {report.signer} ký bằng chứng thư không thuộc gốc tin cậy nào đã cho.")
    led = consistent and all(report.trusted for _, report in reports)
    training = led and any(report.training for _, report in reports)
    return Verdict(consistent, led and (strict or not training), training, tuple(problems))


def _reports(
    members: Mapping[str, bytes], contents: Contents, checker: Checker, roots: list[bytes], marked: list[bytes]
) -> Iterator[tuple[str, SignatureReport]]:
    given = sorted({*contents.receipts, *contents.exchanges} - {*_unsigned(members, contents)})
    signed = [(MANIFEST, SEAL), *((name, name.removesuffix(".json") + ".cms") for name in given)]
    for name, seal in signed:
        yield name, checker.check_bytes(members[name], members.get(seal, b""), roots=roots, training_roots=marked)
    ours = _signed_here(contents.journal)
    for sha256, pdf in sorted(contents.papers.items()):
        check = checker.check_pdf if sha256 in ours else checker.check_original
        yield f"papers/{sha256[:12]}…", check(pdf, roots=roots, training_roots=marked)


def _unsigned(members: Mapping[str, bytes], contents: Contents) -> list[str]:
    """Receipts that say themselves to be our own record of the answer of a province that does not sign."""
    return [
        name
        for name, said in sorted(contents.receipts.items())
        if said.get("unsigned") is True and name.removesuffix(".json") + ".cms" not in members
    ]


def _signed_here(journal: Sequence[Mapping[str, Any]]) -> set[str]:
    """The papers that a clerk signed in this dossier; the others came signed: electronic originals, papers reused."""
    steps = (one["body"] for one in journal if one["kind"] in ("sign", "signed"))
    return {sha256 for body in steps for sha256 in body.get("papers") or ()}


def marked_roots(pems: Sequence[bytes]) -> list[bytes]:
    """The self-issued authorities among PEM certificates whose name carries the demonstration mark."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    found = []
    for text in pems:
        try:
            held = x509.load_pem_x509_certificates(text)
        except ValueError:
            continue
        for one in held:
            if one.subject == one.issuer and MARK in one.subject.rfc4514_string():
                found.append(one.public_bytes(Encoding.PEM))
    return found
