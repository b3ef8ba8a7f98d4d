"""A proxy's authorisation (giấy ủy quyền), and the papers that the authority wants back at the hand-over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.dossier import Role
from agent.domain.text import clean, fold
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import gathered, rows
from agent.store.delivery import Authorisation, ItemPlan, TakeBack, TakeBackMove
from agent.store.dossiers import Dossier
from agent.store.items import Item
from agent.store.lookup import subject_of
from agent.store.progress import announce, note
from agent.tracking.back.own import own_item, plan_of, today

PROXY: Final = "người được ủy quyền"
ADDRESSEE: Final = "chủ hồ sơ"
REPRESENTATIVE: Final = "người đại diện"
KINDS: Final = {
    "notarised": "công chứng",
    "certified": "chứng thực chữ ký",
    "electronic": "điện tử (VNeID)",
    "handwritten": "viết tay",
}
PHOTO_WANTED: Final = frozenset({"handwritten"})
"""Kinds that no register knows: a picture of the paper is kept."""
NOT_GIVEN: Final = {"lost": "người nhận báo mất", "police": "công an giữ", "refused": "người nhận không giao"}
WITHDRAWN: Final = {"owner": "chủ hồ sơ rút lại", "mistake": "bưu cục ghi nhầm", "invalid": "giấy không có giá trị"}
EXCUSED: Final = frozenset({"lost", "police"})


@dataclass(frozen=True)
class AuthorisationInput:
    """A paper as it was seen: days are local, `photo` is its picture (JPEG or PNG) or empty."""

    kind: str
    proxy: str
    signed_on: date
    number: str = ""
    valid_until: date | None = None
    identity_last4: str = ""
    photo: bytes = b""


def authorise(site: Site, number: str, given: AuthorisationInput, *, by: Actor) -> Authorisation:
    """Keep a proxy's authorisation for an item."""
    proxy, paper = clean(given.proxy)[:100], clean(given.number)[:60]
    if given.kind not in KINDS:
        raise RuleViolation("Chọn loại giấy ủy quyền.")
    if len(proxy) < 2:
        raise RuleViolation("Ghi họ tên người được ủy quyền đúng như trên giấy.")
    if given.kind in ("notarised", "certified") and not paper:
        raise RuleViolation("Giấy công chứng, chứng thực phải có số. Ghi số của giấy.")
    if given.kind in PHOTO_WANTED and not given.photo:
        raise RuleViolation("Giấy ủy quyền viết tay phải có ảnh chụp. Chụp giấy rồi ghi.")
    if given.signed_on > today(site):
        raise RuleViolation("Ngày ký giấy ủy quyền ở sau hôm nay. Xem lại ngày trên giấy.")
    if given.valid_until is not None and given.valid_until < today(site):
        raise RuleViolation(f"Giấy ủy quyền hết hạn ngày {given.valid_until:%d/%m/%Y}. Không trả theo giấy này.")
    photo = site.vault.put(given.photo) if given.photo else None
    with site.store.writing():
        item = own_item(number, by)
        _require_not_addressee_only(item)
        made: Authorisation = rows.create(
            Authorisation, uid=site.ids.uid(), item=item, kind=given.kind, number=paper, signed_on=given.signed_on,
            valid_until=given.valid_until, proxy=proxy, identity_last4=given.identity_last4[-4:], photo_sha256=photo,
            kept_by=by.username, at=site.clock.now(),
        )  # fmt: skip
        note(
            Dossier.get_by_id(item.dossier_id), "authorisation", by=by, at=site.clock.now(), ids=site.ids,
            ledger="custody", item=item.number, paper=given.kind, signed_on=str(given.signed_on), photo=photo or "",
        )  # fmt: skip
    return made


def withdraw(site: Site, uid: UUID, reason: str, *, by: Actor) -> Authorisation:
    """Withdraw an authorisation: from now on nobody receives by it; what was handed over before stands.

    The row and the picture of its paper stay as they were kept; the journal says who withdrew it and why.
    """
    with site.store.writing():
        kept = _authorisation(uid)
        item = own_item(Item.get_by_id(kept.item_id).number, by)
        kept = _authorisation(uid)  # as it stands now that nobody else can withdraw it
        if reason not in WITHDRAWN:
            raise RuleViolation("Chọn lý do rút giấy ủy quyền.")
        if kept.withdrawn_at is not None:
            return kept
        if item.state in ("delivered", "returned"):
            raise RuleViolation(f"Bưu gửi {item.number} đã giao xong, giấy ủy quyền là bằng chứng: không rút nữa.")
        kept.withdrawn_at = site.clock.now()
        kept.save()
        note(
            Dossier.get_by_id(item.dossier_id), "authorisation_withdrawn", by=by, at=site.clock.now(), ids=site.ids,
            ledger="custody", item=item.number, reason=reason, paper=str(uid),
        )  # fmt: skip
        announce("delivery", at=site.clock.now(), office_id=by.office_id, terminal_id=by.terminal_id)
    return kept


def _authorisation(uid: UUID) -> Authorisation:
    found: Authorisation | None = Authorisation.get_or_none(Authorisation.uid == uid)
    if found is None:
        raise NotFound("Không có giấy ủy quyền này. Mở lại bưu gửi.")
    return found


def authorisations_of(item: Item) -> list[Authorisation]:
    """The authorisations that were kept for an item and not withdrawn, newest first."""
    mine = (Authorisation.item == item) & Authorisation.withdrawn_at.is_null()
    return list(Authorisation.select().where(mine).order_by(Authorisation.id.desc()))


def require_may_receive(item: Item, *, receiver: str, relation: str, authorisation: str, at: datetime) -> None:
    """RuleViolation when this receiver may not have the item: for the addressee alone, or a proxy without a paper.

    The addressee is the dossier's owner; who represents it and who acts for it show a paper. The person to call has no
    right by that. `at` is when it was handed over, which a phone may report days later: a proxy's paper has to
    be valid and not withdrawn then.
    """
    plan = None if gathered.lacks(ItemPlan, "item", item.id) else plan_of(item)
    relation = relation.strip()
    if plan is not None and plan.addressee_only:
        _require_addressee(item, receiver, relation)
    if relation == REPRESENTATIVE and not authorisation.strip():
        raise RuleViolation("Người đại diện phải có giấy chứng minh. Xem giấy, ghi loại, số và ngày rồi giao.")
    if relation != PROXY:
        return
    if not _held(item, at) and not authorisation.strip():
        raise RuleViolation("Người được ủy quyền phải có giấy. Xem giấy, ghi loại, số và ngày rồi giao.")


def _held(item: Item, at: datetime) -> bool:
    """Whether a kept authorisation was good at that instant."""
    day = local(at).date()
    papers = Authorisation.select().where(Authorisation.item == item)
    return any(
        (one.valid_until is None or one.valid_until >= day) and (one.withdrawn_at is None or one.withdrawn_at > at)
        for one in papers
    )


def _require_addressee(item: Item, receiver: str, relation: str) -> None:
    """RuleViolation unless it is the owner in person, or whoever represents an organisation."""
    owner = subject_of(Dossier.get_by_id(item.dossier_id), Role.OWNER)
    if owner is not None and owner.kind == "organisation" and relation == REPRESENTATIVE:
        return
    if relation not in ("", ADDRESSEE) or owner is None or fold(clean(receiver)) != fold(owner.name):
        whom = relation if relation not in ("", ADDRESSEE) else receiver.strip()
        raise RuleViolation(
            f"Bưu gửi {item.number} chỉ phát tận tay chủ hồ sơ, không giao cho “{whom}”. "
            "Báo phát không thành công hoặc hẹn ngày khác."
        )


def want_back(
    site: Site, number: str, name: str, *, by: Actor, quantity: int = 1, required: bool = True
) -> TakeBack:  # fmt: skip
    """Say that the authority wants a paper back when the item is handed over."""
    name = clean(name)[:120]
    if len(name) < 2 or not 1 <= quantity <= 99:
        raise RuleViolation("Ghi tên giấy tờ phải thu lại và số lượng từ 1 đến 99.")
    with site.store.writing():
        item = own_item(number, by)
        if item.state in ("delivered", "returned"):
            raise RuleViolation(f"Bưu gửi {item.number} đã kết thúc, không thêm giấy phải thu được.")
        return rows.create(
            TakeBack, uid=site.ids.uid(), item=item, office_id=item.office_id, name=name, quantity=quantity,
            required=required, changed_at=site.clock.now(),
        )  # fmt: skip


def papers_of(item: Item) -> list[TakeBack]:
    """The papers that the authority wants back with an item."""
    return rows.every(TakeBack, item=item.id)


def take_back_at_delivery(
    site: Site, item: Item, taken: Iterable[str] | None, *, holder: str, by: Actor, asked: Iterable[str] | None = None
) -> None:
    """Tick the papers that the receiver gave; RuleViolation while one that is required is neither given nor excused.

    `taken` holds uids; None where the device does not tick: then whoever delivered answers for them until the office
    has them. `asked` are the papers that the device knew of; None: all. Of the others it says nothing either.
    Inside the delivery's transaction.
    """
    ticked = None if taken is None else set(taken)
    known = None if asked is None else set(asked)
    for paper in [] if gathered.lacks(TakeBack, "item", item.id) else papers_of(item):
        given = ticked is not None and str(paper.uid) in ticked
        if paper.state != "wanted" and not (given and paper.state == "excused"):
            continue
        silent = ticked is None or (known is not None and str(paper.uid) not in known)
        if not given and not silent:
            if paper.required:
                raise RuleViolation(
                    f"Chưa thu lại “{paper.name}” mà cơ quan yêu cầu. Thu rồi đánh dấu, hoặc báo phát không thành công."
                )
            continue
        _move(site, paper, to=holder, by=by, state="taken")


def excuse(site: Site, uid: UUID, reason: str, *, by: Actor) -> TakeBack:
    """Say why a paper cannot be taken back; only a loss or the police excuse one that is required beforehand.

    Of a paper that a courier should have taken and has not: any reason, and it is no longer the courier's.
    """
    with site.store.writing():
        paper = paper_by_uid(uid, by.office_id)
        if reason not in NOT_GIVEN:
            raise RuleViolation("Chọn lý do không thu lại được giấy.")
        owed = paper.state == "taken" and paper.holder.startswith("courier:")
        if not owed and (paper.state != "wanted" or (paper.required and reason not in EXCUSED)):
            raise RuleViolation(f"“{paper.name}” bắt buộc thu lại, lý do này không đủ. Không giao kết quả.")
        rows.change(TakeBack, paper.id, state="excused", reason=reason, holder="", changed_at=site.clock.now())
        _note(site, paper, "excused", by, reason=reason)
    return paper


def receive_paper(site: Site, uid: UUID, *, by: Actor) -> TakeBack:
    """The office has the paper from whoever took it back, and answers for it now."""
    with site.store.writing():
        paper = paper_by_uid(uid, by.office_id)
        office = f"office:{by.office_id}"
        if paper.state != "taken" or paper.holder == office:
            raise RuleViolation(f"“{paper.name}” không ở trên tay bưu tá. Tải lại trang.")
        _move(site, paper, to=office, by=by, state="taken")
        announce("delivery", at=site.clock.now(), office_id=by.office_id, terminal_id=by.terminal_id)
    return paper


def give_paper(site: Site, paper: TakeBack, agency: str, *, by: Actor) -> None:
    """The authority has the paper back. Inside writing()."""
    if paper.state != "taken" or paper.holder != f"office:{paper.office_id}":
        raise RuleViolation(f"“{paper.name}” chưa về bưu cục. Nhận từ bưu tá trước khi trả cơ quan.")
    _move(site, paper, to=f"authority:{agency}", by=by, state="given")


def paper_by_uid(uid: UUID, office_id: str) -> TakeBack:
    """The office's paper, or NotFound."""
    found: TakeBack | None = TakeBack.get_or_none((TakeBack.uid == uid) & (TakeBack.office_id == office_id))
    if found is None:
        raise NotFound("Không có giấy phải thu này ở bưu cục. Tải lại trang.")
    return found


def _move(site: Site, paper: TakeBack, *, to: str, by: Actor, state: str) -> None:
    rows.create(
        TakeBackMove, uid=site.ids.uid(), paper=paper, from_holder=paper.holder or "receiver", to_holder=to,
        by=by.username, at=site.clock.now(),
    )  # fmt: skip
    rows.change(TakeBack, paper.id, state=state, holder=to, changed_at=site.clock.now())
    _note(site, paper, state, by, to=to)
    paper.state, paper.holder = state, to


def _note(site: Site, paper: TakeBack, state: str, by: Actor, **more: str) -> None:
    item = Item.get_by_id(paper.item_id)
    note(
        Dossier.get_by_id(item.dossier_id), "take_back", by=by, at=site.clock.now(), ids=site.ids, ledger="custody",
        item=item.number, paper=str(paper.uid), state=state, **more,
    )  # fmt: skip


def _require_not_addressee_only(item: Item) -> None:
    plan = plan_of(item)
    if plan is not None and plan.addressee_only:
        raise RuleViolation(f"Bưu gửi {item.number} chỉ phát tận tay chủ hồ sơ: không nhận ủy quyền.")
