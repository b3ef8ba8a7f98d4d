"""Users, their sessions, API clients, and who looked at whose data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peewee import BooleanField, IntegerField, TextField

from agent.domain.roles import Role
from agent.store.base import Model
from agent.store.fields import EnumField, Reference, ShaField, UidField, UtcField


class User(Model):
    """A person who signs in (người dùng); `password_hash` is argon2id in its encoded form, empty: cannot sign in."""

    username = TextField(unique=True)
    full_name = TextField()
    role = EnumField(Role)
    office_id = TextField(index=True)
    password_hash = TextField(default="")
    active = BooleanField(default=True)
    created_at = UtcField()
    failed_count = IntegerField(default=0)
    locked_until = UtcField(null=True)

    class Meta:
        table_name = "users"  # "user" is a reserved word


class Session(Model):
    """One signed-in browser (phiên làm việc); the token itself is only in its cookie."""

    token_sha256 = ShaField(unique=True)
    user = Reference(User, on_delete="CASCADE")
    terminal_id = TextField()
    created_at = UtcField()
    seen_at = UtcField()
    expires_at = UtcField(index=True)
    csrf = TextField()


class ApiClient(Model):
    """A bearer token (mã truy cập) that acts for a user within `scopes`, separated by blanks."""

    if TYPE_CHECKING:
        user_id: int

    name = TextField()
    token_sha256 = ShaField(unique=True)
    scopes = TextField()
    office_id = TextField()
    user = Reference(User, on_delete="CASCADE")
    created_at = UtcField()
    revoked_at = UtcField(null=True)


class AccessLog(Model):
    """One look at a citizen's data (nhật ký truy cập): who, which dossier, why; never the data itself."""

    at = UtcField(index=True)
    actor = TextField(index=True)
    office_id = TextField(index=True)
    dossier_uid = UidField(null=True, index=True)
    purpose = TextField()
    what = TextField()
