"""The citizen's words for where a dossier is: one headline, one next step, a strip of stages."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.custody_steps import ItemState
from agent.domain.dossier import ReturnWay, State
from agent.store.public_view import Tracked


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


STAGES = (
    _("Đã nhận ở bưu cục"), _("Cơ quan đã tiếp nhận"), _("Đang giải quyết"), _("Có kết quả"), _("Đã trả kết quả"),
)  # fmt: skip
_AT_OFFICE = (State.RECEIVED, State.LABELLED, State.DIGITISED, State.SIGNED, State.SUBMITTED, State.REJECTED)
_IN_PROCESS, _TO_PAY = 4, 6  # of the national portal
_HEADS: dict[State, tuple[int, str, str]] = {
    State.SUPPLEMENT_ASKED: (
        2, _("Cơ quan cần thêm giấy tờ"), _("Liên hệ bưu cục để biết giấy tờ nào và nộp bổ sung."),
    ),
    State.SUPPLEMENT_SENT: (2, _("Đã gửi giấy tờ bổ sung"), _("Bạn chưa phải làm gì.")),
    State.WITHDRAWAL_ASKED: (2, _("Bạn đã xin rút hồ sơ"), _("Chờ cơ quan trả lời; bưu cục sẽ báo bạn.")),
    State.CLOSED: (5, _("Đã trả kết quả"), _("Hồ sơ đã xong.")),
    State.REFUSED: (-1, _("Cơ quan không giải quyết hồ sơ này"), _("Đến bưu cục để nhận văn bản trả lời.")),
    State.STOPPED: (-1, _("Hồ sơ đã dừng giải quyết"), _("Liên hệ bưu cục để biết lý do.")),
    State.VOIDED: (-1, _("Hồ sơ đã hủy ở bưu cục"), _("Liên hệ bưu cục để biết lý do.")),
}  # fmt: skip
_ON_THE_WAY = {
    ItemState.OUT_FOR_DELIVERY: (_("Bưu tá đang đi giao kết quả"), _("Chuẩn bị giấy tờ để nhận.")),
    ItemState.ATTEMPT_FAILED: (
        _("Bưu tá đã đến mà chưa giao được"), _("Xem giấy mời, hoặc gọi bưu cục để hẹn lại."),
    ),
    ItemState.HELD: (_("Kết quả đang giữ ở bưu cục"), _("Mang giấy tờ đến bưu cục để nhận, hoặc hẹn giao lại.")),
    ItemState.RETURN_APPROVED: (_("Kết quả sắp chuyển lại cơ quan"), _("Gọi bưu cục ngay nếu còn muốn nhận.")),
    ItemState.RETURNED: (_("Kết quả đã chuyển lại cơ quan"), _("Liên hệ bưu cục để biết cách nhận.")),
    ItemState.LOST: (_("Bưu cục đang tìm kết quả"), _("Bưu cục sẽ liên hệ với bạn.")),
}  # fmt: skip
_WAYS = {
    ReturnWay.COURIER: (_("Đã có kết quả"), _("Bưu tá sẽ mang đến địa chỉ bạn đã ghi.")),
    ReturnWay.COUNTER: (_("Đã có kết quả"), _("Mang giấy tiếp nhận và giấy tờ của bạn đến bưu cục để nhận.")),
    ReturnWay.ELECTRONIC: (_("Đã có kết quả"), _("Bản điện tử được gửi theo cách bạn đã chọn.")),
}


@dataclass(frozen=True)
class StageView:
    """What the page says; `strip` holds (words, "complete" | "partial" | "untouched"), none for a stopped dossier."""

    headline: str
    next_step: str
    strip: tuple[tuple[str, str], ...]
    ended: bool


def view_of(found: Tracked) -> StageView:
    """The words for a dossier."""
    done, headline, next_step = _where(found)
    kinds = ["complete" if n < done else "partial" if n == done else "untouched" for n in range(len(STAGES))]
    strip = tuple(zip(STAGES, kinds, strict=True)) if done >= 0 else ()
    return StageView(headline, next_step, strip, found.state is State.CLOSED or done < 0)


def _where(found: Tracked) -> tuple[int, str, str]:
    """How many stages are behind, the headline, the next step."""
    if found.state in _HEADS:
        return _HEADS[found.state]
    if found.state in _AT_OFFICE:
        return 1, _("Bưu cục đã nhận hồ sơ, đang chuyển cho cơ quan"), _("Bạn chưa phải làm gì.")
    if found.state is State.RESULT_READY:
        words = _ON_THE_WAY.get(ItemState(found.item_state)) if found.item_state else None
        return (4, *(words or _WAYS[found.return_way]))
    if found.province_status == _TO_PAY:
        return 2, _("Cơ quan cần bạn thực hiện nghĩa vụ tài chính"), _("Liên hệ bưu cục để biết nộp khoản nào, ở đâu.")
    if found.province_status >= _IN_PROCESS:
        return 2, _("Cơ quan đang giải quyết"), _("Bạn chưa phải làm gì.")
    return 2, _("Cơ quan đã tiếp nhận hồ sơ"), _("Bạn chưa phải làm gì.")
