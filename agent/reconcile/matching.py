"""Match the rows of the buckets in which two ledgers differ: who lacks a dossier, has it twice, or has it elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agent.ports import LedgerRow
from agent.reconcile.explain import Finding, compare_rows, missing_here, missing_there, moved, twice

Placed = tuple[str, Finding]  # with the bucket that it was found in


class Matching:
    """Collects bucket by bucket; what one side has in another bucket than the other is known only at the end."""

    def __init__(self) -> None:
        self._found: list[Placed] = []
        self._only_ours: dict[str, tuple[str, LedgerRow]] = {}
        self._only_theirs: dict[str, tuple[str, LedgerRow]] = {}
        self.surplus: list[tuple[str, str]] = []  # bucket and key of what only the province counts there

    def add(self, bucket: str, ours: Mapping[str, LedgerRow], theirs: Sequence[LedgerRow]) -> None:
        """Compare one bucket's rows."""
        listed: dict[str, list[LedgerRow]] = {}
        for row in theirs:
            listed.setdefault(row.key, []).append(row)
        for key, rows in sorted(listed.items()):
            mine = ours.get(key)
            rows.sort(key=lambda row: (mine is None or row.number != mine.number, row.number))
            self._found += [(bucket, twice(row, rows[0])) for row in rows[1:2]]
            self.surplus += [(bucket, key)] * (len(rows) - (mine is not None))
            if mine is None:
                self._only_theirs[key] = (bucket, rows[0])
            else:
                self._found += [(bucket, one) for one in compare_rows(mine, rows[0])]
        self._only_ours |= {key: (bucket, row) for key, row in ours.items() if key not in listed}

    def findings(self, known: Callable[[str], str]) -> list[Placed]:
        """All findings, by bucket, dossier and kind; `known` is our state of a dossier in words, or empty."""
        found = list(self._found)
        for key, (bucket, row) in self._only_ours.items():
            elsewhere = self._only_theirs.get(key)
            if elsewhere is None:
                found.append((bucket, missing_there(row)))
            else:
                found.append((bucket, moved(row, elsewhere[1], here=bucket, there=elsewhere[0])))
                found += [(bucket, one) for one in compare_rows(row, elsewhere[1]) if one.kind != "content"]
        for key, (bucket, row) in self._only_theirs.items():
            if key not in self._only_ours:
                found.append((bucket, missing_here(row, known=known(key))))
        return sorted(found, key=lambda one: (one[0], one[1].key, one[1].kind))
