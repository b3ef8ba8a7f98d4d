"""Official receipts through a folder: one JSON a request is laid down, CSV or JSON answers are read back."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.errors import ConfigError, DeviceUnavailable
from agent.ports_fee_receipts import IssuedReceipt, ReceiptRequest

MOST_BYTES = 4 << 20


class FileReceipts:
    """`<folder>/asked/<key>.json` for the other system, `<folder>/issued/*.csv|*.json` from it.

    A CSV has the headings key, serial, number, reason; a JSON file holds one such object or a list of them.
    """

    issues = True
    words = "Biên lai do hệ thống khác phát hành; yêu cầu và số biên lai đi qua thư mục chung."

    def __init__(self, folder: Path) -> None:
        if not str(folder).strip() or not folder.is_absolute():
            raise ConfigError("money.receipts là “file” thì money.receipts_folder phải là đường dẫn đầy đủ.")
        self._asked, self._issued = folder / "asked", folder / "issued"

    def ask(self, requests: Sequence[ReceiptRequest]) -> None:
        """Lay each request down once, whole or not at all; DeviceUnavailable when the folder is not there."""
        try:
            self._asked.mkdir(parents=True, exist_ok=True)
            for one in requests:
                self._lay(one)
        except OSError as error:
            raise DeviceUnavailable(
                f"Không ghi được yêu cầu biên lai vào thư mục chung ({error.strerror}). Kiểm tra ổ mạng; sẽ tự gửi lại."
            ) from error

    def _lay(self, one: ReceiptRequest) -> None:
        target = self._asked / f"{re.sub(r'[^0-9A-Za-z._-]', '_', one.key)}.json"
        if target.exists():
            return
        body = {
            "key": one.key, "dossier": one.dossier, "ledger": one.ledger, "amount": one.amount, "currency": "VND",
            "paid_at": one.paid_at, "method": one.method,
            "lines": [{"code": code, "name": name, "amount": amount} for code, name, amount in one.lines],
        }  # fmt: skip
        part = target.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            json.dump(body, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)

    def answers(self) -> list[IssuedReceipt]:
        """What lies in `issued`; a file that cannot be read yet is left for the next time."""
        if not self._issued.is_dir():
            return []
        found = []
        for path in sorted(self._issued.iterdir()):
            if path.suffix.lower() in (".csv", ".json") and path.is_file() and path.stat().st_size <= MOST_BYTES:
                found += list(_read(path))
        return found


def _read(path: Path) -> Iterator[IssuedReceipt]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".json":
            held = json.loads(text)
            rows = held if isinstance(held, list) else [held]
        else:
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except (OSError, ValueError, csv.Error):
        return
    for row in rows:
        if isinstance(row, dict) and row.get("key") and (row.get("number") or row.get("reason")):
            yield IssuedReceipt(
                str(row["key"])[:80], str(row.get("serial") or "")[:40], str(row.get("number") or "")[:40],
                str(row.get("reason") or "")[:200],
            )  # fmt: skip
