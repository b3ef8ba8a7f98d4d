"""Sample pages that show every macro; only test applications have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template

from agent.web.guard import public
from agent.web.notices import say

PAGES = ("counter", "form", "province", "courier", "public")


def add_styleguide(app: Any) -> None:
    """Serve the sample pages at /styleguide/<name>."""
    guide = Blueprint(
        "styleguide", __name__, url_prefix="/styleguide", template_folder=str(Path(__file__).parent / "sample_pages")
    )

    @guide.get("/<name>")
    @public
    def sample(name: str) -> str:
        if name == "form":
            say("Đã nhận hồ sơ T3·26N21·0C7K.", undo_url="/styleguide/form", undo_words="hủy nhận")
        return render_template(f"sample_{name}.html")

    app.register_blueprint(guide)
