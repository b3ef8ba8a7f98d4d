"""The citizen's receipts of what was handed over, signed by the office's key: text for a QR, JSON, PDF."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from agent.clock import local
from agent.domain.canonical_codec import instant_text
from agent.domain.handover_receipt import KEYWORD, HandoverFacts, as_file, compact, initials, signing_input
from agent.errors import ConfigError
from agent.ports_handover import ReceiptKey
from agent.site import Site
from agent.store.dossiers import Dossier
from agent.store.handovers import Handover, handovers_of, publish_key, published_keys


@dataclass(frozen=True)
class Receipt:
    """One signed receipt."""

    facts: HandoverFacts
    jws: str
    public: bytes

    def json(self) -> bytes:
        """The receipt as a file that `verify` takes."""
        return as_file(self.jws, self.facts, self.public)


def receipts_of(site: Site, dossier: Dossier) -> list[Receipt]:
    """A receipt for each delivery of a dossier, in order; the same each time they are asked for.

    ConfigError where this program was started without a key.
    """
    with site.store.reading():
        found = handovers_of(dossier)
    if not found:
        return []
    key = _key(site)
    return [_signed(site, one, key) for one in found]


def receipt_pdf(site: Site, receipt: Receipt) -> bytes:
    """The receipt as an A5 page: facts, the QR to check it by, and the file inside for `verify`."""
    from datetime import datetime

    from labels.forms.handover_receipt import WAY_WORDS, HandoverReceiptForm, render

    office, facts = site.settings.office, receipt.facts
    return render(
        HandoverReceiptForm(
            office=facts.office_name,
            authority=office.authority_name,
            place=office.address.rpartition(",")[2].strip() or office.name,
            item=facts.item,
            way=WAY_WORDS[facts.way],
            at=local(datetime.fromisoformat(facts.at)),
            receiver=facts.receiver,
            proof=facts.proof,
            check_url=f"{site.settings.web.public_url.rstrip('/')}/t/check/{receipt.jws}",
            training=facts.training,
            keywords=KEYWORD + base64.urlsafe_b64encode(receipt.json()).rstrip(b"=").decode(),
        )
    )


def trusted_keys(site: Site) -> dict[str, bytes]:
    """The public keys of this office's terminals, by their ids."""
    with site.store.reading():
        rows = published_keys()
    return {row.kid: base64.urlsafe_b64decode(row.public + "=" * (-len(row.public) % 4)) for row in rows}


def _key(site: Site) -> ReceiptKey:
    key = site.receipt_key()
    if key is None:
        raise ConfigError("Chương trình này không giữ khóa biên nhận. Mở trang ở máy chủ của bưu cục.")
    if key.kid not in trusted_keys(site):
        with site.store.writing():
            publish_key(key, office_id=site.settings.office.id, terminal_id=site.settings.terminal.id,
                        at=site.clock.now())  # fmt: skip
    return key


def _signed(site: Site, one: Handover, key: ReceiptKey) -> Receipt:
    own = site.settings.office
    facts = HandoverFacts(
        item=one.item,
        way=one.way,
        office=one.office_id,
        office_name=own.name if one.office_id == own.id else one.office_id,
        at=instant_text(one.at.replace(microsecond=0)),
        receiver=initials(one.receiver),
        proof=one.proof,
        training=key.training,
    )
    signed = signing_input(facts, key.kid)
    return Receipt(facts, compact(signed, key.sign(signed)), key.public)
