"""A province that forgets every key: the tests that prove "exactly one dossier" must fail against it."""

from __future__ import annotations

from typing import Any

from agent.domain.canonical import CanonicalDossier
from agent.soap.province.submissions import Submissions


class ForgetfulSubmissions(Submissions):
    """Accepts each message anew."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        with self.ledger.writing():
            self.ledger.run("DROP INDEX IF EXISTS receipts_key")
            self.ledger.run("DROP INDEX IF EXISTS dossiers_key")

    def held(self, key: str) -> dict[str, Any] | None:
        return None

    def number_for(self, dossier: CanonicalDossier) -> str:
        count = self.ledger.rows("SELECT count(*) AS n FROM dossiers")[0]["n"]
        return self.numbers.mint(
            self.rules.agency_of(dossier.office),
            office=dossier.office,
            procedure=dossier.procedure.code,
            key=f"{dossier.provisional}.{count}",
        )
