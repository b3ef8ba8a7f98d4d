"""Pre-flight (kiểm tra trước khi gửi): everything that keeps a dossier from leaving, all at once, each with its fix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from agent.clock import local
from agent.domain.dossier import Role
from agent.domain.identifiers import parse_agency_code, parse_component_code, parse_official, parse_paper_code
from agent.domain.identifiers import parse_procedure_code as parse_procedure
from agent.domain.paper_codes import NATIONAL
from agent.domain.parties import IdentityKind, identity, organisation, person
from agent.errors import AgentError, InvalidIdentifier, NotFound, RuleViolation
from agent.intake.electronic import untouched
from agent.intake.filing import USABLE, wants_copy
from agent.intake.guide import procedure_of
from agent.intake.paper_reuse import SENT
from agent.intake.vault_look import Seen, look
from agent.site import Site
from agent.store import journal
from agent.store.dossiers import Component, Dossier, Subject
from agent.store.lookup import components_of, subject_of
from agent.store.paper_facts import PaperUse, uses_of
from agent.store.papers import Page, Paper

MINIMUM_DPI: Final = 200  # Decree 30/2020 on electronic copies of papers


class Fix(StrEnum):
    """What mends a fault, as one key or link of the dossier's page."""

    PAGES = "pages"  # scan, turn, accept or take out pages of the component
    SIGN = "sign"
    REDO = "redo"  # sign it again; what is damaged is made again first
    REMAKE = "remake"  # make the copy again, although its file is sound
    VOID = "void"  # void and receive again: what was received cannot be changed
    ELSEWHERE = "elsewhere"  # at another terminal, or by the administrator: the words say where
    NONE = "none"  # a remark


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: `about` is the paper's or party's name, `words` say what is wrong and what to do."""

    code: str
    about: str
    words: str
    fix: Fix
    component: UUID | None = None
    paper: UUID | None = None

    @property
    def said(self) -> str:
        """The whole in one line."""
        return f"{self.about}: {self.words}"


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was found; `remarks` hold nothing back."""

    faults: tuple[Fault, ...]
    remarks: tuple[Fault, ...] = ()


def preflight(site: Site, dossier: Dossier, *, round_: int | None = None, whole: bool = False) -> Preflight:
    """Check what is stored of the dossier, or of one supplement round, inside the caller's reading().

    Files are opened; with `whole` every byte of them is authenticated and hashed. Signatures were checked in full when
    they were made: here it is checked that the signed file is the one that stands in the record.
    """
    components = components_of(dossier, round_)
    papers = {paper.component_id: paper for paper in Paper.select().where(Paper.dossier == dossier)}
    pages: dict[int, list[Page]] = {}
    for page in Page.select().where(Page.dossier == dossier).order_by(Page.position):
        pages.setdefault(page.__data__["component"], []).append(page)
    owner = subject_of(dossier, Role.OWNER)
    found = [*_codes(site, dossier), *_owner(owner)]
    for component in components:
        paper = papers.get(component.id)
        if paper is None:
            found += _absent(component, pages.get(component.id, []))
        else:
            found += _paper(site, dossier, component, paper, pages.get(component.id, []), owner, whole)
    found += _reused(site, uses_of(components).values(), whole)
    return Preflight(
        tuple(one for one in found if one.fix is not Fix.NONE), tuple(one for one in found if one.fix is Fix.NONE)
    )


def not_here(site: Site, dossier: Dossier) -> str:
    """Why a file cannot leave from this terminal: each keeps the files that it took in."""
    if dossier.terminal_id != site.settings.terminal.id:
        return f"tệp nằm ở quầy {dossier.terminal_id}, gửi từ quầy đó"
    return "không thấy tệp trong kho; khôi phục từ bản sao lưu, hoặc làm lại bản này"


# --- papers ------------------------------------------------------------------------------------
def _absent(component: Component, pages: list[Page]) -> Iterator[Fault]:
    """A component without a copy: mandatory ones must have one, and pages that lie there must become one."""
    if not wants_copy(component) or not (component.required or any(page.verdict in USABLE for page in pages)):
        return
    yield Fault("missing", component.name, "chưa số hóa", Fix.PAGES, component.uid)


def _paper(
    site: Site, dossier: Dossier, component: Component, paper: Paper, pages: list[Page], owner: Subject | None,
    whole: bool,
) -> Iterator[Fault]:  # fmt: skip
    def fault(code: str, words: str, fix: Fix) -> Fault:
        return Fault(code, component.name, words, fix, component.uid, paper.uid)

    yield from _pages(component, paper, pages)
    if not paper.signed_sha256:
        yield fault("unsigned", "chưa ký", Fix.SIGN)
        return
    seen = look(site.vault, paper.signed_sha256, paper.signed_size or 0, whole=whole)
    if seen is not Seen.SOUND:
        away = seen is Seen.ABSENT and dossier.terminal_id != site.settings.terminal.id
        words = not_here(site, dossier) if seen is Seen.ABSENT else FILE_WORDS[seen]
        yield fault(f"file-{seen.value}", words, Fix.ELSEWHERE if away else Fix.REDO)
    yield from (fault(code, words, Fix.REDO) for code, words in _signature(site, paper))
    if wrong := _paper_code(site, paper, owner):
        yield fault("paper-code", wrong, Fix.REMAKE)


FILE_WORDS: Final = {
    Seen.DAMAGED: "tệp trong kho hỏng hoặc bị sửa; khôi phục từ bản sao lưu, hoặc làm lại bản này",
    Seen.OTHER_SIZE: "tệp trong kho dài ngắn khác lúc ký; làm lại bản này",
    Seen.NO_PDF: "tệp trong kho không phải PDF; làm lại bản này",
    Seen.OTHER_HASH: "tệp trong kho không đúng mã SHA-256 đã ghi; khôi phục từ bản sao lưu, hoặc làm lại bản này",
}


def _pages(component: Component, paper: Paper, pages: list[Page]) -> Iterator[Fault]:
    """Whether the copy is of the pages that lie under the component, and each may stand in it."""

    def fault(code: str, words: str, fix: Fix) -> Fault:
        return Fault(code, component.name, words, fix, component.uid, paper.uid)

    used = [page for page in pages if page.verdict in USABLE]
    made = [fact.get("sha256") for fact in paper.evidence.get("pages", [])]
    sheets = sum(int(page.seen.get("sheets", 1)) for page in used)
    if used and sheets != paper.pages:
        words = f"bản số hóa có {paper.pages} trang mà đã nộp {sheets} trang; làm lại bản này"
        yield fault("page-count", words, Fix.REMAKE)
    elif used and made and set(made) != {page.sha256 for page in used}:
        yield fault("page-changed", "trang đã đổi sau khi làm bản số hóa; làm lại bản này", Fix.REMAKE)
    for page in used:
        if page.accepted_by:
            continue
        if page.dpi is not None and page.dpi < MINIMUM_DPI:
            yield fault("low-dpi", f"trang {page.position} chỉ {page.dpi} dpi, cần {MINIMUM_DPI}; quét lại", Fix.REDO)
        if "blank" in page.findings:
            yield fault("blank", f"trang {page.position} gần như trắng; quét lại hoặc ghi lý do nhận", Fix.REDO)


def _signature(site: Site, paper: Paper) -> Iterator[tuple[str, str]]:
    """What the record of the signature says against it; an electronic original carries its own, checked at intake."""
    if untouched(paper):
        if not paper.evidence.get("original"):
            yield "signature", "chữ ký của bản điện tử chưa được kiểm tra; nạp lại tệp"
        return
    said = paper.evidence.get("signature") or {}
    if not said or not paper.signer or paper.signed_at is None:
        yield "signature", "không có biên bản kiểm tra chữ ký; ký lại"
    elif said.get("training") and not site.settings.training:
        yield "signature-training", "ký bằng chứng thư tập huấn; ký lại bằng chứng thư thật"


def _paper_code(site: Site, paper: Paper, owner: Subject | None) -> str:
    """What is wrong with the code of a digitised paper, where it is in the national form."""
    if site.settings.papers.code != NATIONAL:
        return ""
    try:
        code = parse_paper_code(paper.code)
    except InvalidIdentifier:
        return f"mã giấy tờ {paper.shown} sai ký tự kiểm tra; làm lại bản này"
    if owner is not None and owner.id_number and code.owner_id != parse_owner(owner.id_number):
        return "mã giấy tờ mang số định danh của người khác; làm lại bản này"
    return ""


def parse_owner(number: str) -> str:
    """An owner's number as paper codes write it."""
    return "".join(one for one in number.upper() if one.isascii() and one.isalnum()).translate(_LOOKALIKE)


_LOOKALIKE: Final = str.maketrans("OI", "01")


def _reused(site: Site, uses: Iterable[PaperUse], whole: bool) -> Iterator[Fault]:
    """Papers that serve again: the province has them already, or this terminal must be able to send them."""
    for use in uses:
        if use.source.state in SENT:
            continue
        seen = look(site.vault, use.sha256, use.size, whole=whole)
        if seen is Seen.ABSENT:
            words = f"tệp dùng lại nằm ở quầy {use.source.terminal_id}, gửi hồ sơ gốc trước"
            yield Fault("reused-away", use.component.name, words, Fix.ELSEWHERE, use.component.uid)
        elif seen is not Seen.SOUND:
            words = f"tệp dùng lại của hồ sơ {use.source.provisional}: {FILE_WORDS[seen]}"
            yield Fault(f"reused-{seen.value}", use.component.name, words, Fix.ELSEWHERE, use.component.uid)


# --- codes and people --------------------------------------------------------------------------
def _codes(site: Site, dossier: Dossier) -> Iterator[Fault]:
    """Whether procedure, case, agency and numbers are what they claim to be, by the catalogue in use."""
    received, today = local(dossier.received_at).date(), local(site.clock.now()).date()
    yield from _procedure(site, dossier, received, today)
    try:
        parse_agency_code(dossier.agency)
    except InvalidIdentifier:
        yield Fault("agency", "Cơ quan giải quyết", f"mã “{dossier.agency}” không đúng dạng; hủy, nhận lại", Fix.VOID)
    if dossier.official:
        try:
            parse_official(dossier.official)
        except InvalidIdentifier:
            words = f"số tỉnh cấp “{dossier.official}” khác dạng quốc gia; vẫn gửi được, báo tỉnh nếu lạ"
            yield Fault("official-number", "Số hồ sơ", words, Fix.NONE)


def _procedure(site: Site, dossier: Dossier, received: date, today: date) -> Iterator[Fault]:
    about = f"Thủ tục {dossier.procedure_code}"
    try:
        parse_procedure(dossier.procedure_code)
        procedure = procedure_of(site, dossier)
        case = procedure.case(dossier.case)
    except NotFound as error:
        yield Fault("procedure", about, error.message, Fix.ELSEWHERE)
        return
    except InvalidIdentifier:
        yield Fault("procedure", about, "mã thủ tục không đúng dạng; hủy, nhận lại", Fix.VOID)
        return
    if not procedure.in_force(received):
        words = f"phiên bản {procedure.version} không có hiệu lực ngày nhận {received:%d/%m/%Y}; hủy, nhận lại"
        yield Fault("procedure-version", about, words, Fix.VOID)
    elif not procedure.in_force(today):
        words = f"phiên bản {procedure.version} đã hết hiệu lực; hồ sơ nhận trước đó vẫn theo phiên bản này"
        yield Fault("procedure-ended", about, words, Fix.NONE)
    known = {requirement.code for requirement in case.requirements}
    components = components_of(dossier, 0)
    for requirement in case.mandatory:  # what was waived with a reason stands in the entry of the receipt
        if requirement.code not in {one.code for one in components} | _handed_in(dossier):
            words = "bắt buộc theo danh mục mà chưa nhận; hủy, nhận lại"
            yield Fault("component-missing", requirement.name, words, Fix.VOID)
    for component in components:
        if component.code not in known and not component.exception_reason and not _is_code(component.code):
            words = f"mã thành phần “{component.code}” không có trong danh mục; hủy, nhận lại"
            yield Fault("component-code", component.name, words, Fix.VOID, component.uid)


def _handed_in(dossier: Dossier) -> set[str]:
    """The codes of all lines of the list that were answered when the dossier was received."""
    received = next((entry for entry in journal.entries("dossier", dossier_id=dossier.id)), None)
    return set(received.body.get("components", ())) if received else set()


def _is_code(text: str) -> bool:
    try:
        parse_component_code(text)
    except InvalidIdentifier:
        return False
    return True


def _owner(owner: Subject | None) -> Iterator[Fault]:
    """Whether the owner is somebody: a name, and an identity of its kind's shape."""
    if owner is None or owner.erased_at is not None:
        yield Fault("owner", "Chủ hồ sơ", "hồ sơ không có chủ; hủy, nhận lại", Fix.VOID)
        return
    try:
        if owner.kind == "organisation":
            organisation(owner.name, owner.id_number)
        else:
            kind = IdentityKind(owner.id_type)
            known = identity(kind, owner.id_number, reason="ghi lúc nhận" if kind is IdentityKind.NONE else "")
            person(owner.name, known)
    except ValueError:
        yield Fault("owner", "Chủ hồ sơ", "loại giấy tờ tùy thân không có; hủy, nhận lại", Fix.VOID)
    except (RuleViolation, AgentError):
        yield Fault("owner", "Chủ hồ sơ", "tên hoặc số giấy tờ tùy thân không đúng dạng; hủy, nhận lại", Fix.VOID)
