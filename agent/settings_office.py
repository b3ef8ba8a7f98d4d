"""Settings of the post office: who it is, and how its dossiers reach the authority, by procedure where they differ."""

from __future__ import annotations

from dataclasses import dataclass

from agent.errors import ConfigError


@dataclass(frozen=True)
class Office:
    """The post office (bưu cục) that this agent works for.

    An exception names a procedure's code or an authority's: there the other of the two ways holds.
    """

    id: str = "BC-TAYHO"
    name: str = "Bưu cục Tây Hồ"
    address: str = "12 Lạc Long Quân, Tây Hồ, Hà Nội"
    phone: str = "024 3829 0000"
    area: str = "01"
    return_freight: int = 26_000  # đồng for an item back to the citizen; the tariff is data of the operator
    authority: str = "H26.019.02"
    authority_name: str = "UBND phường Tây Hồ"
    filing: str = "intake"  # legal filing time: "intake" (outsourced desk) or "minutes" (hand-over minutes)
    filing_except: tuple[str, ...] = ()
    carry: str = "paper"  # "paper": originals follow to the authority; "none": it works with the electronic dossier
    carry_except: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value, known in (("filing", self.filing, ("intake", "minutes")),
                                   ("carry", self.carry, ("paper", "none"))):  # fmt: skip
            if value not in known:
                raise ConfigError(f"[office] {name} = {value!r}: chọn {' hoặc '.join(known)}.")

    def files_by_minutes(self, procedure: str, agency: str) -> bool:
        """Whether signing the minutes is the legal filing time of such a dossier; else its receipt at the desk is.

        Never where nothing is carried: no minutes would ever be signed, and the dossier never filed.

        >>> [Office(filing_except=("1.001612",)).files_by_minutes(code, "H26") for code in ("1.001612", "2.000635")]
        [True, False]
        >>> Office(filing="minutes", carry="none").files_by_minutes("1.001612", "H26")
        False
        """
        by_minutes = (self.filing == "minutes") != bool({procedure, agency} & set(self.filing_except))
        return by_minutes and self.carries(procedure, agency)

    def carries(self, procedure: str, agency: str) -> bool:
        """Whether papers that stay with such a dossier are carried to the authority.

        >>> [Office(carry="none", carry_except=("H26",)).carries("2.000635", agency) for agency in ("H26", "H27")]
        [True, False]
        """
        return (self.carry == "paper") != bool({procedure, agency} & set(self.carry_except))
