"""Refuse what a role, a token or an office does not allow."""

from __future__ import annotations

from agent.accounts.principal import Principal
from agent.domain.roles import Action, sees_office
from agent.errors import Forbidden


def require(user: Principal, action: Action, office_id: str | None = None) -> None:
    """Raise Forbidden unless `user` may do `action` on work of `office_id` (None: their own office's)."""
    if not user.may(action):
        limit = f"Mã truy cập “{user.client}”" if user.client and user.scopes is not None else "Vai trò của bạn"
        raise Forbidden(
            f"{limit} không được làm việc này ({action.value}). Hãy nhờ kiểm soát viên hoặc người quản trị cấp quyền."
        )
    if office_id is not None and not sees_office(user.role, user.office_id, office_id):
        raise Forbidden("Việc này thuộc bưu cục khác. Hãy liên hệ bưu cục đang giữ hồ sơ.")
