"""A province that speaks its own names: the port's operations said as a profile maps them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agent.domain.bucket_rows import split_kind
from agent.domain.buckets import EVERYONE
from agent.domain.canonical import digest as sha256_of
from agent.domain.canonical_codec import parse_instant
from agent.errors import AgentError, HandoffOutcomeUnknown, HandoffRejected, IntegrityError
from agent.ports import BucketDigest, LedgerRow, StatusChange, UploadState
from agent.ports_province import Capabilities, Receipt
from agent.soap.profiles import books, files
from agent.soap.profiles.answers import Answer, drift, judged, refused, unclear
from agent.soap.profiles.mapping import Builder, Scope, Unmappable, read_answer
from agent.soap.profiles.messages import change_of, procedure_of, record_of
from agent.soap.profiles.ours import OPERATIONS
from agent.soap.profiles.profile import Profile
from agent.soap.profiles.shape import Shapes
from agent.soap.profiles.unoffered import NothingOffered
from agent.soap.profiles.wsdl import Operation, Service, read_wsdl
from agent.soap.wire import Wire

MOST_CHANGES = 10_000  # asked for at once, where a cursor in seconds would not get on


@dataclass(frozen=True)
class Office:
    """What a gateway knows of the office: its id, the bytes of its files, and what it froze under a key."""

    id: str
    size: Callable[[str], int]
    read: Callable[[str, int, int], bytes]  # SHA-256, offset, length
    sent: Callable[[str], bytes | None]
    rows: Callable[[str, str, str], Mapping[str, LedgerRow]]  # office, first and last local day; by provisional number
    now: Callable[[], datetime]


class ProfileGateway(NothingOffered):
    """`agent.ports.ProvinceGateway` for a profile; safe to share between threads."""

    def __init__(self, profile: Profile, wire: Wire, office: Office) -> None:
        self._profile, self._wire, self._office = profile, wire, office
        self._service: Service = read_wsdl(profile.wsdl)
        self._builders: dict[str, Builder] = {}
        shapes = Shapes(self._service)
        for name, one in profile.operations.items():
            shape = shapes.of(self._theirs(name).request)
            assert shape is not None, "the schema has every wrapper, or the profile does not lint"
            self._builders[name] = Builder(shape, one.send)

    @property
    def signs_receipts(self) -> bool:
        """Whether the province signs its receipts."""
        return self._profile.signed

    @property
    def clock_ahead(self) -> timedelta | None:
        """How far the province's clock was ahead of ours at its last answer; None before any."""
        return self._wire.ahead

    def close(self) -> None:
        """Close this thread's connection."""
        self._wire.close()

    def capabilities(self) -> Capabilities:
        """What the profile maps; nobody is asked."""
        offered = self._offered()
        more = {"inline"} if self._profile.inline else set()
        return Capabilities(
            f"{self._profile.name}/{self._profile.revision}", self._profile.revision, self._profile.title,
            training=False, at=self._office.now(), operations=frozenset(offered), features=frozenset(more),
            limits={"maxMessageFileBytes": self._profile.limit},
        )  # fmt: skip

    def offers(self, operation: str) -> bool:
        """Whether the profile maps this operation of the contract."""
        return operation in self._offered()

    def _offered(self) -> set[str]:
        offered = {OPERATIONS[name].contract for name in self._profile.operations}
        return offered | ({"CompareDigests"} if "ListBucket" in offered else set())

    # --- catalogue and numbers
    def procedures(self, since: int = 0) -> list[dict[str, Any]]:
        """The province's procedures."""
        answer = self._call("procedures", {}, {"@since": since})
        return [procedure_of(one) for one in self._read("procedures", answer)]

    def allocate_number(self, *, office: str, procedure: str, key: str) -> str:
        """The official number for the provisional number `key`; the same key gets the same number again."""
        words = {"@office": office, "@procedure": procedure, "@provisional": key}
        answer = self._call("allocate_number", {}, words)
        number = str(self._read("allocate_number", answer)[0]["number"])
        if not number:
            raise drift("allocate_number", self._theirs("allocate_number").name, "number")
        return number

    # --- files
    def upload_state(self, sha256: str) -> UploadState:
        """How much of a file the province holds; of files that travel inside the message nothing is sent ahead."""
        if self._profile.inline:
            return UploadState(sha256, self._office.size(sha256), complete=True)
        if "upload_state" not in self._profile.operations:
            return UploadState(sha256, 0, complete=False)
        answer = self._call("upload_state", {}, {"@sha256": sha256})
        return self._held_of("upload_state", answer, sha256, 0, self._office.size(sha256))

    def put_chunk(self, sha256: str, *, offset: int, total: int, data: bytes) -> UploadState:
        """Send one part of a file of `total` bytes."""
        if self._profile.inline:
            return self.upload_state(sha256)
        words = {
            "@sha256": sha256, "@offset": offset, "@total": total, "@chunkSha256": sha256_of(data),
            "@bytes": base64.b64encode(data).decode("ascii"),
        }  # fmt: skip
        answer = self._call("put_chunk", {}, words)
        return self._held_of("put_chunk", answer, sha256, offset + len(data), total)

    def _held_of(self, name: str, answer: Answer, sha256: str, received: int, total: int) -> UploadState:
        """What an answer says of a file; where it says nothing, what it took."""
        if answer.meaning == "absent":
            return UploadState(sha256, 0, complete=False)
        read = self._read(name, answer)[0]
        try:
            held = int(read["received"]) if read.get("received") not in ("", None) else received
        except ValueError:
            raise drift(name, self._theirs(name).name, "received") from None
        whole = read.get("complete")
        return UploadState(sha256, held, held >= total if whole in ("", None) else whole in (True, "true", "1"))

    # --- submissions
    def submit(self, *, key: str, digest: str, dossier: bytes) -> Receipt:
        """Submit the frozen canonical dossier; a dossier that is there already is a success."""
        return self._submit("submit", key, digest, dossier)

    def supplement(self, *, key: str, digest: str, supplement: bytes) -> Receipt:
        """Send one supplement round."""
        return self._submit("supplement", key, digest, supplement)

    def report_delivery(self, *, key: str, digest: str, delivery: bytes) -> Receipt:
        """Report delivered results."""
        return self._submit("report_delivery", key, digest, delivery)

    def submission(self, key: str) -> Receipt | None:
        """Whether the province has what was sent under `key`, found by its dossier code; None: send it (again)."""
        payload = self._office.sent(key)
        if payload is None or "submission" not in self._profile.operations:
            return None
        plain = json.loads(payload)
        if "procedure" not in plain:
            return None  # rounds and reports are repeated: the profile says that this is harmless
        number = self._number(plain)
        return self._held(plain, number, key, sha256_of(payload))

    def _held(self, plain: Mapping[str, Any], number: str, key: str, digest: str) -> Receipt | None:
        words = {"@number": number, "@provisional": plain["provisional"]}
        answer = self._call("submission", {}, words)
        found = [] if answer.meaning == "absent" else self._read("submission", answer)
        name = ("number", number) if number else ("provisional", plain["provisional"])
        mine = [one for one in found if one.get(name[0]) == name[1]]
        if not mine:
            return None
        number = str(mine[0]["number"])
        self._same_dossier(mine[0], plain, number)
        at = parse_instant(mine[0]["at"]) if mine[0].get("at") else self._office.now()
        return record_of("submit", key, number, digest, plain, at, answer.code, self._profile, duplicate=True)

    def _same_dossier(self, found: Mapping[str, Any], plain: Mapping[str, Any], number: str) -> None:
        """Refuse a number that stands for another dossier, or for other files than ours."""
        name = self._theirs("submission").name
        if found.get("provisional", plain["provisional"]) != plain["provisional"]:
            raise refused(name, "NUMBER_TAKEN", "số hồ sơ đã thuộc hồ sơ khác; xin cấp số lại", "number")
        ours = set(files.hashes(plain))
        if "files" in found and not ours <= set(found["files"]):  # rounds add files of their own
            raise IntegrityError(
                f"Tỉnh giữ hồ sơ {number} với các tệp khác những tệp đã gửi ({name}). Việc được giữ lại, không gửi "
                "lại bằng tay; báo tỉnh kiểm tra rồi thả việc."
            )

    def _submit(self, name: str, key: str, digest: str, payload: bytes) -> Receipt:
        if sha256_of(payload) != digest:
            raise refused(name, "DIGEST_MISMATCH", "nội dung khác với mã đã ghi; báo người quản trị", "payloadDigest")
        plain = json.loads(payload)
        if name not in self._profile.operations:
            self.not_offered(OPERATIONS[name].contract)
        number = self._number(plain)
        files.check(plain, self._office.size, self._profile.limit)
        answer = self._call(name, plain, {"@number": number, "@key": key, "@digest": digest})
        if answer.meaning == "exists" and name == "submit" and "submission" in self._profile.operations:
            held = self._held(plain, number, key, digest)
            if held is None:
                raise unclear(name, self._theirs(name).name)
            return held
        said = str(self._read(name, answer)[0].get("number", "")) or number
        if not said:
            raise drift(name, self._theirs(name).name, "number")
        return record_of(
            name, key, said, digest, plain, self._office.now(), answer.code, self._profile,
            duplicate=answer.meaning == "exists",
        )  # fmt: skip

    def _number(self, plain: Mapping[str, Any]) -> str:
        """The official number of a payload; where it left without one, the one that its provisional number has."""
        if plain["official"] or "procedure" not in plain or "allocate_number" not in self._profile.operations:
            return str(plain["official"])
        return self.allocate_number(
            office=plain["office"], procedure=plain["procedure"]["code"], key=plain["provisional"]
        )

    # --- following
    def status_changes(self, *, office: str, cursor: int, maximum: int = 100) -> list[StatusChange]:
        """What was updated since `cursor`, oldest first; more than `maximum` where so many changed in one second."""
        found = self._changes(office, cursor, maximum)
        while len(found) == maximum and found[-1].cursor == cursor and maximum < MOST_CHANGES:
            maximum *= 10
            found = self._changes(office, cursor, maximum)
        return found

    def _changes(self, office: str, cursor: int, maximum: int) -> list[StatusChange]:
        words = {"@office": office, "@cursor": cursor, "@maximum": maximum}
        answer = self._call("status_changes", {}, words)
        found = [] if answer.meaning == "absent" else self._read("status_changes", answer)
        try:
            made = [change_of(one) for one in found]
        except (ValueError, KeyError, TypeError):
            raise drift("status_changes", self._theirs("status_changes").name, "cursor, version") from None
        return sorted(made, key=lambda one: (one.cursor, one.version))

    # --- reconciling
    def compare_digests(self, *, scope: str, digests: Sequence[BucketDigest]) -> list[BucketDigest]:
        """Digests of the province's list, in which what it cannot say stands as on our side."""
        if "ledger" not in self._profile.operations or split_kind(scope)[0] or scope.startswith(EVERYONE):
            self.not_offered("CompareDigests")
        return books.differing(scope.partition("|")[0], scope, digests, self._rows(scope))

    def list_bucket(self, bucket: str) -> list[LedgerRow]:
        """The dossiers of one day as the province lists them."""
        if "ledger" not in self._profile.operations:
            self.not_offered("ListBucket")
        return self._rows(bucket)

    def _rows(self, scope: str) -> list[LedgerRow]:
        office, _, when = scope.partition("|")
        first, last = books.span(when, self._office.now())
        begin, end = books.instants(first, last)
        answer = self._call("ledger", {}, {"@office": office, "@from": begin, "@to": end})
        listed = [] if answer.meaning == "absent" else self._read("ledger", answer)
        try:
            return books.rows_of(listed, self._office.rows(office, first, last))
        except (ValueError, KeyError):
            raise drift("ledger", self._theirs("ledger").name, "provisional, at, status") from None

    # --- one call
    def _theirs(self, name: str) -> Operation:
        if name not in self._profile.operations:
            self.not_offered(OPERATIONS[name].contract)
        return self._service.operations[self._profile.operations[name].calls]

    def _call(self, name: str, payload: Mapping[str, Any], words: Mapping[str, Any]) -> Answer:
        theirs = self._theirs(name)
        known = {"@office": self._office.id, "@now": self._office.now(), **words}
        content = files.reader(self._office.size, self._office.read, packed=self._profile.gzip_files)
        try:
            request = self._builders[name].build(Scope(payload, known, content))
        except Unmappable as error:
            raise refused(theirs.name, "CONTENT_INVALID", f"{error}; sửa bảng mã hoặc hồ sơ", error.place) from None
        if wrong := self._service.first_fault(request):
            raise refused(theirs.name, "SCHEMA_INVALID", "giá trị không theo lược đồ của tỉnh; sửa mục này", wrong)
        try:
            reply, trust = self._wire.post(theirs.name, request, action=theirs.action, issue=_issue(payload, words))
        except HandoffOutcomeUnknown:
            raise unclear(name, theirs.name) from None
        try:
            return judged(name, theirs, self._service, self._profile.errors, (reply, trust))
        except HandoffRejected:
            raise
        except AgentError:
            self._wire.close()  # what follows on this connection may belong to another question
            raise

    def _read(self, name: str, answer: Answer) -> list[dict[str, Any]]:
        try:
            return read_answer(answer.element, self._profile.operations[name].answer)
        except Unmappable as error:
            raise drift(name, self._theirs(name).name, error.place) from None


def _issue(payload: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    """The code of the dossier that a call is about."""
    return str(words.get("@number") or payload.get("official") or words.get("@provisional") or "")
