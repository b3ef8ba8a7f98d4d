"""A province that keeps a dossier first and its receipt later: the fault campaign must fail against it."""

from __future__ import annotations

import threading
from typing import Any

from agent.domain.canonical import canonical_json, digest
from agent.soap.province.refusal import Refusal
from agent.soap.province.submissions import Message, Submissions, receipt_plain


class LateReceipts(Submissions):
    """Accepts in one commit and signs in another, as one would whose signing device is slow."""

    def once(self, message: Message[Any], accept: Any) -> dict[str, Any]:
        if digest(canonical_json(message.payload)) != message.digest:
            raise Refusal("DIGEST_MISMATCH", "Mã tóm tắt tính lại khác mã đã gửi.", field="payloadDigest")
        held = self.held(message.key)
        if held is not None:
            return receipt_plain(held, duplicate=True)
        with self.ledger.writing():
            number = accept(message)
        threading.Event().wait(0.3)
        with self.ledger.writing():
            return receipt_plain(self._issue(message, number), duplicate=False)
