"""What the answers of an office come to: sums by score, the newest words, an export for the province."""

from __future__ import annotations

import csv
import io
from typing import Any

from peewee import fn

from agent.citizen.feedback import plain_cell
from agent.clock import local
from agent.site import Site
from agent.store.citizen import Survey
from agent.store.dossiers import Dossier

SCORE_NAME = {5: "Rất hài lòng", 4: "Hài lòng", 3: "Bình thường", 2: "Không hài lòng", 1: "Rất không hài lòng"}
STATE_NAME = {"open": "còn sửa được", "reported": "đã báo cáo tỉnh", "kept": "giữ ở bưu cục"}


def sums(office_id: str) -> dict[int, int]:
    """How many answers of each score, the best first. Inside a transaction."""
    query: Any = Survey.select(Survey.score, fn.COUNT(Survey.id)).where(Survey.office_id == office_id)
    found = dict(query.group_by(Survey.score).tuples())
    return {score: int(found.get(score, 0)) for score in SCORE_NAME}


def newest_words(office_id: str, *, limit: int = 50) -> list[Survey]:
    """The newest answers that say something. Inside a transaction."""
    mine = (Survey.office_id == office_id) & (Survey.words != "")
    return list(Survey.select(Survey, Dossier).join(Dossier).where(mine).order_by(Survey.id.desc()).limit(limit))


def export(site: Site, office_id: str) -> bytes:
    """All answers of an office as CSV (UTF-8 with mark)."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(("hồ sơ", "mức", "mức bằng chữ", "lời", "trả lời lúc", "báo cáo"))
    with site.store.reading():
        query = Survey.select(Survey, Dossier).join(Dossier).where(Survey.office_id == office_id)
        for one in query.order_by(Survey.id):
            number = one.dossier.official or one.dossier.provisional
            at = f"{local(one.changed_at):%Y-%m-%d %H:%M}"
            cells = (number, str(one.score), SCORE_NAME[one.score], one.words, at, STATE_NAME[one.state])
            out.writerow([plain_cell(cell) for cell in cells])
    return "\ufeff".encode() + text.getvalue().encode()
