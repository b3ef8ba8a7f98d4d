"""The Site: everything that use cases receive, frozen, built by wiring alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.clock import Clock, Ids
from agent.ports import Devices, Digitiser, ProvinceGateway, Vault
from agent.ports_fee_receipts import NoReceipts, ReceiptIssuer
from agent.ports_handover import ReceiptKey
from agent.ports_notices import Notifier
from agent.ports_signing import Signers
from agent.settings import Settings
from agent.store.database import Store


def _absent() -> None:
    """What this program was started without."""


@dataclass(frozen=True)
class Site:
    """One running agent's adapters; heavy ones are built when first asked for."""

    settings: Settings
    clock: Clock
    ids: Ids
    store: Store
    vault: Vault
    digitiser: Callable[[], Digitiser]
    signers: Callable[[], Signers]
    province: Callable[[], ProvinceGateway]
    devices: Devices
    notifier: Callable[[], Notifier | None] = _absent
    receipt_key: Callable[[], ReceiptKey | None] = _absent
    fee_receipts: ReceiptIssuer = field(default_factory=NoReceipts)
