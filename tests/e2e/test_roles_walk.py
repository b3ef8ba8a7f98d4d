"""Every route, asked as every role, as nobody, and as the same roles of another office: who gets in, and what leaks."""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
import requests
from werkzeug.routing import AnyConverter

from agent.accounts.tokens import make_token
from agent.domain.custody_steps import CustodyStep
from agent.domain.roles import EVERYWHERE, Role, may
from agent.store.accounts import ApiClient, User
from agent.store.bags import Parcel
from agent.store.bank import BankLine
from agent.store.calendar import CalendarEntry
from agent.store.cash import CashDeposit, CashVariance, Remittance, Reversal, Shift
from agent.store.citizen import Feedback
from agent.store.claims import Claim
from agent.store.custody_events import CustodyConflict
from agent.store.delivery import Authorisation, DeliveryList, TakeBack
from agent.store.dossiers import Component, Dossier, Draft
from agent.store.items import Item, Result
from agent.store.journal import JournalEntry
from agent.store.minutes import Minutes
from agent.store.outbox import Job
from agent.store.phones import PairingCode, Phone
from agent.store.reconciliation import Difference, Run
from agent.store.returns import ReturnMinutes
from agent.tracking.custody import accept, courier_holder, hand_over
from agent.tracking.items import collect_from_authority, register_item
from agent.web.api.operation import OPERATIONS
from tests import builders
from tests.e2e import rounds
from tests.e2e.filled_office import filled_office
from tests.webdesk import PASSWORD, USERS, serving

OWN, OTHER = "BC-TAYHO", "BC-SONTAY"
UNKNOWN = "019a0000-0000-7000-8000-000000000000"
PERSONAL = ("Hường", "001188012345", "912345678", "0912 345 678", "0912345678", "Lạc Long Quân, Tây Hồ, Hà Nội\n")
LASTING = ("auth.sign_out_now",)  # would end the walk
PUBLIC_FORMS = ("auth.sign_in_now", *LASTING)


@dataclass
class Walker:
    """Who walks: a user, an office, a browser, and the rows of the office under test that are addressed."""

    name: str
    role: Role | None
    office: str
    browser: requests.Session = field(default_factory=requests.Session)
    csrf: str = ""
    rows: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name or 'nobody'}@{self.office}"

    @property
    def elsewhere(self) -> bool:
        """Whether this walker's role sees the own office only, and that is not the one under test."""
        return self.role is not None and self.role not in EVERYWHERE and self.office != OWN


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    """One office in the middle of its day for all walkers, with people of another office."""
    made = filled_office(tmp_path_factory.mktemp("walk"))
    with made.site.store.writing():
        stored = User.get(User.username == "lananh").password_hash
        for name, role in (("sontay2", Role.SUPERVISOR), ("sontay3", Role.COURIER), ("target", Role.CLERK)):
            User.create(
                username=name, role=role, office_id=OTHER, full_name=name, password_hash=stored,
                created_at=made.site.clock.now(),
            )  # fmt: skip
    yield made
    made.site.store.close()


@pytest.fixture(scope="module")
def served(at):
    with serving(at.site) as running:
        yield running


@pytest.fixture(scope="module")
def found(at, served):
    """Each walker once: with rows of its own, signed in, and how those rows stood then."""
    known: dict[str, Walker] = {}

    def walker(name: str, role: Role | None, office: str) -> Walker:
        if name not in known:
            known[name] = made = Walker(name, role, office)
            made.rows = at.rows | seed(at, made)
            if role is not None:
                sign_in(served.url, made)
        return known[name]

    return walker


WALKERS = [*((name, *USERS[name][:2]) for name in USERS), ("sontay2", Role.SUPERVISOR, OTHER),
           ("sontay3", Role.COURIER, OTHER), ("", None, "")]  # fmt: skip
EACH_WALKER = pytest.mark.parametrize("who", WALKERS, ids=[name or "nobody" for name, *_ in WALKERS])


@EACH_WALKER
def test_every_page_opens_to_those_who_may_and_to_nobody_else(found, served, who):
    walk(found(*who), served, lambda method: method == "GET")


@EACH_WALKER
def test_every_deed_is_done_by_those_who_may_and_by_nobody_else(found, served, who):
    walk(found(*who), served, lambda method: method != "GET")


def walk(walker: Walker, served: Any, wanted: Any) -> None:
    """Ask every route of the methods that are wanted; those who may not have changed nothing."""
    before, problems = trace(walker.rows), []
    for rule, method in routes(served.app):
        if not wanted(method) or rule.endpoint in LASTING or (walker.role and rule.endpoint in PUBLIC_FORMS):
            continue
        answer = ask(served, walker, rule, method)
        said = judge(walker, served.app.view_functions[rule.endpoint], rule, method, answer)
        problems += [f"{walker} {method} {rule.rule} -> {answer.status_code}: {words}" for words in said]
    assert problems == []
    if walker.elsewhere or walker.role is None:
        assert trace(walker.rows) == before  # nothing was changed either


def judge(walker: Walker, view: Any, rule: Any, method: str, answer: requests.Response) -> list[str]:
    """What is wrong with an answer, by the marks of its view and the rule of offices."""
    status, body = answer.status_code, answer.text if not is_stream(answer) else ""
    wrong = []
    if status >= 500 and not (status == 503 and "handoff-unavailable" in body):
        wrong.append("failed")
    asked_to_sign_in = status == 401 or answer.headers.get("Location", "").startswith("/sign-in")
    opened = getattr(view, "public", False) or rule.endpoint == "static"
    if opened:
        return wrong + (["a public page asks to sign in"] if asked_to_sign_in else []) + leaks(body)
    if walker.role is None:
        return wrong + ([] if asked_to_sign_in else ["nobody got in"]) + leaks(body)
    if asked_to_sign_in:
        return [*wrong, "a signed-in user is asked to sign in"]
    if view.allow and not any(may(walker.role, action) for action in view.allow):
        return wrong + ([] if status == 403 else ["the role got in"]) + leaks(body)
    if walker.elsewhere and addressed(rule):
        return wrong + ([] if status in (403, 404) else ["another office got in"]) + leaks(body)
    if walker.elsewhere:
        return wrong + leaks(body)
    return wrong + (["a role that may is refused"] if status == 403 else [])


def addressed(rule: Any) -> bool:
    """Whether the address names a row of the office under test."""
    return bool({"uid", "number"} & set(rule.arguments)) or rule.endpoint == "admin.steer"


def leaks(body: str) -> list[str]:
    return [f"tells {word}" for word in PERSONAL if word in body]


def is_stream(answer: requests.Response) -> bool:
    return answer.headers.get("Content-Type", "").startswith("text/event-stream")


def routes(app: Any) -> list[tuple[Any, str]]:
    """All rules with their methods, reading before writing, so that what is written spoils nothing."""
    found = [(rule, method) for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}]
    return sorted(found, key=lambda one: (one[1] != "GET", one[0].rule))


PLACES = (
    ("/delivery/lists/number/", "number", "list_number"), ("/delivery/lists/", "uid", "list"),
    ("/delivery/claims/number/", "number", "claim_number"), ("/delivery/claims/", "uid", "claim"),
    ("/delivery/returns/number/", "number", "return_number"), ("/delivery/returns/", "uid", "return"),
    ("/delivery/routes/", "uid", "route"), ("/delivery/papers/", "uid", "paper"),
    ("/delivery/proxies/", "uid", "proxy"),
    ("/delivery/invitations/", "uid", "invitation"), ("/delivery/items/<number>", "number", "item"),
    ("/bags/t/", "number", "bag"), ("/bags/m/", "number", "manifest"), ("/bags/c/", "number", "counting"),
    ("/custody/items/", "number", "corrected"), ("/custody/", "correction", "correction"),
    ("/custody/", "conflict", "conflict"), ("/money/variances/", "uid", "variance"), ("/money/bank/", "uid", "line"),
    ("/money/shift/<uuid:uid>/count", "uid", "shift"), ("/money/shift/", "uid", "closed_shift"),
    ("/money/deposits/<uuid:uid>/slip", "uid", "counted"), ("/money/deposits/", "uid", "deposit"),
    ("/money/remittances/", "uid", "remittance"), ("/money/entries/", "uid", "entry"),
    ("/money/reversals/", "uid", "reversal"), ("/phones/codes/", "uid", "code"), ("/phones/", "uid", "phone"),
    ("/citizen/calendar/", "entry", "calendar"), ("/citizen/feedback/", "uid", "feedback"),
)  # fmt: skip
"""What fills a part of an address that begins so: the key of the filled office's row."""


def ask(served: Any, walker: Walker, rule: Any, method: str) -> requests.Response:
    """One request to the rule, with the walker's rows in its address and form."""
    values = {name: value_of(rule, name, walker.rows) for name in rule.arguments}
    with served.app.test_request_context(base_url=served.url):
        path = served.app.url_for(rule.endpoint, **values)
    headers = {"X-CSRF-Token": walker.csrf, "Accept-Language": "vi"}
    options: dict[str, Any] = {"headers": headers, "allow_redirects": False, "timeout": 30, "stream": True}
    if method == "POST":
        rows = walker.rows
        form = {"key": rows["job"], "number": rows["number"], "scan": rows["number"], "reason": "absent"}
        options |= {"json": body_of(rule.endpoint, rows)} if rule.rule.startswith("/api/") else {"data": form}
    answer = walker.browser.request(method, served.url + path, **options)
    if is_stream(answer):
        answer.close()
    else:
        assert answer.content is not None
    return answer


def body_of(endpoint: str, rows: dict[str, Any]) -> Any:
    """The smallest body that an operation's own shape allows, so that refusals come from offices, not from the body."""
    shape = next((one.takes for one in OPERATIONS if f"api.{one.name}" == endpoint), None)
    return smallest(shape, rows) if shape is not None else {}


def smallest(shape: Any, rows: dict[str, Any]) -> Any:
    """A plain value of a body's shape; optional parts are left out."""
    if is_dataclass(shape):
        hints = get_type_hints(shape)
        needed = [one for one in fields(shape) if one.default is MISSING and one.default_factory is MISSING]
        return {one.name: rows["number"] if one.name == "item" else smallest(hints[one.name], rows) for one in needed}
    if shape is CustodyStep:
        return CustodyStep.OUT_FOR_DELIVERY.value  # what a courier may say; the first of the list is the office's
    if isinstance(shape, type) and issubclass(shape, Enum):
        return next(iter(shape)).value
    if get_origin(shape) is Literal:
        return get_args(shape)[0]
    simple = {str: "x", bool: True, int: 1, float: 1.0, UUID: UNKNOWN, datetime: "2026-11-21T02:00:00Z"}
    return simple.get(shape, [])


def value_of(rule: Any, name: str, rows: dict[str, Any]) -> Any:
    """A value for one part of an address: rows that exist where the name is known, else something harmless."""
    filled = next((rows[key] for start, part, key in PLACES if part == name and rule.rule.startswith(start)), None)
    if filled is not None:
        return filled
    if name == "uid":
        place = rule.rule.removeprefix("/api/v1").split("/")[-2 if rule.rule.endswith(">") else 1]
        kind = next((k for k in ("drafts", "differences", "reconciliation") if k in rule.rule), place)
        return rows["difference"] if kind in ("differences", "reconciliation") else rows.get(kind, rows["dossiers"])
    if name == "name":
        return {"counter.queue": "working", "auth.font": "BeVietnamPro-Regular.ttf"}.get(rule.endpoint, "receipt")
    if f"<int:{name}>" in rule.rule and name != "client":
        return 1
    choice = rule._converters.get(name)
    if isinstance(choice, AnyConverter):
        return min(choice.items)
    known = {
        "number": rows["number"], "component": rows["component"], "result": rows["result"], "token": rows["token"],
        "code": "2.000635", "client": rows["client"], "username": "target", "role": "label", "way": "ask",
        "verb": "hold", "filename": "app.css",
    }  # fmt: skip
    return known.get(name, UNKNOWN)


def seed(at: builders.Station, walker: Walker) -> dict[str, Any]:
    """One dossier of the office under test with all that addresses can name; its item is a courier's of that office."""
    site, clerk = at.site, builders.CLERK
    dossier = rounds.with_result(at)
    item = register_item(site, dossier.uid, by=clerk)
    collect_from_authority(site, item.number, by=clerk)
    hand_over(site, [item.number], to=courier_holder("tuyen7"), by=clerk)
    if walker.name != "sontay3":  # to her it is shown as an offer to somebody else
        accept(site, [item.number], holder=courier_holder("tuyen7"), by=rounds.COURIER)
    make_token(site, "target", ["dossiers:read"])
    now = site.clock.now()
    with site.store.writing():
        run = Run.create(uid=site.ids.uid(), office_id=OWN, at=now, compared=1, in_flight=0, differences=1, exchanged=1)
        difference = Difference.create(
            uid=site.ids.uid(), run=run, office_id=OWN, bucket=f"{OWN}|2026-11-21", key=dossier.provisional,
            number=dossier.official, kind="fee", owner="province", ours={"fee": 1}, theirs={"fee": 2},
            explanation="khác số tiền", found_at=now,
        )  # fmt: skip
        draft = Draft.create(
            uid=site.ids.uid(), office_id=OWN, terminal_id="T1", body={}, updated_at=now,
            username=walker.name if walker.office == OWN else "lananh",
        )  # fmt: skip
    return {
        "dossiers": dossier.uid, "drafts": draft.uid, "difference": difference.uid, "number": item.number,
        "component": Component.get(Component.dossier == dossier).uid, "token": dossier.public_token,
        "result": Result.get(Result.dossier == dossier).uid, "job": f"{dossier.provisional}/N",
        "client": ApiClient.select().order_by(ApiClient.id.desc()).first().id, "row": dossier.id,
    }  # fmt: skip


def trace(rows: dict[str, Any]) -> Any:
    """What would differ if anything had been done to the rows under test."""
    dossier = Dossier.get_by_id(rows["row"])
    item, job = Item.get(Item.number == rows["number"]), Job.get(Job.key == rows["job"])
    difference = Difference.get(Difference.uid == rows["difference"])
    entries = JournalEntry.select().where(JournalEntry.dossier_id == dossier.id).count()
    return (
        dossier.state, item.state, item.holder, item.offered_to, job.state, difference.repair, difference.reason,
        entries, Draft.select().where(Draft.uid == rows["drafts"]).count(), *office_rows(rows),
    )  # fmt: skip


def office_rows(rows: dict[str, Any]) -> list[Any]:
    """How the rows of the filled office stand that addresses name."""
    states = ((DeliveryList, "list"), (Claim, "claim"), (CashVariance, "variance"), (BankLine, "line"),
              (Shift, "shift"), (CashDeposit, "deposit"), (Remittance, "remittance"), (Reversal, "reversal"),
              (Feedback, "feedback"), (TakeBack, "paper"))  # fmt: skip
    held = [model.get(model.uid == rows[key]).state for model, key in states]
    bag, minutes = Parcel.get(Parcel.number == rows["bag"]), Minutes.get(Minutes.number == rows["counting"])
    conflict = CustodyConflict.get(CustodyConflict.uid == rows["conflict"])
    phone, code = Phone.get(Phone.uid == rows["phone"]), PairingCode.get(PairingCode.uid == rows["code"])
    signed = ReturnMinutes.get(ReturnMinutes.uid == rows["return"]).signed_at
    proxy = Authorisation.get(Authorisation.uid == rows["proxy"]).withdrawn_at
    calendar = CalendarEntry.select().where(CalendarEntry.entry == rows["calendar"]).count()
    told = (bag.closed_at, minutes.state, conflict.decided_at, phone.revoked_at, code.cancelled_at, signed, calendar)
    return [*held, *told, proxy]


def sign_in(url: str, walker: Walker) -> None:
    html = walker.browser.get(url + "/sign-in", timeout=30).text
    token = re.search(r'name="_csrf" value="([^"]+)"', html)
    form = {"_csrf": token.group(1), "username": walker.name, "password": PASSWORD}
    home = walker.browser.post(url + "/sign-in", data=form, timeout=30)
    assert home.status_code == 200, home.text
    walker.csrf = re.search(r'"X-CSRF-Token": "([^"]+)"', home.text).group(1)
