"""Electronic originals (bản điện tử): a signed file stays as it came, is its own paper, and is not signed over."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agent.domain.actor import Actor
from agent.domain.dossier import PaperForm
from agent.domain.originals import FINDINGS, Standing, is_original, signers
from agent.domain.page_rules import RULES, Severity
from agent.errors import Incomplete, RuleViolation
from agent.intake.filing import component_of, drop_copy, may_take_pages, pages_of
from agent.intake.page_images import image_of
from agent.ports import Copy, PageImage
from agent.site import Site
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.papers import Page, Paper
from agent.store.progress import note

FORM = "electronic original"  # of a paper's evidence


def kept(site: Site, component: Component, pages: Sequence[Page]) -> Copy | None:
    """The component's paper where it is a signed file that stays as it came; None: a copy is made of its pages.

    The signatures are checked again, with the roots of today. Incomplete when they stand no more, what is to be asked
    about them was not accepted with a reason, or the component has other pages beside the file.
    """
    if component.form is not PaperForm.ELECTRONIC or site.settings.copy.originals != "keep":
        return None
    files = [page for page in pages if is_original(page.seen)]
    if not files:
        return None
    if len(pages) > 1:
        fault = f"{component.name}: bản điện tử chỉ giữ được một tệp gốc; bỏ các trang khác, hoặc bỏ tệp gốc"
        raise Incomplete(f"Chưa số hóa xong: {fault}.", [fault])
    image = image_of(site, files[0])
    (now,) = site.digitiser().read_bytes(image.name, image.raw)
    if not is_original(now.seen):
        fault = f"{component.name}: {now.reason}"
        raise Incomplete(f"Chưa số hóa xong: {fault}", [fault])
    if ask := _unaccepted(files[0], now):
        fault = f"{component.name}: {ask}"
        raise Incomplete(f"Chưa số hóa xong: {fault}", [fault])
    said = now.seen["original"]
    evidence = {
        "form": FORM,
        "at": site.clock.now().isoformat(),
        "sha256": image.sha256,
        "pages": [{"name": image.name, "sha256": image.sha256, "media": image.media, "how": "kept"}],
        "original": {**said, "accepted_by": files[0].accepted_by, "accepted_reason": files[0].accepted_reason},
    }
    return Copy(image.raw, int(now.seen.get("sheets", 1)), evidence)


def _unaccepted(page: Page, now: PageImage) -> str:
    """What the clerk has to ask about the file's signatures as they stand now; empty when that was accepted."""
    finding = FINDINGS[Standing(now.seen["original"]["state"])]
    if RULES[finding].severity is not Severity.ASK or (finding in page.findings and page.accepted_by):
        return ""
    return now.reason if finding in page.findings else f"{now.reason} Bỏ trang này, nạp lại tệp."


def signature_of(copy: Copy, sha256: str) -> dict[str, Any]:
    """The fields of a paper that say by whom it is signed: an original is, by others; a copy is not yet."""
    if copy.evidence.get("form") != FORM:
        return {}
    signatures = copy.evidence["original"]["signatures"]
    dated = [one["stamped_at"] or one["at"] for one in signatures if one["stamped_at"] or one["at"]]
    at = datetime.fromisoformat(max(dated, key=datetime.fromisoformat)) if dated else None
    return {"signed_sha256": sha256, "signed_size": len(copy.pdf), "signer": signers(signatures), "signed_at": at}


def untouched(paper: Paper) -> bool:
    """Whether a paper is an electronic original: what goes out is what came in, nothing of ours is on it."""
    return paper.signed_sha256 is not None and paper.signed_sha256 == paper.copy_sha256


def originals(dossier: Dossier) -> list[Paper]:
    """The dossier's electronic originals."""
    same = (Paper.dossier == dossier) & (Paper.signed_sha256 == Paper.copy_sha256)
    return list(Paper.select().where(same).order_by(Paper.id))


def take_as_original(site: Site, uid: uuid.UUID, component_uid: uuid.UUID, *, by: Actor) -> None:
    """Say that a component was handed in electronically, because a signed file lies under it.

    RuleViolation when there is none, or pages may not be changed any more.
    """
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        component = component_of(dossier, component_uid)
        may_take_pages(dossier, component)
        if not any(is_original(page.seen) for page in pages_of(component)):
            raise RuleViolation(f"“{component.name}” không có tệp PDF nào mang chữ ký số hợp lệ.")
        was = component.form.value
        component.form, component.quantity = PaperForm.ELECTRONIC, 1
        component.save()
        note(
            dossier, "form_changed", by=by, at=site.clock.now(), ids=site.ids,
            component=str(component.uid), was=was, form=component.form.value,
            replaced=drop_copy(component),
        )  # fmt: skip
