"""Values of papers (bóc tách dữ liệu): taken from what was read of a component's pages, kept as rows to confirm."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent import log
from agent.clock import local
from agent.domain.dossier import ENDED
from agent.domain.extraction import Found, Kind, PageCode, PageWords, PaperType
from agent.domain.extraction_compare import PartyFacts, agreed
from agent.domain.extraction_take import take
from agent.errors import AgentError
from agent.intake.extraction_rules import rules_of
from agent.intake.filing import USABLE, component_of, pages_of, wants_copy
from agent.intake.page_images import image_of
from agent.intake.page_places import lie_elsewhere, read_elsewhere
from agent.intake.reading import texts_of, unread
from agent.ports_text import PageText
from agent.site import Site
from agent.store.dossiers import Component, Dossier, Party
from agent.store.erasure import is_erased
from agent.store.lookup import components_of, dossier_by_uid
from agent.store.papers import Page
from agent.store.values import (
    GOOD,
    PROPOSED,
    ExtractionRun,
    Value,
    forget_values,
    keep_run,
    run_of,
    values_of_component,
)

logger = log.get(__name__)
PERSON = "person"


def values_of(component: Component) -> Mapping[str, str]:
    """What a person confirmed or corrected of a paper, by field; inside reading() or writing().

    Codes that all types of paper share: `title` (tên giấy tờ), `number` (số, ký hiệu), `issued_on` (ngày ban hành),
    `issuer` (cơ quan ban hành), `signer` (người ký), `abstract` (trích yếu), `valid_until` (a day, or "permanent"),
    `scope` (phạm vi); people are `<who>_name`, `<who>_id`, `<who>_birth`, of whom `holder` is the one the paper is
    about. Days are in ISO form, ids without spaces, names in NFC. A field that nobody settled, or that the paper does
    not have, is not there.
    """
    return {field: row.value for field, row in values_of_component(component).items() if row.state in GOOD}


def extract_all(site: Site, uid: uuid.UUID) -> None:
    """Take the values of every component of a dossier whose pages, text or rules changed since they were last taken."""
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        components = [one for one in components_of(dossier) if wants_copy(one)]
    for component in components:
        extract(site, uid, component.uid)


def extract(site: Site, uid: uuid.UUID, component_uid: uuid.UUID) -> bool:
    """Take the values of one component's pages; False when nothing changed since they were last taken.

    What a person settled stays as it is; what is only proposed is proposed anew. Pages that are not read yet give
    nothing now, and are taken when they are. A dossier that ended gives no values any more, and of pages that are at
    another terminal that one takes them: nothing changes here.
    """
    if not site.settings.extraction.enabled:
        return False
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        component = component_of(dossier, component_uid)
        pages = [page for page in pages_of(component) if page.verdict in USABLE]
        before = run_of(component)
        parties = parties_of(dossier)
        elsewhere = lie_elsewhere(site, dossier, pages) or read_elsewhere(site, pages)
    if dossier.state in ENDED or elsewhere:  # what retention or erasure took away does not come back
        return False
    rules = rules_of(site)
    texts = texts_of(site, pages)
    mark = _mark(rules.edition, component, pages, texts, parties)
    if before is not None and before.mark == mark:
        return False
    seen = [_words(site, page, text) for page, text in zip(pages, texts, strict=True)]
    taken = take(rules, component.doc_type, seen, today=local(site.clock.now()).date())
    found = agreed(taken.type, taken.values, parties)
    run = _Run(mark, taken.type, found, unread(site, pages) if None in texts else 0)
    return _keep(site, uid, component_uid, [page.id for page in pages], run)


def extract_read(site: Site, page: Page) -> None:
    """Take the values of the papers of which this page, just read, was the last one that was waited for."""
    with site.store.reading():
        mine = (Page.sha256 == page.sha256) & (Page.turn == page.turn) & Page.component.is_null(False)
        held = {one.component.uid: one.dossier.uid for one in Page.select().where(mine)}
    for component, dossier in held.items():
        with site.store.reading():
            pages = pages_of(component_of(dossier_by_uid(dossier), component))
        if not unread(site, [one for one in pages if one.verdict in USABLE]):
            extract(site, dossier, component)


def parties_of(dossier: Dossier) -> list[PartyFacts]:
    """The persons of the dossier as papers are compared with them; inside reading()."""
    parties = [party for party in Party.select().where(Party.dossier == dossier) if party.subject.kind == PERSON]
    return [
        PartyFacts(party.role, party.subject.name, party.subject.id_number, party.subject.birth_date)
        for party in parties
    ]


@dataclass(frozen=True)
class _Run:
    """What is to be kept of one time of taking."""

    mark: str
    kind: PaperType
    found: Mapping[str, Found]
    unread: int


def _mark(
    edition: str,
    component: Component,
    pages: Sequence[Page],
    texts: Sequence[PageText | None],
    parties: Sequence[PartyFacts],
) -> str:
    """A text that differs once a page, its text, the rules or the people to compare with do; it says none of them."""
    said = [
        [str(page.uid), page.sha256, page.turn, "" if text is None else [text.state, len(text.words), text.engine]]
        for page, text in zip(pages, texts, strict=True)
    ]
    people = [[party.role, party.name, party.number, party.birth] for party in parties]
    whole = json.dumps([edition, component.doc_type, said, people])
    return hashlib.sha256(whole.encode()).hexdigest()


def _words(site: Site, page: Page, text: PageText | None) -> PageWords:
    """The page's words and codes; codes may name a person, so they are looked for each time and kept nowhere."""
    codes: list[PageCode] = []
    try:
        for one in site.digitiser().read_codes(image_of(site, page)):
            left, top, right, bottom = one["box"]
            codes.append(PageCode(one["kind"], one["text"], (left, top, right, bottom)))
    except AgentError as error:
        logger.warning("a page's codes were not read: %s", error.code)
    words = text.words if text else ()
    wide, high = page.width, page.height
    if any(word.right > wide * 1.02 for word in words) or any(word.bottom > high * 1.02 for word in words):
        wide, high = high, wide  # a camera's picture that is shown turned
    return PageWords(str(page.uid), wide, high, text.angle if text else 0.0, words, codes)


def _keep(site: Site, uid: uuid.UUID, component_uid: uuid.UUID, pages: list[int], run: _Run) -> bool:
    """Write what was taken, unless the pages changed meanwhile: then the next time takes them."""
    at = site.clock.now()
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        component = component_of(dossier, component_uid)
        if is_erased(dossier) or pages != [page.id for page in pages_of(component) if page.verdict in USABLE]:
            return False
        held = values_of_component(component)
        fields = [rule.code for rule in run.kind.fields if rule.kind is not Kind.CODE or rule.code in run.found]
        wanted = fields if pages else []
        forget_values(component, [field for field, row in held.items() if row.state == PROPOSED])
        for field in wanted:
            row = held.get(field)
            if row is None or row.state == PROPOSED:
                row = Value(dossier=dossier, component=component, field=field, at=at)
            _put(row, run.found.get(field))
        keep_run(
            ExtractionRun(
                dossier=dossier, component=component, mark=run.mark, kind=run.kind.code, unread=run.unread, at=at
            )
        )
    return True


def _put(row: Value, found: Found | None) -> None:
    """Propose what was found; beside a person's word only what was read, and where, is new."""
    said = found or Found("", 0)
    if row.state == PROPOSED:
        row.value, row.source, row.doubt = said.value, said.source.value if found else "", said.doubt
    row.read, row.confidence = said.value, said.confidence
    row.page = uuid.UUID(said.page) if said.page else None
    row.box = list(said.box or ())
    row.save(force_insert=row.id is None)
