"""Furnish a data folder for a desk: a clerk, a courier, their tokens, a range of item numbers; prints the tokens."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

from agent.accounts.tokens import make_token
from agent.domain.roles import Role
from agent.errors import RuleViolation
from agent.settings import load
from agent.store.accounts import User
from agent.tracking.items import allot_range
from agent.wiring import build_site


def main() -> None:
    """`python -m tests.flow.furnish FOLDER ROLE=NAME …`."""
    site = build_site(load(Path(sys.argv[1])))
    tokens = {}
    for role, _, name in (text.partition("=") for text in sys.argv[2:]):
        with site.store.writing():
            User.create(
                username=name, role=Role(role), office_id="BC-TAYHO", full_name=name, password_hash="-",
                created_at=site.clock.now(),
            )  # fmt: skip
        tokens[role] = make_token(site, name, ["all"])
    with suppress(RuleViolation):  # the other terminal of this database did it
        allot_range(site, "BC-TAYHO", "RD", 10_000_000, 10_000_999)
    print(json.dumps(tokens))


if __name__ == "__main__":
    main()
