"""A stub of a profiled province: takes and checks messages, keeps what they say, answers with the profile's codes."""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from agent.domain.canonical_codec import instant_text
from agent.errors import RuleViolation
from agent.soap.profiles.convert import Unconvertible
from agent.soap.profiles.mapping import Builder, Scope, back, texts
from agent.soap.profiles.ours import CONTENT, STATUSES
from agent.soap.profiles.profile import Entry, MappedOperation, Part, Profile
from agent.soap.profiles.shape import Node, Shapes
from agent.soap.profiles.stub_store import StubStore
from agent.soap.profiles.wsdl import read_wsdl

if TYPE_CHECKING:
    from lxml.etree import _Element

log = logging.getLogger(__name__)
Done = tuple[str, list[dict[str, Any]]]
"""What became of a message: its meaning, and the values that the answer carries."""
_LOSSLESS = ("date", "money", "bool", "map")


class Unheard(Exception):
    """A message that the stub cannot take; its text says why, without any value."""


class Stub:
    """The desk of the stub; `now` is its clock."""

    def __init__(self, profile: Profile, store: StubStore, now: Callable[[], datetime]) -> None:
        self.profile, self.store, self.now = profile, store, now
        self.service = read_wsdl(profile.wsdl)
        self._shapes = Shapes(self.service)

    def name_of(self, request: _Element) -> str:
        """Their operation that a request asks for; Unheard when there is none."""
        found = [one.name for one in self.service.operations.values() if one.request == request.tag]
        if not found:
            raise Unheard("không có thao tác này")
        return found[0]

    def answer(self, request: _Element) -> _Element:
        """The answer to one request; what it says is on disk when this returns."""
        theirs = self.name_of(request)
        ours = self._ours(theirs, request)
        wrong = self.service.first_fault(request)
        if wrong:
            log.warning("%s: field %s does not fit the schema", theirs, wrong)
            return self._reply(ours, "reject", [])
        try:
            said = understood(request, ours.send)
            with self.store.writing():
                meaning, items = self._done(ours, request, said)
        except (Unconvertible, Unheard) as error:
            log.warning("%s: %s", theirs, error)
            meaning, items = "reject", []
        return self._reply(ours, meaning, items)

    def busy(self, request: _Element) -> _Element:
        """The answer of a province that processed nothing and asks to come back."""
        return self._reply(self._ours(self.name_of(request), request), "retry", [])

    def act(
        self, number: str, status: str, *, note: str = "", results: Sequence[str] = (), gaps: Sequence[str] = ()
    ) -> None:
        """The province's clerk: a new status, with results ("paper", "electronic") or papers that are asked for."""
        if status not in STATUSES:
            raise RuleViolation(f"Trạng thái “{status}” không có. Ghi từ 1 đến 10.")
        with self.store.writing():
            held = self.store.dossier(number)
            if held is None:
                raise RuleViolation(f"Tỉnh giả lập không có hồ sơ {number}. Kiểm tra lại số.")
            made = [*held["results"]]
            for form in results:
                made.append({"id": f"KQ{len(made) + 1}", "name": f"Kết quả {len(made) + 1}", "form": form})
            asked = [{"component": code, "name": code, "reason": note or "cần bổ sung"} for code in gaps]
            self.store.run(
                "UPDATE dossiers SET status = :status, version = version + 1, updated = :at, note = :note,"
                " results = :results, requests = :requests WHERE number = :number",
                status=status, at=self._moment(), note=note, number=number,
                results=json.dumps(made), requests=json.dumps(asked),
            )  # fmt: skip

    # --- what each operation does
    def _ours(self, theirs: str, request: _Element) -> MappedOperation:
        """Which operation of ours a request is: of those that call theirs, the one whose lines fit best."""
        there = {place for one in self.profile.operations.values() for place in one.send if texts(request, place)}
        calling = [one for one in self.profile.operations.values() if one.calls == theirs]
        if not calling:
            raise Unheard("hồ sơ kết nối không dùng thao tác này")
        return max(calling, key=lambda one: len(there & set(one.send)) - len(set(one.send) - there))

    def _done(self, ours: MappedOperation, request: _Element, said: Mapping[str, Any]) -> Done:
        if ours.name == "allocate_number":
            return "done", [{"number": self._number(said)}]
        if ours.name in ("upload_state", "put_chunk"):
            return "done", [self._part(ours.name, said)]
        if ours.name == "procedures":
            from agent.soap.province import catalogue

            return "done", [dict(one) for one in catalogue.sample()]
        if ours.name == "submission":
            found = [held for held in [self.store.dossier(str(said.get("@number", "")))] if held]
            return ("done" if found else "absent"), [self._row(held) for held in found]
        if ours.name == "ledger":
            between = {"begin": str(said.get("@from", "")), "end": str(said.get("@to", "9"))}
            listed = self.store.dossiers("WHERE received >= :begin AND received <= :end", **between)
            return "done", [{**self._row(held), "at": held["received"]} for held in listed]
        if ours.name == "status_changes":
            since, most = self._since(said), int(said.get("@maximum") or 100)
            changed = self.store.dossiers("WHERE updated >= :since", since=since)[:most]
            return "done", [self._row(held) for held in changed]
        return self._taken(ours, request, said)

    def _taken(self, ours: MappedOperation, request: _Element, said: Mapping[str, Any]) -> Done:
        number = str(said.get("@number") or said.get("official") or "") or self._number(said)
        files = self._files(request, ours)
        held = self.store.dossier(number)
        theirs = {
            place: texts(request, place)
            for place, one in ours.send.items()
            if not one.each and CONTENT not in one.source
        }
        kept = {"theirs": json.dumps(theirs, ensure_ascii=False), "ours": json.dumps(said, ensure_ascii=False)}
        if ours.name == "submit":
            provisional = str(said.get("provisional", number))
            if held is not None:
                return ("exists" if held["provisional"] == provisional else "reject"), [{"number": number}]
            self.store.run(
                "INSERT INTO dossiers (number, provisional, status, version, updated, received, files, theirs, ours)"
                " VALUES (:number, :provisional, '1', 1, :at, :received, :files, :theirs, :ours)",
                number=number, provisional=provisional, at=self._moment(), files=json.dumps(files),
                received=str(said.get("receivedAt") or instant_text(self.now())), **kept,
            )  # fmt: skip
            return "done", [{"number": number}]
        if held is None:
            return "absent", []
        part = str(said.get("round") or ",".join(said.get("results.id") or ()))
        where = {"operation": ours.name, "number": number, "part": part}
        if self.store.rows(
            "SELECT 1 AS yes FROM messages WHERE (operation, number, part) = (:operation, :number, :part)", **where
        ):
            return "exists", [{"number": number}]
        self.store.run("INSERT INTO messages VALUES (:operation, :number, :part, :theirs, :ours)", **where, **kept)
        together = json.dumps(sorted({*held["files"], *files}))
        self.store.run("UPDATE dossiers SET files = :files WHERE number = :number", files=together, number=number)
        return "done", [{"number": number}]

    def _number(self, said: Mapping[str, Any]) -> str:
        """A number in the national form, the same for the same provisional number."""
        key = str(said.get("@provisional") or said.get("provisional") or "")
        if not key:
            raise Unheard("thông điệp không mang số biên nhận")
        held = self.store.rows("SELECT number FROM numbers WHERE provisional = :key", key=key)
        if held:
            return str(held[0]["number"])
        count = self.store.rows("SELECT count(*) AS n FROM numbers")[0]["n"]
        number = f"H26.019.02-{self.now():%y%m%d}-{count + 1:04d}"
        self.store.run("INSERT INTO numbers (provisional, number) VALUES (:key, :number)", key=key, number=number)
        return number

    def _files(self, request: _Element, ours: MappedOperation) -> list[str]:
        """Keep the files inside a message; Unheard when the bytes are not those that their hash names."""
        named = {one.source: place for place, one in ours.send.items() if one.source}
        source = next((text for text in named if text.endswith(CONTENT)), "")
        hashed = named.get(source.removesuffix(CONTENT) + "sha256", "") if source else ""
        if not hashed:
            return self._sent_ahead(request, named)
        found = []
        for sha256, text in zip(texts(request, hashed), texts(request, named[source]), strict=True):
            try:
                data = base64.b64decode(text, validate=True)
                data = gzip.decompress(data) if self.profile.gzip_files else data
            except (binascii.Error, OSError, EOFError):
                raise Unheard("tệp không giải mã được") from None
            if hashlib.sha256(data).hexdigest() != sha256:
                raise Unheard("tệp không có mã băm như đã ghi")
            self.store.keep_file(sha256, data)
            found.append(sha256)
        return sorted(set(found))

    def _sent_ahead(self, request: _Element, named: Mapping[str, str]) -> list[str]:
        """The files that a message names, all of which must be there; none where it names none."""
        place = named.get("components.files.sha256", "")
        found = sorted(set(texts(request, place))) if place else []
        if any(not self.store.part(one)[1] for one in found):
            raise Unheard("thông điệp nêu tệp chưa gửi đủ")
        return found

    def _part(self, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """Take one part of a file, or say how much of it is there."""
        sha256 = str(said.get("@sha256", ""))
        if name == "put_chunk":
            try:
                data = base64.b64decode(str(said.get("@bytes", "")), validate=True)
            except binascii.Error:
                raise Unheard("phần tệp không giải mã được") from None
            self.store.add_part(sha256, int(said.get("@offset") or 0), data)
        received, complete = self.store.part(sha256)
        return {"received": received, "complete": complete}

    def _since(self, said: Mapping[str, Any]) -> int:
        text = str(said.get("@cursor") or 0)
        return int(text) if text.isdecimal() else int(datetime.fromisoformat(text).timestamp())

    def _moment(self) -> int:
        """When something changes here: never before what the feed told already, or its readers would miss it."""
        last = self.store.rows("SELECT max(updated) AS last FROM dossiers")[0]["last"]
        return max(last or 0, int(self.now().timestamp()))

    def _row(self, held: Mapping[str, Any]) -> dict[str, Any]:
        at = instant_text(datetime.fromtimestamp(held["updated"], UTC))
        kept = ("number", "provisional", "status", "version", "note", "results", "requests", "files")
        told = {"cursor": at, "at": at, "body": "Tỉnh giả lập (TRAINING)", "handler": "Cán bộ tập huấn"}
        echo = {place.rpartition("/")[2]: found[0] for place, found in held["theirs"].items() if found}
        return {**{name: held[name] for name in kept}, **told, "echo": echo}

    # --- answers
    def _reply(self, ours: MappedOperation, meaning: str, items: Sequence[Mapping[str, Any]]) -> _Element:
        theirs = self.service.operations[ours.calls]
        shape = self._shapes.of(theirs.response)
        assert shape is not None, "a profile that lints has every wrapper"
        errors, code = self.profile.errors, self._code(meaning)
        entries = reply_entries(ours.answer, shape)
        for other in self.profile.operations.values():  # what another use of the same answer maps is told too
            if other.calls == ours.calls and other.answer.get("each") == ours.answer.get("each"):
                more = {name: entry for name, entry in other.answer.items() if name != "at"}
                entries = {**reply_entries(more, shape), **entries}
        if errors.code:
            entries[errors.code] = Entry((Part(code, constant=True),))
        sent = self.profile.operations["submit"].send if "submit" in self.profile.operations else {}
        fill(shape, entries, {place.rpartition("/")[2] for place, one in sent.items() if not one.each})
        with self.store.writing():
            self.store.run(
                "INSERT INTO log (at, operation, code) VALUES (:at, :operation, :code)",
                at=instant_text(self.now()), operation=ours.calls, code=code,
            )  # fmt: skip
        one = dict(items[0]) if items else {}
        return Builder(shape, entries).build(Scope({"items": list(items), "one": one}, {}))

    def _code(self, meaning: str) -> str:
        """Their first code of a meaning; a province that has none for it says done, or its first refusal."""
        means = self.profile.errors.means
        for wanted in (meaning, "reject" if meaning in ("retry", "reject") else "done"):
            found = next((code for code, held in means.items() if held == wanted), None)
            if found is not None:
                return found
        return ""


def understood(request: _Element, send: Mapping[str, Entry]) -> dict[str, Any]:
    """Our values of a message, by the paths that they came from; lists for what stands in lists."""
    said: dict[str, Any] = {}
    groups = [place for place, entry in send.items() if entry.each]
    for place, entry in send.items():
        if not entry.source or CONTENT in entry.source or any(step.lossy for step in entry.steps):
            continue
        values = [back(entry, text) for text in texts(request, place)]
        if any(place.startswith(f"{group}/") for group in groups):
            said[entry.source] = values
        elif values:
            said[entry.source] = values[0]
    return said


def reply_entries(answer: Mapping[str, Entry], shape: Node) -> dict[str, Entry]:
    """The lines of an answer the other way round: from values of ours to their elements."""
    each = answer["each"].source if "each" in answer else ""
    entries = {each: Entry(each="items")} if each else {}
    upper = "items" if each else "one"
    for name, entry in answer.items():
        if name == "each" or entry.parts[0].constant:
            continue
        group, _, inner = name.rpartition(".")
        base = answer[f"{group}.each"].source if group and inner != "each" and f"{group}.each" in answer else ""
        place = "/".join(filter(None, (each, base, entry.parts[0].text)))
        if inner == "each" and group:
            entries[place] = Entry(each=f"{upper}.{group}")
            continue
        steps = tuple(step for step in reversed(entry.steps) if step.name in _LOSSLESS)
        entries.setdefault(place, Entry((Part(f"{upper}.{name}"),), steps))
    return {place: entry for place, entry in entries.items() if shape.at(place) is not None}


def fill(shape: Node, entries: dict[str, Entry], sent: Set[str]) -> None:
    """What an answer must have and nobody maps: the element of that name as it was sent, else the plainest value."""
    said = {place[:at] for place in entries for at, letter in enumerate(place) if letter == "/"} | {""}
    for place, node in list(shape.walk()):
        above = place.rpartition("/")[0]
        if not node.required or node.children or place in entries or above not in said:
            continue
        if above in entries and entries[above].each == "items" and node.name in sent:
            entries[place] = Entry((Part(f"items.echo.{node.name}"),))
            continue
        text = "" if node.kind in ("string", "normalizedString", "token") else "0"
        entries[place] = Entry((Part(node.values[0] if node.values else text, constant=True),))
