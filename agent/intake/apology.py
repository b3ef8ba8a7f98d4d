"""The letter of apology (phiếu xin lỗi) for a dossier whose day the province moved."""

from __future__ import annotations

import uuid
from datetime import datetime

from agent.clock import local
from agent.domain.citizen_news import News
from agent.domain.dossier import Role
from agent.errors import NotFound
from agent.intake.forms import form_party, head
from agent.site import Site
from agent.store.citizen_tasks import newest
from agent.store.handoffs import StatusMessage
from agent.store.lookup import dossier_by_uid, subject_of


def apology_pdf(site: Site, uid: uuid.UUID) -> bytes:
    """Form 04 for the newest extension, to be signed by the head of the body; NotFound when there was none."""
    from labels.forms.apology import ApologyForm, render

    with site.store.reading():
        dossier = dossier_by_uid(uid)
        moved = newest(dossier, News.EXTENSION)
        who = subject_of(dossier, Role.SUBMITTER) or subject_of(dossier, Role.OWNER)
        if moved is None or who is None:
            raise NotFound("Tỉnh chưa hẹn lại ngày trả của hồ sơ này.")
        said = StatusMessage.get_or_none((StatusMessage.dossier == dossier) & (StatusMessage.version == moved.version))
        form = ApologyForm(
            head=head(site, dossier, "PXL"),
            applicant=form_party(who),
            procedure_code=dossier.procedure_code,
            procedure_name=dossier.procedure_name,
            dossier_code=dossier.official or dossier.provisional,
            promised=local(datetime.fromisoformat(moved.facts["was"])),
            instead=local(datetime.fromisoformat(moved.facts["now"])),
            reason=said.note.strip().rstrip(".") if said else "",
            body=(said.body if said else "") or site.settings.office.authority_name,
        )
    return render(form)
