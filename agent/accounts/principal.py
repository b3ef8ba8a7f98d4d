"""The person or program on whose behalf a request runs."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.roles import Action, Role, actions_of, may


@dataclass(frozen=True)
class Principal:
    """A signed-in user, or an API client that acts for one; holds no secret."""

    username: str
    full_name: str
    role: Role
    office_id: str
    terminal_id: str
    scopes: frozenset[str] | None = None  # None: a session, not limited
    client: str = ""  # the API client's name, empty for a session

    @property
    def actor(self) -> str:
        """As written in journals: "user:<username>"."""
        return f"user:{self.username}"

    def may(self, action: Action) -> bool:
        """Whether role and token scopes both include the action."""
        return may(self.role, action) and (self.scopes is None or action in actions_of(self.scopes))
