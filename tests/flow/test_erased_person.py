"""After a person is erased nothing in the store names them, and nothing of theirs can be read from the vault."""

from __future__ import annotations

import pytest

from agent.domain.custody_steps import CustodyStep
from agent.domain.text import fold
from agent.errors import RuleViolation
from agent.intake.digitise import make_copies
from agent.intake.erase import erase_person
from agent.intake.filing import add_pages, pages_of, remove_page
from agent.intake.label import confirm_label
from agent.intake.sign import sign_copies
from agent.intake.submit import submit
from agent.intake.void import void
from agent.store import journal
from agent.store.dossiers import Dossier
from agent.store.lookup import components_of
from agent.store.phones import PhoneBlob
from agent.tracking.back.decide import addressee_only
from agent.tracking.custody import move
from agent.tracking.deliver import deliver, fail_attempt
from tests.builders import CHIEF, CLERK, COURIER, scanned
from tests.flow.counter import PROOF, Counter
from tests.flow.custody_world import PROOF as phone_proof
from tests.flow.custody_world import PhoneAtHand

SECRETS = ("Nguyễn Thị Hường", "001188012345", "912345678", "Lạc Long Quân", "chủ hồ sơ")
REASON = "trang của chị Nguyễn Thị Hường bị mờ"


def everything(desk: Counter) -> str:
    """All that the open database holds, as text: what whoever has the key could read."""
    tables = desk.site.store.database.get_tables()
    rows: list[str] = []
    with desk.site.store.reading():
        for table in tables:
            for row in desk.site.store.database.execute_sql(f'SELECT * FROM "{table}"'):
                rows += [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row]
    return "\n".join(rows)


def whole_life(desk: Counter) -> Dossier:
    """A dossier with a page taken out and a copy made anew, a failed attempt, and a delivery."""
    dossier = desk.receive()
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    desk.digitise(dossier)
    with desk.site.store.reading():
        component = next(one for one in components_of(dossier) if pages_of(one))
        first = pages_of(component)[0]
    remove_page(desk.site, dossier.uid, first.uid, by=CLERK, reason="mờ")
    again = desk.site.digitiser().read_bytes("lai.jpg", scanned("quét lại"))
    add_pages(desk.site, dossier.uid, component.uid, again, by=CLERK)
    make_copies(desk.site, dossier.uid, by=CLERK)
    sign_copies(desk.site, dossier.uid, by=CLERK)
    submit(desk.site, dossier.uid, by=CLERK)
    desk.send()
    desk.act(dossier, "take-up", "finish", "result-ready")
    desk.send()
    number = desk.out(dossier)
    fail_attempt(
        desk.site, number, reason="absent", action="redeliver", evidence=("position", "invitation"), by=COURIER,
        note="chị Nguyễn Thị Hường đi vắng",
    )  # fmt: skip
    move(desk.site, number, CustodyStep.OUT_FOR_DELIVERY, by=COURIER)
    to_somebody_else(desk, number)
    deliver(desk.site, number, PROOF, by=COURIER)
    desk.send()
    return desk.now(dossier)


def to_somebody_else(desk: Counter, number: str) -> None:
    """A phone reports that the item, which is for its addressee alone, went to another person."""
    addressee_only(desk.site, number, True, by=CLERK)
    phone, now, signed = PhoneAtHand(COURIER.username), desk.site.clock.now(), desk.site.vault.put(PROOF.signature)
    with desk.site.store.writing():
        PhoneBlob.create(
            sha256=signed, terminal_id=desk.site.settings.terminal.id, phone_uid=phone.uid, media="image/png", size=9,
            received_at=now,
        )  # fmt: skip
    phone.sees(desk.site, number)
    other = {"receiver": "Nguyễn Thị Hường Em", "signature": signed}
    event = phone.mint(CustodyStep.DELIVER, number, now, proof={**phone_proof, **other})
    (said,) = phone.send(desk.site, event)
    assert said.verdict == "refused" and "Hường Em" in said.message
    addressee_only(desk.site, number, False, by=CLERK)


def test_an_erased_person_is_nowhere_in_the_store_and_the_chains_hold(desk: Counter) -> None:
    dossier = whole_life(desk)
    before = everything(desk)
    assert all(secret in before for secret in SECRETS)
    files = {entry.body["page"] for entry in journal.entries("dossier", dossier_id=dossier.id) if "page" in entry.body}
    assert files and all(desk.site.vault.has(sha256) for sha256 in files), "a page taken out is kept until then"

    erase_person(desk.site, "001188012345", basis="luat-91-2025-dieu-14", by=CHIEF)

    after = everything(desk)
    for secret in SECRETS:
        assert secret not in after and fold(secret) not in fold(after), secret
    assert not any(desk.site.vault.has(sha256) for sha256 in files), "pages that were taken out went too"
    assert desk.site.vault.check() == []
    assert journal.verify() == []
    assert desk.now(dossier).official in after, "numbers and states stay"
    assert erase_person_again(desk)


def erase_person_again(desk: Counter) -> bool:
    with pytest.raises(RuleViolation, match="Không có hồ sơ nào"):
        erase_person(desk.site, "001188012345", basis="luat-91-2025-dieu-14", by=CHIEF)
    return True


def test_nobody_is_erased_while_a_dossier_of_theirs_is_open(desk: Counter) -> None:
    voided, open_ = desk.receive(), desk.receive()
    void(desk.site, voided.uid, by=CLERK, reason="nhập nhầm thủ tục")
    with pytest.raises(RuleViolation, match=open_.provisional):
        erase_person(desk.site, "001188012345", basis="yeu-cau", by=CHIEF)
    assert "Nguyễn Thị Hường" in everything(desk)


def test_what_a_clerk_writes_as_a_reason_goes_with_the_person(desk: Counter) -> None:
    dossier = desk.receive()
    void(desk.site, dossier.uid, by=CLERK, reason=REASON)
    erase_person(desk.site, "001188012345", basis="yeu-cau", by=CHIEF)
    assert "Nguyễn Thị Hường" not in everything(desk)
    assert journal.verify() == []
