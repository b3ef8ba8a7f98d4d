"""Sign: the clerk's explicit act over every copy of one dossier."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.dossier import State, Step, advance
from agent.errors import IntegrityError, RuleViolation, SigningError
from agent.intake.electronic import originals
from agent.intake.extraction_confirm import require_settled, take_what_is_asked
from agent.intake.paper_facts import enter_from_values
from agent.intake.unfiled import unless_kept
from agent.ports_signing import Signer, Standing
from agent.site import Site
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.papers import Paper
from agent.store.progress import note, take_step

FORM_OF_COPY = "BẢN SAO ĐIỆN TỬ"


def sign_copies(site: Site, uid: uuid.UUID, *, by: Actor, pin: str = "") -> list[Paper]:
    """Sign every unsigned copy with the clerk's own key (PAdES), and complete the step.

    A copy whose bytes differ from those that were made is not signed. SigningError when the key is not usable; when it
    fails in the middle (a token pulled out), the copies before it stay signed, and the next act goes on with the rest.
    """
    take_what_is_asked(site, uid)
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        if dossier.state is State.SIGNED:
            return signed_papers(dossier)  # the answer to the first press was lost; nothing is signed twice
        if dossier.state is not State.SUPPLEMENT_ASKED:
            advance(dossier.state, Step.SIGN)
        require_settled(site, dossier)
        papers = unsigned(dossier)
        kept = originals(dossier)
    if not papers and kept:
        return _only_originals(site, uid, kept, by)
    if not papers and dossier.state is State.SUPPLEMENT_ASKED:
        raise RuleViolation("Không có bản nào chờ ký. Số hóa giấy tờ bổ sung trước.")
    signer = usable_signer(site, by, pin)
    evidence = _evidence(site, signer)
    signed, stopped = list[_Signed](), None
    for paper in papers:
        try:
            signed.append(_sign_one(site, signer, dossier, paper, by))
        except SigningError as error:
            stopped = error
            break
    if signed or not stopped:
        kept = _keep_all(site, uid, signed, signer, evidence, by, finished=stopped is None)
    if stopped:
        raise _told(stopped, len(signed), len(papers))
    return kept


def _only_originals(site: Site, uid: uuid.UUID, kept: list[Paper], by: Actor) -> list[Paper]:
    """Complete the step without a key: what was handed in is signed by others, and is not signed over."""
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        if dossier.state is not State.SUPPLEMENT_ASKED:
            files = [paper.signed_sha256 for paper in kept]
            take_step(dossier, Step.SIGN, by=by, at=site.clock.now(), ids=site.ids, papers=[], originals=files)
    return []


@dataclass(frozen=True)
class _Signed:
    """A paper's signed bytes, already in the vault."""

    paper: Paper
    sha256: str
    size: int
    facts: dict[str, Any]


def _keep_all(
    site: Site, uid: uuid.UUID, signed: list[_Signed], signer: Signer, evidence: dict[str, Any], by: Actor, *,
    finished: bool,
) -> list[Paper]:  # fmt: skip
    """Record what was signed; with the last paper the step is done."""
    with unless_kept(site, [one.sha256 for one in signed]), site.store.writing():
        dossier = dossier_by_uid(uid)
        at = site.clock.now()
        kept = [_keep(site, one, signer, evidence) for one in signed]
        for paper in kept:
            enter_from_values(site, paper, by=by, at=at)
        body: dict[str, Any] = {"papers": [paper.signed_sha256 for paper in kept], "training": signer.training}
        if dossier.state is State.SUPPLEMENT_ASKED or not finished:
            note(dossier, "signed", by=by, at=at, ids=site.ids, **body)
        else:
            take_step(dossier, Step.SIGN, by=by, at=at, ids=site.ids, **body)
    return kept


def _told(error: SigningError, done: int, count: int) -> SigningError:
    """The same refusal, with how far the act came."""
    if not done:
        return error
    return SigningError(f"Đã ký {done} trong {count} bản, các bản đó vẫn giữ. {error.message}", code=error.code)


def signing_outlook(site: Site, by: Actor) -> Standing:
    """What would stop or trouble this clerk's signature now, before paper is scanned for it; asks no PIN."""
    return site.signers().ready(by.username, by.full_name)


def usable_signer(site: Site, by: Actor, pin: str = "") -> Signer:
    """The clerk's signer, checked before any work is done with it."""
    signer = site.signers().of(by.username, by.full_name, pin=pin)
    problems = signer.usable(site.clock.now())
    if problems:
        raise SigningError(f"Chưa ký được: {' '.join(problems)}", code="signing-certificate")
    return signer


def unsigned(dossier: Dossier) -> list[Paper]:
    """Copies that wait for the clerk's signature."""
    mine = (Paper.dossier == dossier) & Paper.signed_sha256.is_null()
    return list(Paper.select().where(mine).order_by(Paper.id))


def signed_papers(dossier: Dossier) -> list[Paper]:
    """Copies that carry the clerk's signature."""
    mine = (Paper.dossier == dossier) & Paper.signed_sha256.is_null(False)
    return list(Paper.select().where(mine).order_by(Paper.id))


def _sign_one(site: Site, signer: Signer, dossier: Dossier, paper: Paper, by: Actor) -> _Signed:
    at, sealing, office = site.clock.now(), site.settings.signing.seal, site.settings.office.name
    reason, time = f"Sao từ giấy tờ của hồ sơ {dossier.provisional}", local(at).isoformat(timespec="seconds")
    done = signer.sign_pdf(
        site.vault.get(paper.copy_sha256),
        at=at,
        reason=reason,
        stamp=[FORM_OF_COPY, f"Cơ quan: {office}", f"Người ký: {by.full_name}", f"Thời gian ký: {time}"],
        room=sealing,
    )
    facts: dict[str, Any] = {"level": done.level, "remarks": list(done.remarks)}
    if sealing:
        seal = site.signers().office(office)
        done = seal.sign_pdf(
            done.pdf,
            at=at,
            reason=reason,
            stamp=[FORM_OF_COPY, f"Cơ quan: {office}", f"Thời gian ký: {time}"],
            seal=True,
        )
        facts["seal"] = {"subject": seal.subject, "level": done.level, "remarks": list(done.remarks)}
    report = site.signers().check_pdf(done.pdf)
    if not report.valid:
        raise SigningError(f"Chữ ký trên “{paper.name}” không đạt: {' '.join(report.problems)} Ký lại.")
    if report.stamped_at:
        facts["stamped_at"] = report.stamped_at.isoformat()
    return _Signed(paper, site.vault.put(done.pdf), len(done.pdf), facts)


def _evidence(site: Site, signer: Signer) -> dict[str, Any]:
    """Whose key and what it rests on: chain, OCSP answers and CRLs are in the vault, here are their hashes."""
    standing = signer.standing(site.clock.now())
    held = {kind: [site.vault.put(der) for der in ders] for kind, ders in standing.evidence.items()}
    return {"subject": signer.subject, "training": signer.training, "doubts": list(standing.remarks), **held}


def _keep(site: Site, signed: _Signed, signer: Signer, evidence: dict[str, Any]) -> Paper:
    now: Paper = Paper.get_by_id(signed.paper.id)
    if now.signed_sha256:
        return now  # another window signed it; one signature is enough
    if now.copy_sha256 != signed.paper.copy_sha256:
        raise IntegrityError("Bản số hóa vừa được thay trong lúc ký. Xem lại rồi ký lại.")
    now.signed_sha256, now.signed_size = signed.sha256, signed.size
    now.signer, now.signed_at = signer.subject, site.clock.now()
    now.evidence = {**now.evidence, "signature": {**evidence, **signed.facts}}
    now.save()
    return now
