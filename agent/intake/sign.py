"""Sign: the clerk's explicit act over every copy of one dossier."""

from __future__ import annotations

import uuid
from typing import Any

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.dossier import State, Step, advance
from agent.errors import IntegrityError, RuleViolation, SigningError
from agent.ports import Signer
from agent.site import Site
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.papers import Paper
from agent.store.progress import note, take_step

FORM_OF_COPY = "BẢN SAO ĐIỆN TỬ"


def sign_copies(site: Site, uid: uuid.UUID, *, by: Actor, pin: str = "") -> list[Paper]:
    """Sign every unsigned copy with the clerk's own key (PAdES B-B), and complete the step.

    A copy whose bytes differ from those that were made is not signed. SigningError when the key is not usable.
    """
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        if dossier.state is State.SIGNED:
            return signed_papers(dossier)  # the answer to the first press was lost; nothing is signed twice
        if dossier.state is not State.SUPPLEMENT_ASKED:
            advance(dossier.state, Step.SIGN)
        papers = unsigned(dossier)
    if not papers and dossier.state is State.SUPPLEMENT_ASKED:
        raise RuleViolation("Không có bản nào chờ ký. Số hóa giấy tờ bổ sung trước.")
    signer = usable_signer(site, by, pin)
    signed = [(paper, *_sign_one(site, signer, dossier, paper, by)) for paper in papers]
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        at = site.clock.now()
        kept = [_keep(site, paper, sha256, size, signer) for paper, sha256, size in signed]
        body: dict[str, Any] = {"papers": [paper.signed_sha256 for paper in kept], "training": signer.training}
        if dossier.state is State.SUPPLEMENT_ASKED:
            note(dossier, "signed", by=by, at=at, ids=site.ids, **body)
        else:
            take_step(dossier, Step.SIGN, by=by, at=at, ids=site.ids, **body)
    return kept


def usable_signer(site: Site, by: Actor, pin: str = "") -> Signer:
    """The clerk's signer, checked before any work is done with it."""
    signer = site.signers().of(by.username, by.full_name, pin=pin)
    problems = signer.usable(site.clock.now())
    if problems:
        raise SigningError("Chưa ký được: " + "; ".join(problems) + ". Liên hệ quản trị để cấp lại khóa ký.")
    return signer


def unsigned(dossier: Dossier) -> list[Paper]:
    """Copies that wait for the clerk's signature."""
    mine = (Paper.dossier == dossier) & Paper.signed_sha256.is_null()
    return list(Paper.select().where(mine).order_by(Paper.id))


def signed_papers(dossier: Dossier) -> list[Paper]:
    """Copies that carry the clerk's signature."""
    mine = (Paper.dossier == dossier) & Paper.signed_sha256.is_null(False)
    return list(Paper.select().where(mine).order_by(Paper.id))


def _sign_one(site: Site, signer: Signer, dossier: Dossier, paper: Paper, by: Actor) -> tuple[str, int]:
    at = site.clock.now()
    stamp = [FORM_OF_COPY, site.settings.office.name, by.full_name, local(at).isoformat(timespec="seconds")]
    pdf = signer.sign_pdf(
        site.vault.get(paper.copy_sha256), at=at, reason=f"Sao từ giấy tờ của hồ sơ {dossier.provisional}", stamp=stamp
    )
    report = site.signers().check_pdf(pdf)
    if not report.valid:
        raise SigningError(f"Chữ ký trên “{paper.name}” không đạt: {'; '.join(report.problems)}. Ký lại.")
    return site.vault.put(pdf), len(pdf)


def _keep(site: Site, paper: Paper, sha256: str, size: int, signer: Signer) -> Paper:
    now: Paper = Paper.get_by_id(paper.id)
    if now.signed_sha256:
        return now  # another window signed it; one signature is enough
    if now.copy_sha256 != paper.copy_sha256:
        raise IntegrityError("Bản số hóa vừa được thay trong lúc ký. Xem lại rồi ký lại.")
    now.signed_sha256, now.signed_size = sha256, size
    now.signer, now.signed_at = signer.subject, site.clock.now()
    now.evidence = {**now.evidence, "signature": {"subject": signer.subject, "training": signer.training}}
    now.save()
    return now
