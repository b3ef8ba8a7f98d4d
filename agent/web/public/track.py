"""Where a dossier is, for whoever holds the token from its receipt: stage, office, expected date."""

from __future__ import annotations

from werkzeug.wrappers import Response

from agent.citizen.survey import survey_of
from agent.store.dossiers import Dossier
from agent.store.handovers import handovers_of
from agent.store.public_view import door_day, view_of
from agent.web.context import site
from agent.web.guard import public as open_to_all
from agent.web.public import frame, public
from agent.web.public.stages import view_of as words_of


@public.get("/<token>")
@open_to_all
def track(token: str) -> Response:
    """The page; every wrong token gets the same answer."""
    dossier = frame.dossier_of(token)
    return frame.wrong() if dossier is None else shown(dossier, token)


def shown(dossier: Dossier, token: str) -> Response:
    """The page of one dossier; without a token (who came by phone) it stands alone and leads nowhere."""
    with site().store.reading():
        found = view_of(dossier)
        door = door_day(dossier, site().settings, frame.now())
        survey = survey_of(site(), dossier) if token else None
        given = len(handovers_of(dossier)) if token else 0
    return frame.page(
        "public/track.html", view=words_of(found), found=found, door=door, token=token, survey=survey, given=given,
        office=frame.office_name(found.office_id),
    )  # fmt: skip
