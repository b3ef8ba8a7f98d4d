"""What the sandbox province knows beforehand, and the official numbers it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agent.clock import local
from agent.domain.canonical import CanonicalDossier
from agent.domain.canonical_codec import instant_text
from agent.soap.province import catalogue
from agent.soap.province.ledger import Ledger
from agent.soap.province.refusal import Refusal


@dataclass(frozen=True)
class Rules:
    """What the sandbox province knows beforehand.

    `agency` resolves the dossiers of offices that `offices` (office -> agency) does not name; an empty `offices`
    takes every office. `ministry` is the two digits of the host ministry in the number of 2026.
    """

    agency: str = "H26.019.02"
    ministry: str = "01"
    offices: Mapping[str, str] = field(default_factory=dict)
    procedures: Sequence[Mapping[str, Any]] = ()

    def agency_of(self, office: str) -> str:
        """The resolving agency of an office; OFFICE_UNKNOWN when the contract does not name it."""
        if self.offices and office not in self.offices:
            raise Refusal("OFFICE_UNKNOWN", "Bưu cục không có trong hợp đồng.", field="office")
        return self.offices.get(office, self.agency)

    def known(self, code: str, now: datetime) -> None:
        """PROCEDURE_UNKNOWN unless the province receives this procedure today."""
        if not catalogue.receives(self.procedures, code, local(now).date().isoformat()):
            raise Refusal("PROCEDURE_UNKNOWN", "Tỉnh không nhận thủ tục này.", field="procedure")


class Numbers:
    """Gives official numbers, one per key."""

    def __init__(self, ledger: Ledger, rules: Rules, now: Callable[[], datetime]) -> None:
        self.ledger, self.rules, self.now = ledger, rules, now

    def allocate(self, *, office: str, procedure: str, key: str) -> str:
        """The official number for `key`, the same each time."""
        self.rules.known(procedure, self.now())
        agency = self.rules.agency_of(office)
        with self.ledger.writing():
            held = self.ledger.row("SELECT * FROM allocations WHERE key = :key", key=key)
            if held is not None:
                if (held["office"], held["procedure"]) != (office, procedure):
                    raise Refusal("KEY_REUSE", "Khóa đã dùng cho bưu cục hoặc thủ tục khác.", field="key")
                return str(held["number"])
            number = self.mint(agency, office=office, procedure=procedure, key=key)
            self.ledger.note(instant_text(self.now()), "AllocateNumber", key, number)
            return number

    def mint(self, agency: str, *, office: str, procedure: str, key: str) -> str:
        """A new number `agency-yymmdd-AAXXXX`: AA the ministry, XXXX the agency's daily sequence."""
        now = self.now()
        day = local(now).strftime("%y%m%d")
        self.ledger.run(
            "INSERT INTO counters (agency, day, next) VALUES (:agency, :day, 1)"
            " ON CONFLICT DO UPDATE SET next = next + 1",
            agency=agency,
            day=day,
        )
        counted = self.ledger.row(
            "SELECT next FROM counters WHERE agency = :agency AND day = :day", agency=agency, day=day
        )
        number = f"{agency}-{day}-{self.rules.ministry}{(counted or {'next': 1})['next']:04d}"
        self.ledger.run(
            "INSERT INTO allocations (key, office, procedure, number, at)"
            " VALUES (:key, :office, :procedure, :number, :at)",
            key=key,
            office=office,
            procedure=procedure,
            number=number,
            at=instant_text(now),
        )
        return number

    def of(self, dossier: CanonicalDossier) -> str:
        """The dossier's official number: the one it carries, the one allocated for it, or a new one."""
        agency = self.rules.agency_of(dossier.office)
        held = self.ledger.row(
            "SELECT * FROM allocations WHERE number = :number OR (:number = '' AND key = :key)",
            number=dossier.official,
            key=dossier.provisional,
        )
        if held is None and dossier.official:
            raise Refusal("NUMBER_UNKNOWN", "Số hồ sơ không do tỉnh cấp.", field="official")
        if held is not None and held["office"] != dossier.office:
            raise Refusal("NUMBER_UNKNOWN", "Số hồ sơ đã cấp cho bưu cục khác.", field="official")
        if held is None:
            return self.mint(agency, office=dossier.office, procedure=dossier.procedure.code, key=dossier.provisional)
        if self.ledger.row("SELECT number FROM dossiers WHERE number = :number", number=held["number"]):
            raise Refusal("NUMBER_TAKEN", "Số hồ sơ đã thuộc hồ sơ khác.", field="official")
        return str(held["number"])
