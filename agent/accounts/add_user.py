"""Add a user, or give an existing one a new password, role or office."""

from __future__ import annotations

import re
import unicodedata

from agent.accounts.passwords import hash_password
from agent.domain.roles import Role
from agent.errors import Duplicate, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.accounts import Session, User

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


def add_user(
    site: Site, username: str, *, role: Role, office_id: str, password: str = "", full_name: str = "",
    replace: bool = False,
) -> None:  # fmt: skip
    """Create the user; `replace` changes an existing one and ends their sessions.

    An empty password makes a user who cannot sign in, only hold tokens.
    Raises RuleViolation for a bad name or password, Duplicate when the name is taken.
    """
    if not _USERNAME.fullmatch(username):
        raise RuleViolation(
            f"Tên đăng nhập “{username}” không hợp lệ: dùng 2 đến 40 chữ thường không dấu, chữ số, dấu chấm hoặc gạch."
        )
    if not office_id:
        raise RuleViolation("Chưa có mã bưu cục của người dùng. Thêm --office, ví dụ BC-TAYHO.")
    encoded = hash_password(unicodedata.normalize("NFC", password)) if password else ""
    name = unicodedata.normalize("NFC", full_name).strip() or username
    with site.store.writing():
        user = rows.first_to_change(User, username=username)
        if user is None:
            user = User(username=username, created_at=site.clock.now())
        elif not replace:
            raise Duplicate(f"Đã có người dùng “{username}”. Chọn tên khác, hoặc thêm --replace để thay.")
        else:
            Session.delete().where(Session.user == user).execute()
        user.full_name, user.role, user.office_id = name, role, office_id
        user.password_hash, user.active, user.failed_count, user.locked_until = encoded, True, 0, None
        user.save()
