"""What the citizen may still say about a dossier, and how a withdrawal that was asked for stands."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.dossier import Role, State
from agent.domain.jobs import JobState
from agent.domain.roles import Action
from agent.errors import AgentError, RuleViolation
from agent.intake.withdrawal import OPERATION, may_ask
from agent.store.desk import Gathered
from agent.store.dossiers import Dossier
from agent.store.satisfaction import OPERATION as RATING
from agent.web.context import current_user, site
from agent.web.i18n import gettext


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


WHO = {Role.OWNER: _("chủ hồ sơ"), Role.SUBMITTER: _("người nộp")}
SCORES = {
    5: _("rất hài lòng"), 4: _("hài lòng"), 3: _("bình thường"), 2: _("không hài lòng"), 1: _("rất không hài lòng"),
}  # fmt: skip


@dataclass(frozen=True)
class Wishes:
    """What the citizen may still say about a dossier, and how a withdrawal that was asked for stands."""

    may_withdraw: bool
    may_rate: bool
    sign: str = ""
    words: str = ""
    said: str = ""


def wishes_of(held: Gathered) -> Wishes:
    """For the dossier's page; inside reading()."""
    dossier, user = held.dossier, current_user()
    asked, rated = held.job("withdrawal"), held.job("satisfaction")
    given = any(result.state == "delivered" for result in held.results)
    open_ = asked is not None and asked.state not in (JobState.ACKED, JobState.REJECTED, JobState.CANCELLED)
    may_withdraw = not open_ and user.may(Action.VOID) and _may_ask(dossier) and _offers(OPERATION)
    may_rate = given and rated is None and user.may(Action.DELIVER_AT_COUNTER) and _offers(RATING)
    if dossier.state is State.WITHDRAWAL_ASKED:
        words = gettext("Công dân xin rút hồ sơ; tỉnh đã ghi nhận, chờ tỉnh trả lời.")
        return Wishes(may_withdraw, may_rate, "partial", words)
    if not open_ or asked is None:
        return Wishes(may_withdraw, may_rate)
    if asked.state is JobState.HELD:
        words = gettext("Yêu cầu rút hồ sơ đang giữ lại, chưa gửi. Báo người quản trị.")
        return Wishes(may_withdraw, may_rate, "decide", words, asked.error)
    if asked.state is JobState.UNKNOWN or asked.doubt:
        words = gettext("Yêu cầu rút hồ sơ: chưa rõ tỉnh đã nhận chưa, phần mềm đang tự hỏi lại. Không gửi lại.")
        return Wishes(may_withdraw, may_rate, "unknown", words)
    words = gettext("Yêu cầu rút hồ sơ đang chờ gửi tỉnh; trạng thái hồ sơ đổi khi tỉnh nhận.")
    return Wishes(may_withdraw, may_rate, "partial", words, asked.error)


def _offers(operation: str) -> bool:
    try:
        return site().province().offers(operation)
    except AgentError:
        return False  # a profile that is wrong is told where something is sent; the page opens all the same


def _may_ask(dossier: Dossier) -> bool:
    try:
        may_ask(dossier)
    except RuleViolation:
        return False
    return True
