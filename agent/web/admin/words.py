"""The administrator's words: roles, states of jobs, lanes, purposes."""

from __future__ import annotations

from agent.accounts.access import Purpose
from agent.domain.jobs import JobState
from agent.domain.roles import Role


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


ROLE_NAME = {
    Role.CLERK: _("giao dịch viên"),
    Role.SUPERVISOR: _("kiểm soát viên"),
    Role.COURIER: _("bưu tá"),
    Role.PROVINCE: _("cán bộ tỉnh"),
    Role.ADMINISTRATOR: _("quản trị viên"),
}
STATE_NAME = {
    JobState.READY: _("chờ gửi"),
    JobState.SENDING: _("đang gửi"),
    JobState.UNKNOWN: _("chưa rõ – đang hỏi lại tỉnh"),
    JobState.NEEDS_CLERK: _("chờ giao dịch viên"),
    JobState.REJECTED: _("bị từ chối"),
    JobState.HELD: _("đang giữ lại"),
    JobState.ACKED: _("đã xong"),
    JobState.CANCELLED: _("đã bỏ"),
}
STATE_SIGN = {
    JobState.READY: "untouched",
    JobState.SENDING: "partial",
    JobState.UNKNOWN: "unknown",
    JobState.NEEDS_CLERK: "decide",
    JobState.REJECTED: "refused",
    JobState.HELD: "decide",
    JobState.ACKED: "complete",
    JobState.CANCELLED: "untouched",
}
KIND_NAME = {
    "allocate": _("xin số hồ sơ"),
    "label": _("in nhãn"),
    "component-label": _("in nhãn thành phần"),
    "item-label": _("in nhãn bưu gửi"),
    "slip": _("in giấy tiếp nhận bản cuộn"),
    "test": _("in thử"),
    "submit": _("gửi hồ sơ"),
    "supplement": _("gửi bổ sung"),
    "delivery": _("báo đã trả"),
    "withdrawal": _("gửi yêu cầu rút hồ sơ"),
    "satisfaction": _("báo mức độ hài lòng"),
    "notice": _("tin báo công dân"),
}
PURPOSE_NAME = {
    Purpose.INTAKE: _("tiếp nhận"),
    Purpose.SUPPLEMENT: _("bổ sung"),
    Purpose.HAND_OFF: _("gửi tỉnh"),
    Purpose.FOLLOW_UP: _("theo dõi"),
    Purpose.DELIVERY: _("trả kết quả"),
    Purpose.SEARCH: _("tìm kiếm"),
    Purpose.RECONCILIATION: _("đối soát"),
    Purpose.COMPLAINT: _("khiếu nại"),
}
WHAT_NAME = {
    "dossier page": _("trang hồ sơ"),
    "search list": _("danh sách tìm kiếm"),
    **{
        f"queue {name}": _("hàng việc của quầy")
        for name in (
            "working",
            "to_sign",
            "sending",
            "unknown",
            "rejected",
            "supplement",
            "due",
            "handled",
            "result",
            "labels",
        )
    },
    "item with receiver": _("bưu gửi và người nhận"),
    "round": _("tuyến phát"),
    "round-phone": _("tuyến phát trên điện thoại"),
    "copies to sign": _("bản chờ ký"),
    "digitised paper": _("giấy tờ số hóa"),
    "receipt slip": _("giấy tiếp nhận bản cuộn"),
    "return label": _("nhãn bưu gửi"),
    "full identity and contact": _("căn cước và liên hệ đầy đủ"),
    "papers list": _("danh sách giấy tờ"),
    "paper pdf": _("tệp giấy tờ"),
    "api dossier": _("hồ sơ qua API"),
    "api timeline": _("diễn biến qua API"),
}
