"""Procedures as the province publishes them: versions, ways, cases, components, results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from agent.domain.canonical import Channel, Handling
from agent.domain.deadlines import Term
from agent.domain.text import fold, sort_key
from agent.errors import NotFound, RuleViolation

__all__ = [
    "CHANNEL_CODE", "CHANNEL_NAME", "HANDLING_NAME", "AgencyRule", "Case", "Catalogue", "Channel", "Fee", "FeeUnit",
    "Handling", "Level", "Procedure", "Requirement", "ResultKind", "Way",
]  # fmt: skip

CHANNEL_CODE: Final = {Channel.DIRECT: 1, Channel.ONLINE: 2, Channel.POSTAL: 3}
"""The national portal's numbers."""
CHANNEL_NAME: Final = {
    Channel.DIRECT: "trực tiếp",
    Channel.ONLINE: "trực tuyến",
    Channel.POSTAL: "qua dịch vụ bưu chính",
}


class Level(StrEnum):
    """Which level of government decides (cấp thực hiện)."""

    MINISTRY = "ministry"
    PROVINCE = "province"
    COMMUNE = "commune"


class AgencyRule(StrEnum):
    """How the competent agency is found (cơ quan có thẩm quyền)."""

    ANY_COMMUNE = "any_commune"
    COMMUNE_OF_RESIDENCE = "commune_of_residence"
    COMMUNE_OF_BUSINESS = "commune_of_business"
    PROVINCE_DEPARTMENT = "province_department"
    PROVINCE_POLICE = "province_police"
    LAND_OFFICE = "land_office"


HANDLING_NAME: Final = {
    Handling.KEEP_FORWARD: "giữ và chuyển",
    Handling.COPY_RETURN: "số hóa rồi trả lại",
    Handling.SHOW_ONLY: "chỉ xuất trình",
}


class FeeUnit(StrEnum):
    """What a fee is charged for."""

    DOSSIER = "dossier"
    COPY = "copy"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Fee:
    """A state fee (phí, lệ phí) in đồng, in force from `since` to `until` (both included, None: open).

    `amount` is for each unit; from unit `first` + 1 on it is `then`; the whole is at most `cap`. A fee with `case` is
    charged in that case only, instead of the general fee of the same name.

    >>> Fee("Phí chứng thực", 2000, FeeUnit.PAGE, first=2, then=1000, cap=200_000).charge(5)
    7000
    """

    name: str
    amount: int
    unit: FeeUnit = FeeUnit.DOSSIER
    first: int | None = None
    then: int | None = None
    cap: int | None = None
    since: date | None = None
    until: date | None = None
    case: str = ""
    note: str = ""

    def in_force(self, on: date) -> bool:
        """Whether the fee is charged on that day."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)

    def charge(self, quantity: int = 1) -> int:
        """Đồng for `quantity` units (copies or pages); a fee by dossier is charged once."""
        if quantity < 0:
            raise ValueError("quantity must not be negative")
        units = 1 if self.unit is FeeUnit.DOSSIER else quantity
        full = units if self.first is None or self.then is None else min(units, self.first)
        total = full * self.amount + (units - full) * (self.then or 0)
        return total if self.cap is None else min(total, self.cap)


@dataclass(frozen=True, slots=True)
class Way:
    """One way of filing with its term and fees (cách thức thực hiện)."""

    channel: Channel
    term: Term
    fees: tuple[Fee, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One component on the published list (thành phần hồ sơ).

    `original` and `copies` are the quantities asked; `either` means that originals or copies serve. A copy
    that must be certified has `certified`. `document_type` is what kind of paper it is, for reuse and codes.
    """

    code: str
    name: str
    document_type: str
    original: int = 1
    copies: int = 0
    either: bool = False
    certified: bool = False
    electronic: bool = True
    required: bool = True
    handling: Handling = Handling.KEEP_FORWARD
    note: str = ""

    @property
    def digitised(self) -> bool:
        """Whether the desk makes an electronic copy; what is only shown is never copied."""
        return self.handling is not Handling.SHOW_ONLY

    @property
    def wanted(self) -> str:
        """The quantities in words.

        >>> Requirement("", "", "TK", original=1, copies=2, certified=True).wanted
        '1 bản chính, 2 bản sao chứng thực'
        """
        copy = "bản sao chứng thực" if self.certified else "bản sao"
        parts = [f"{self.original} bản chính"] if self.original else []
        parts += [f"{self.copies} {copy}"] if self.copies else []
        return (" hoặc " if self.either else ", ").join(parts)


@dataclass(frozen=True, slots=True)
class Case:
    """A case of a procedure with a checklist of its own (trường hợp)."""

    code: str
    name: str
    requirements: tuple[Requirement, ...]

    @property
    def mandatory(self) -> tuple[Requirement, ...]:
        """The components without which the dossier is not complete."""
        return tuple(requirement for requirement in self.requirements if requirement.required)

    def requirement(self, code: str) -> Requirement | None:
        """The component of that code, if it is on the list."""
        return next((requirement for requirement in self.requirements if requirement.code == code), None)


@dataclass(frozen=True, slots=True)
class ResultKind:
    """A result that the procedure ends with (kết quả)."""

    name: str
    type_code: str


@dataclass(frozen=True, slots=True)
class Procedure:
    """One version of an administrative procedure (thủ tục hành chính), addressed by (code, version).

    In force from `since` to `until`, both included. `presence` says who must come in person; such a procedure
    has no forward leg by post. `sample` marks what ships with the product until the province's own is loaded.
    """

    code: str
    version: int
    name: str
    field_code: str
    field_name: str
    level: Level
    agency_rule: AgencyRule
    since: date
    until: date | None
    sample: bool
    ways: tuple[Way, ...]
    cases: tuple[Case, ...]
    results: tuple[ResultKind, ...]
    presence: str = ""

    @property
    def presence_required(self) -> bool:
        """Whether somebody must come in person: then only the result travels by post."""
        return bool(self.presence)

    def in_force(self, on: date) -> bool:
        """Whether dossiers are received under this version on that day."""
        return self.since <= on and (self.until is None or on <= self.until)

    def way(self, channel: Channel) -> Way:
        """The way of filing; RuleViolation naming the possible ones when the procedure has it not."""
        for way in self.ways:
            if way.channel is channel:
                return way
        possible = ", ".join(CHANNEL_NAME[way.channel] for way in self.ways)
        why = f" ({self.presence})" if channel is Channel.POSTAL and self.presence else ""
        raise RuleViolation(
            f"Thủ tục {self.code} không nhận hồ sơ {CHANNEL_NAME[channel]}{why}. Chọn hình thức: {possible}."
        )

    def case(self, code: str = "") -> Case:
        """The case of that code; the first one when none is named."""
        for case in self.cases:
            if code in ("", case.code):
                return case
        possible = ", ".join(case.code for case in self.cases)
        raise NotFound(f"Thủ tục {self.code} không có trường hợp “{code}”. Chọn một trong: {possible}.")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All known procedure versions (danh mục thủ tục)."""

    procedures: Mapping[tuple[str, int], Procedure]

    @classmethod
    def of(cls, procedures: Iterable[Procedure]) -> Catalogue:
        """A catalogue of these versions; two versions of one code must not be in force on one day."""
        known: dict[tuple[str, int], Procedure] = {}
        for procedure in procedures:
            if (procedure.code, procedure.version) in known:
                raise RuleViolation(f"Danh mục có hai lần thủ tục {procedure.code} phiên bản {procedure.version}.")
            known[procedure.code, procedure.version] = procedure
        return cls(known)

    def procedure(self, code: str, version: int) -> Procedure:
        """Exactly that version: a dossier keeps the one under which it was received."""
        try:
            return self.procedures[code, version]
        except KeyError:
            raise NotFound(f"Danh mục không có thủ tục {code} phiên bản {version}. Cập nhật danh mục.") from None

    def current(self, code: str, on: date) -> Procedure:
        """The newest version in force on a day."""
        versions = [p for (known, _), p in self.procedures.items() if known == code and p.in_force(on)]
        if not versions:
            raise NotFound(f"Không có thủ tục {code} hiệu lực ngày {on:%d/%m/%Y}. Kiểm tra mã hoặc cập nhật danh mục.")
        return max(versions, key=lambda procedure: procedure.version)

    def in_force(self, on: date) -> list[Procedure]:
        """The newest version of each procedure in force on a day, by field and name."""
        codes = {code for (code, _), procedure in self.procedures.items() if procedure.in_force(on)}
        current = [self.current(code, on) for code in codes]
        return sorted(current, key=lambda p: (sort_key(p.field_name), sort_key(p.name), p.code))

    def search(self, query: str, on: date) -> list[Procedure]:
        """Procedures in force whose code begins with the query or whose name has all its words, without marks."""
        words = fold(query).split()
        return [
            procedure
            for procedure in self.in_force(on)
            if (procedure.code.startswith(query.strip()) and query.strip())
            or (words and all(word in fold(f"{procedure.name} {procedure.field_name}") for word in words))
        ]
