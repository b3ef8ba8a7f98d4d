"""Wrong passwords that two servers of one office try at the same moment are all counted, and undo no other change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agent.accounts.manage_users import new_password, switch_user
from agent.accounts.sign_in import WrongPassword, sign_in
from agent.store.accounts import User
from tests import postgres
from tests.flow.money_desk import CLERK, money_desk
from tests.races import meanwhile, race


@pytest.fixture(scope="module")
def office(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    folder = tmp_path_factory.mktemp("sign-in") / "data"
    with postgres.migrated(postgres_server) as url, money_desk(folder, url=url) as made:
        yield made.site, url


def account(site: Any) -> User:
    with site.store.reading():
        found: User = User.get(User.username == CLERK.username)
        return found


def test_guesses_at_once_are_all_counted(office: tuple[Any, str]) -> None:
    site, url = office

    def guess() -> None:
        sign_in(site, CLERK.username, "sai", terminal_id="T1")

    table = User._meta.table_name  # type: ignore[attr-defined]
    assert race(site, url, table, guess, guess) == [WrongPassword.code] * 2
    assert account(site).failed_count == 2


def test_an_account_that_is_shut_while_somebody_guesses_stays_shut(office: tuple[Any, str]) -> None:
    site, url = office
    table = User._meta.table_name  # type: ignore[attr-defined]
    _, said = meanwhile(
        site, url, f"SELECT id FROM \"{table}\" WHERE username = '{CLERK.username}'",
        lambda: sign_in(site, CLERK.username, "sai", terminal_id="T1"),
        lambda gate: gate.execute(f"UPDATE \"{table}\" SET active = false WHERE username = '{CLERK.username}'"),
    )  # fmt: skip
    assert said == WrongPassword.code and not account(site).active
    password = new_password(site, CLERK.username)
    with pytest.raises(WrongPassword):
        sign_in(site, CLERK.username, password, terminal_id="T1")
    assert not account(site).active, "a new password opens no account"


def test_two_administrators_undo_nothing_of_each_other(office: tuple[Any, str]) -> None:
    site, url = office
    table = User._meta.table_name  # type: ignore[attr-defined]
    switch_user(site, CLERK.username, active=True, by="admin")
    shut, replaced = (
        lambda: switch_user(site, CLERK.username, active=False, by="admin"),
        lambda: new_password(site, CLERK.username),
    )
    before = account(site).password_hash
    assert race(site, url, table, shut, replaced) == ["done", "done"]
    assert not account(site).active and account(site).password_hash != before
