"""Users, sessions, tokens, permissions: what a person may do, and for how long."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from uuid import UUID

import pytest

from agent.accounts.access import Purpose, record_access
from agent.accounts.add_user import add_user
from agent.accounts.permissions import require
from agent.accounts.principal import Principal
from agent.accounts.sessions import find_session, sign_out
from agent.accounts.sign_in import FREE_TRIES, WrongPassword, sign_in
from agent.accounts.tokens import make_token, revoke_tokens, verify_token
from agent.cli import parse, users
from agent.domain.roles import ALLOWED, Action, Role
from agent.errors import Duplicate, Forbidden, NotFound, RuleViolation
from agent.store.accounts import AccessLog, ApiClient, Session, User
from tests.webdesk import PASSWORD, USERS, add_people, make_site


@pytest.fixture
def site(tmp_path):
    made = make_site(tmp_path)
    add_people(made, "lananh", "tinh")
    yield made
    made.store.close()


def enter(site, name="lananh", password=PASSWORD):
    return sign_in(site, name, password, terminal_id="T1")


def wrong(site, times, name="lananh"):
    for _ in range(times):
        with pytest.raises(WrongPassword):
            enter(site, name, "sai mất rồi nhé")


def test_the_right_password_opens_a_session_of_that_user(site):
    found = find_session(site, enter(site))
    assert found is not None
    assert (found.user.username, found.user.role, found.user.office_id) == ("lananh", Role.CLERK, "BC-TAYHO")
    assert found.user.actor == "user:lananh"


def test_neither_password_nor_token_is_in_the_store(site):
    token = enter(site)
    held = [str(v) for row in (*User.select().dicts(), *Session.select().dicts()) for v in row.values()]
    assert not [v for v in held if PASSWORD in v or token in v]
    assert User.get(User.username == "lananh").password_hash.startswith("$argon2id$")


def test_name_password_and_lock_are_refused_with_the_same_words(site):
    wrong(site, FREE_TRIES)
    said = set()
    for name, password in [("lananh", PASSWORD), ("lananh", "khác"), ("khongco", PASSWORD), ("tinh", "khác")]:
        with pytest.raises(WrongPassword) as caught:
            enter(site, name, password)
        said.add(caught.value.message)
    assert len(said) == 1


def test_the_lock_grows_and_the_right_password_works_after_it(site):
    wrong(site, FREE_TRIES)
    site.clock.forward(seconds=29)
    wrong(site, 1)  # while locked nothing is counted
    site.clock.forward(seconds=2)
    wrong(site, 1)
    site.clock.forward(seconds=31)
    with pytest.raises(WrongPassword):
        enter(site)  # the second lock lasts a minute
    site.clock.forward(seconds=30)
    assert enter(site)
    wrong(site, FREE_TRIES - 1)
    assert enter(site)  # the count began anew


def test_a_session_left_alone_ends_and_one_in_use_goes_on(site):
    token = enter(site)
    for _ in range(4):
        site.clock.forward(minutes=14)
        assert find_session(site, token)
    site.clock.forward(minutes=14)
    assert find_session(site, token, touch=False)  # polling is not use
    site.clock.forward(minutes=2)
    assert find_session(site, token) is None


def test_no_session_outlives_a_shift(site):
    token = enter(site)
    for _ in range(71):
        site.clock.forward(minutes=10)
        assert find_session(site, token)
    site.clock.forward(minutes=10)
    assert find_session(site, token) is None


def test_use_is_written_at_most_once_a_minute(site):
    token = enter(site)
    version = site.store.data_version()
    for _ in range(5):
        site.clock.forward(seconds=11)
        find_session(site, token)
    assert site.store.data_version() == version
    site.clock.forward(seconds=11)
    find_session(site, token)
    assert site.store.data_version() != version


def test_signing_out_or_switching_off_ends_it_at_once(site):
    token, other = enter(site), enter(site)
    sign_out(site, token)
    assert find_session(site, token) is None
    with site.store.writing():
        User.update(active=False).execute()
    assert find_session(site, other) is None
    with pytest.raises(WrongPassword):
        enter(site)


def test_a_new_password_ends_the_sessions_of_the_old_one(site):
    token = enter(site)
    with pytest.raises(Duplicate):
        add_user(site, "lananh", role=Role.CLERK, office_id="BC-TAYHO", password="mật khẩu khác")
    add_user(site, "lananh", role=Role.CLERK, office_id="BC-TAYHO", password="mật khẩu khác", replace=True)
    assert find_session(site, token) is None
    assert enter(site, password="mật khẩu khác")


@pytest.mark.parametrize(("name", "password"), [("Lan Anh", PASSWORD), ("x", PASSWORD), ("lan", "ngắn")])
def test_bad_names_and_short_passwords_are_refused(site, name, password):
    with pytest.raises(RuleViolation):
        add_user(site, name, role=Role.CLERK, office_id="BC-TAYHO", password=password)


def test_a_user_without_password_cannot_sign_in(site):
    add_user(site, "robot", role=Role.CLERK, office_id="BC-TAYHO")
    with pytest.raises(WrongPassword):
        enter(site, "robot", "")


def test_a_token_acts_for_its_user_within_its_scopes(site):
    token = make_token(site, "lananh", ["dossiers:read"], name="phần mềm kế toán")
    client = verify_token(site, token)
    assert client is not None
    require(client, Action.SEARCH)
    with pytest.raises(Forbidden):
        require(client, Action.RECEIVE)
    assert not [row for row in ApiClient.select().dicts() if token in map(str, row.values())]
    assert revoke_tokens(site, "lananh") == 1
    assert verify_token(site, token) is None
    assert verify_token(site, "x") is None


def test_a_token_never_allows_more_than_the_role(site):
    client = verify_token(site, make_token(site, "tinh", ["all"]))
    assert client is not None
    assert {a for a in Action if client.may(a)} == set(ALLOWED[Role.PROVINCE])


def test_unknown_users_and_scopes_get_no_token(site):
    with pytest.raises(NotFound):
        make_token(site, "khongco", ["all"])
    with pytest.raises(RuleViolation, match="dossiers:read"):
        make_token(site, "lananh", ["everything"])


def test_work_of_another_office_is_open_to_province_and_administrator_only():
    for role, office, name in USERS.values():
        user = Principal("x", name, role, office, "T1")
        action = next(a for a in Action if user.may(a))
        require(user, action, office)
        if role in (Role.PROVINCE, Role.ADMINISTRATOR):
            require(user, action, "BC-KHAC")
        else:
            with pytest.raises(Forbidden):
                require(user, action, "BC-KHAC")


def test_the_administrator_sees_no_citizen():
    assert not {Action.VIEW_DOSSIER, Action.SEARCH} & ALLOWED[Role.ADMINISTRATOR]


def test_each_look_is_written_down_with_its_purpose(site):
    found = find_session(site, enter(site))
    assert found is not None
    dossier = UUID("01938a6e-0000-7000-8000-000000000001")
    record_access(site, found.user, dossier=dossier, purpose=Purpose.FOLLOW_UP, what="dossier page")
    with site.store.writing():  # joins the caller's transaction
        record_access(site, found.user, dossier=None, purpose=Purpose.SEARCH, what="search list")
    first, second = AccessLog.select().order_by(AccessLog.id)
    assert (first.actor, first.dossier_uid, first.purpose) == ("user:lananh", dossier, "follow-up")
    assert (second.dossier_uid, second.at - first.at) == (None, timedelta(0))


def test_the_command_line_adds_a_user_and_prints_one_token(site, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("một câu thật dài\n"))
    words = ["users", "add", "hoa", "--role", "clerk", "--office", "BC-TAYHO", "--password-stdin"]
    assert users.run(parse(words), site) == 0
    assert enter(site, "hoa", "một câu thật dài")
    capsys.readouterr()
    assert users.run(parse(["users", "token", "hoa", "--scope", "all"]), site) == 0
    assert verify_token(site, capsys.readouterr().out.strip())
    assert users.run(parse(["users", "token", "hoa", "--scope", "all", "--json"]), site) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"token"}
    assert users.run(parse(["users", "revoke", "hoa"]), site) == 0
