"""When a paper that was digitised before may serve again (tái sử dụng), and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Terms:
    """For how long (hiệu lực) and for what (phạm vi) a paper may serve again; no procedures or agencies: any."""

    approved: bool
    permanent: bool = False
    valid_until: date | None = None
    procedures: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """How long, in words."""
        if self.permanent:
            return "vô thời hạn"
        return f"đến hết {self.valid_until:%d/%m/%Y}" if self.valid_until else "chưa ghi thời hạn"


def why_not(terms: Terms | None, *, on: date, procedure: str, agency: str) -> list[str]:
    """All that stands against using the paper on that day for that procedure at that agency; empty: it may serve.

    >>> why_not(Terms(True, permanent=True, agencies=("H26",)), on=date(2026, 11, 29), procedure="1.1", agency="H26.19")
    []
    """
    if terms is None:
        return ["chưa ghi hiệu lực và phạm vi"]
    found = [] if terms.approved else ["chưa duyệt cho dùng lại"]
    if not terms.permanent and terms.valid_until is None:
        found.append("chưa ghi thời hạn hiệu lực")
    elif not terms.permanent and terms.valid_until is not None and terms.valid_until < on:
        found.append(f"hết hiệu lực từ {terms.valid_until:%d/%m/%Y}")
    if terms.procedures and procedure not in terms.procedures:
        found.append(f"chỉ dùng cho thủ tục {', '.join(terms.procedures)}")
    if terms.agencies and not _within(agency, terms.agencies):
        found.append(f"chỉ dùng tại cơ quan {', '.join(terms.agencies)}")
    return found


def _within(agency: str, allowed: Sequence[str]) -> bool:
    """Whether the agency is one of these or below one: H26.019 stands below H26."""
    return any(agency == one or agency.startswith(f"{one}.") for one in allowed)
