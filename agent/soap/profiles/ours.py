"""Our side of a profile: the operations that a province may offer, what each may send, and what it must learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from agent.domain.canonical import CanonicalDelivery, CanonicalDossier, CanonicalSupplement
from agent.domain.canonical_codec import Facet, facet_of, item_kind, members, nested
from agent.domain.tracking_status import ProvinceStatus

CONTENT: Final = "@content"  # the bytes of the file at hand, as base64
STATUSES: Final = tuple(str(int(one)) for one in ProvinceStatus)


@dataclass(frozen=True)
class Ours:
    """One operation of ours: its name in our contract, what is frozen for it, what else it may say and must learn."""

    contract: str
    payload: Any = None
    words: tuple[str, ...] = ("@office", "@now")
    needs: tuple[str, ...] = ()  # names that its answer must map
    may: tuple[str, ...] = ()
    query: bool = False  # changes nothing: an unusable answer is "unavailable", never "unknown"


_SENT: Final = ("@office", "@now", "@number", "@key", "@digest")
OPERATIONS: Final[Mapping[str, Ours]] = {
    "procedures": Ours(
        "GetProcedures", None, ("@office", "@now", "@since"), ("each", "code", "name"),
        ("field", "version", "active", "validFrom", "validUntil"), query=True,
    ),
    "allocate_number": Ours(
        "AllocateNumber", None, ("@office", "@now", "@procedure", "@provisional"), ("number",)
    ),
    "submit": Ours("SubmitDossier", CanonicalDossier, _SENT, (), ("number",)),
    "supplement": Ours("SupplementDossier", CanonicalSupplement, _SENT, (), ("number",)),
    "report_delivery": Ours("ReportDelivery", CanonicalDelivery, _SENT, (), ("number",)),
    "upload_state": Ours(
        "GetUploadState", None, ("@office", "@now", "@sha256"), ("received",), ("complete",), query=True
    ),
    "put_chunk": Ours(
        "PutDocumentChunk", None, ("@office", "@now", "@sha256", "@offset", "@total", "@bytes", "@chunkSha256"),
        (), ("received", "complete"),
    ),
    "ledger": Ours(
        "ListBucket", None, ("@office", "@now", "@from", "@to"), ("each", "number", "provisional", "at"),
        ("status", "files"), query=True,
    ),
    "submission": Ours(
        "GetSubmission", None, ("@office", "@now", "@number", "@provisional"), ("each", "number"),
        ("provisional", "at", "files"), query=True,
    ),
    "status_changes": Ours(
        "GetStatusChanges", None, ("@office", "@now", "@cursor", "@maximum"),
        ("each", "number", "status", "cursor", "version", "at"),
        ("body", "handler", "note", "due_at", "results.each", "results.id", "results.name", "results.type",
         "results.form", "results.sha256", "requests.each", "requests.component", "requests.name", "requests.reason"),
        query=True,
    ),
}  # fmt: skip
"""By the name that stands in `[operation.NAME]`."""

ANSWER_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "status": STATUSES,
    "results.form": ("paper", "electronic"),
}
"""What a value of an answer may be on our side."""


@dataclass(frozen=True)
class Kind:
    """What stands at a canonical path: the lists that it lies in (outermost first) and the values it may have."""

    lists: tuple[str, ...]
    values: tuple[str, ...] = ()
    truth: bool = False
    list: bool = False


def canonical_paths(payload: Any) -> dict[str, Kind]:
    """Every path of a canonical dataclass, leaves and lists, as `components.files.name`.

    >>> canonical_paths(CanonicalSupplement)["components.files.name"].lists
    ('components', 'components.files')
    """
    found: dict[str, Kind] = {}
    if payload is not None:
        _walk(payload, "", (), found)
    return found


def _walk(payload: Any, before: str, lists: tuple[str, ...], found: dict[str, Kind]) -> None:
    for member in members(payload):
        path = f"{before}{member.json}"
        inner, group = item_kind(member.kind), nested(member.kind)
        if inner is not None:
            found[path] = Kind(lists, list=True)
            _walk(inner, f"{path}.", (*lists, path), found)
        elif group is not None:
            _walk(group, f"{path}.", lists, found)
        else:
            found[path] = Kind(lists, _values(member.kind), member.kind is bool)


def _values(kind: Any) -> tuple[str, ...]:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return tuple(str(one) for one in kind)
    facet = facet_of(kind)
    if isinstance(facet, Facet) and facet.pattern.startswith("(male|"):
        return ("male", "female", "other")
    return ()
