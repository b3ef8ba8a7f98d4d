"""Who does something: the signed-in user at a terminal, the system itself, or the province."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.roles import Role


@dataclass(frozen=True)
class Actor:
    """The one who answers for an act; `name` is what journals keep."""

    username: str
    full_name: str
    role: Role | None
    office_id: str
    terminal_id: str

    @property
    def name(self) -> str:
        """`user:<username>`, or `system` and `province`, which have no role."""
        return f"user:{self.username}" if self.role else self.username


def system(office_id: str, terminal_id: str) -> Actor:
    """The agent acting by itself (worker, schedule)."""
    return Actor("system", "Hệ thống", None, office_id, terminal_id)


def province(office_id: str, terminal_id: str) -> Actor:
    """The province, heard through its status feed."""
    return Actor("province", "Hệ thống của tỉnh", None, office_id, terminal_id)
