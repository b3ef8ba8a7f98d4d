"""Verify a proof bundle offline, with nothing but its bytes and the roots one trusts.

A demonstration root is recognised by its mark in the bundle's own `chain.pem`, on any machine: whoever makes a root
with that mark only says that nothing under it is real, so believing the mark grants no trust.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

from agent.errors import DocumentError
from agent.ports import SignatureReport
from agent.reconcile.agreement import Contents, disagreements, read
from agent.reconcile.bundle import CHAIN, FORMAT, MANIFEST, SEAL
from agent.reconcile.canonical_zip import unpack

MARK: Final = "TRAINING"
_UNREADABLE = (ValueError, TypeError, LookupError, RecursionError)


class Checker(Protocol):
    """Checks signatures against PEM roots; `training` of a report: its chain ends at one of `training_roots`."""

    def check_pdf(self, pdf: bytes, *, roots: Sequence[bytes], training_roots: Sequence[bytes]) -> SignatureReport: ...
    def check_bytes(
        self, data: bytes, cms: bytes, *, roots: Sequence[bytes], training_roots: Sequence[bytes]
    ) -> SignatureReport: ...


@dataclass(frozen=True)
class Verdict:
    """What verification came to.

    consistent: every byte and fact agrees and every signature is correct. trusted: all chains end at a root that was
    given or installed. training: a chain ends at a demonstration root, which gives no trust by itself.
    """

    consistent: bool
    trusted: bool
    training: bool
    problems: tuple[str, ...] = ()

    def stands(self, *, strict: bool) -> bool:
        """Whether to accept it; `strict`: only trusted roots count, a demonstration root does not."""
        return self.consistent and (self.trusted or (self.training and not strict))

    def plain(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "problems": list(self.problems)}


def verify(bundle: bytes, *, checker: Checker, roots: Sequence[bytes] = (), strict: bool = False) -> Verdict:
    """Judge a bundle; never raises for anything in it.

    `roots` is PEM (given or installed). `strict`: demonstration roots count only when they are among `roots`. What is
    cheap comes first: the ZIP rebuilt, member hashes, facts, then signatures.
    """
    try:
        members = unpack(bundle)
        contents = read(members)
        problems = _unlisted(members, contents.manifest)
    except DocumentError as error:
        return Verdict(False, False, False, (error.message,))
    except _UNREADABLE:
        return Verdict(False, False, False, ("Gói chứng cứ thiếu phần bắt buộc hoặc không đọc được.",))
    problems = problems or disagreements(contents)
    if problems:
        return Verdict(False, False, False, tuple(problems))
    return _signed(members, contents, checker, roots, strict)


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


def _signed(
    members: Mapping[str, bytes], contents: Contents, checker: Checker, roots: Sequence[bytes], strict: bool
) -> Verdict:
    marked = marked_roots([*roots] if strict else [*roots, members[CHAIN]])
    reports = list(_reports(members, contents, checker, [*roots, *marked], marked))
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
    signed = [(MANIFEST, SEAL), *((name, name.removesuffix(".json") + ".cms") for name in sorted(contents.receipts))]
    for name, seal in signed:
        yield name, checker.check_bytes(members[name], members.get(seal, b""), roots=roots, training_roots=marked)
    for sha256, pdf in sorted(contents.papers.items()):
        yield f"papers/{sha256[:12]}…", checker.check_pdf(pdf, roots=roots, training_roots=marked)


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
