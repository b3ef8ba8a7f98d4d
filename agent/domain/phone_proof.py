"""What a phone sends of the hand-over itself: who received, by what right, what was signed, paid and given back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from agent.domain.custody_attempts import Evidence
from agent.domain.phone_fields import Fault, is_sha, text_of, uuid_of, wrong

MONEY_LIMIT: Final = 10**12
MOST_PAPERS: Final = 200


@dataclass(frozen=True, slots=True)
class PhoneProof:
    """What proves a delivery; pictures are named by their SHA-256, money is in đồng.

    `papers`: each paper of the take-back list that the phone asked for, by its id, and whether the receiver gave it;
    None from an app (before 1.1.0) that did not say.
    """

    receiver: str = ""
    relation: str = ""
    authorisation: str = ""
    identity_type: str = ""
    identity_last4: str = ""
    identity_matched: bool = False
    collected: int = 0
    code: str = field(default="", repr=False)
    signature: str = ""
    photo: str = ""
    papers: Mapping[UUID, bool] | None = None

    def evidence(self, *, placed: bool, code_right: bool = False) -> frozenset[Evidence]:
        """The kinds of evidence that are there; `placed`: the phone knew its position."""
        have = {
            Evidence.IDENTITY: bool(self.identity_type and self.identity_matched),
            Evidence.SIGNATURE: bool(self.signature),
            Evidence.PHOTO: bool(self.photo),
            Evidence.POSITION: placed,
            Evidence.ONE_TIME_CODE: code_right,
        }
        return frozenset(kind for kind, present in have.items() if present)


def read_proof(data: Any) -> PhoneProof | None:
    """The proof of an event; Fault names the field that is wrong."""
    if data is None:
        return None
    if not isinstance(data, Mapping):
        raise wrong("proof")
    money = data.get("collected", 0)
    if isinstance(money, bool) or not isinstance(money, int) or not 0 <= money <= MONEY_LIMIT:
        raise Fault(
            "amount", "Số tiền thu không hợp lệ: phải là số đồng từ 0 trở lên. Mở lại bưu gửi, nhập lại số đã thu."
        )
    for name in ("signature", "photo"):
        if data.get(name) and not is_sha(data[name]):
            raise wrong(f"proof.{name}")
    if not isinstance(data.get("identity_matched", False), bool):
        raise wrong("proof.identity_matched")
    names = ("receiver", "relation", "authorisation", "identity_type", "identity_last4", "code", "signature", "photo")
    texts = {name: text_of(data, name) for name in names}
    texts["identity_last4"] = texts["identity_last4"][-4:]
    return PhoneProof(
        **texts, identity_matched=data.get("identity_matched", False), collected=money,
        papers=_papers(data.get("papers")),
    )  # fmt: skip


def _papers(data: Any) -> dict[UUID, bool] | None:
    if data is None:
        return None
    if not isinstance(data, list) or len(data) > MOST_PAPERS:
        raise wrong("proof.papers")
    found: dict[UUID, bool] = {}
    for one in data:
        uid = uuid_of(one.get("id")) if isinstance(one, Mapping) else None
        if uid is None or uid in found or not isinstance(one.get("taken"), bool):
            raise wrong("proof.papers")
        found[uid] = one["taken"]
    return found
