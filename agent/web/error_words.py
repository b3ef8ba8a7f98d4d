"""What error pages say: a headline and a next step for each kind of error."""

from __future__ import annotations


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


HEADLINES = {
    "forbidden": _("Bạn không được làm việc này"),
    "cross-site": _("Biểu mẫu không còn dùng được"),
    "wrong-password": _("Chưa đăng nhập được"),
    "not-found": _("Không tìm thấy"),
    "method-not-allowed": _("Địa chỉ này không nhận cách gọi đó"),
    "unauthorized": _("Cần đăng nhập"),
    "too-large": _("Tệp gửi lên quá lớn"),
    "misdirected": _("Sai địa chỉ máy chủ"),
    "duplicate": _("Việc này đã làm với nội dung khác"),
    "illegal-step": _("Chưa tới bước này"),
    "withdrawal-too-late": _("Hồ sơ không rút được nữa"),
    "incomplete": _("Còn thiếu"),
    "invalid-identifier": _("Mã không đúng"),
    "invalid-intake": _("Còn chỗ phải sửa"),
    "rule": _("Không đúng quy định"),
    "unknown-item": _("Không có bưu gửi này trong sổ"),
    "unknown-bag": _("Không có túi này trong sổ"),
    "foreign-item": _("Bưu gửi của bưu cục khác"),
    "not-yours": _("Không phải việc của bạn"),
    "office-step": _("Việc này do bưu cục làm"),
    "bag-step": _("Cả túi không làm được bước này"),
    "no-proof": _("Thiếu bằng chứng phát"),
    "amount": _("Số tiền không đúng"),
    "redelivery-day": _("Ngày hẹn phát lại không được"),
    "unknown-invitation": _("Không có giấy mời số này"),
    "unknown-paper": _("Giấy thu hồi không thuộc bưu gửi này"),
    "document": _("Trang hoặc tệp không dùng được"),
    "integrity": _("Dữ liệu đã lưu không còn nguyên vẹn"),
    "signing": _("Chưa ký được"),
    "device-unavailable": _("Thiết bị không kết nối"),
    "device": _("Thiết bị không làm xong"),
    "device-protocol": _("Thiết bị trả lời lạ"),
    "device-outcome-unknown": _("Chưa rõ thiết bị đã làm hay chưa"),
    "handoff-unavailable": _("Chưa nối được với hệ thống của tỉnh"),
    "handoff-rejected": _("Hệ thống của tỉnh từ chối"),
    "handoff-outcome-unknown": _("Chưa rõ tỉnh đã nhận hay chưa"),
    "handoff-blocked": _("Kết nối với tỉnh đang bị chặn"),
    "handoff-drift": _("Tỉnh trả lời khác hợp đồng"),
    "handoff-internal": _("Hệ thống của tỉnh gặp lỗi bên trong"),
    "handoff-not-offered": _("Hệ thống của tỉnh không có thao tác này"),
    "phone-revoked": _("Điện thoại đã bị thu hồi"),
    "pairing": _("Chưa ghép được điện thoại"),
    "pictures-busy": _("Máy chủ đang bận kiểm ảnh"),
    "not-a-picture": _("Tệp gửi lên không phải ảnh"),
    "store-full": _("Ổ đĩa đã đầy"),
    "store-locked": _("Cơ sở dữ liệu đang bận"),
    "config": _("Cấu hình chưa đúng"),
    "4xx": _("Không làm được yêu cầu này"),
    "5xx": _("Phần mềm gặp lỗi"),
}

NEXT_STEPS = {
    "forbidden": _("Chưa có gì thay đổi. Nếu đây là việc của bạn, hãy nhờ kiểm soát viên."),
    "cross-site": _("Chưa có gì thay đổi. Mở lại trang rồi gửi lại."),
    "not-found": _("Kiểm tra lại mã, hoặc quét lại vào ô tìm kiếm."),
    "device-unavailable": _("Kiểm tra nguồn và dây của thiết bị, rồi làm lại. Hồ sơ đã được lưu."),
    "device-outcome-unknown": _("Nhìn vào thiết bị rồi xác nhận trong hàng đợi; đừng in lại khi chưa chắc."),
    "handoff-unavailable": _("Cứ làm tiếp: hồ sơ nằm trong hàng đợi và tự gửi khi có mạng."),
    "handoff-outcome-unknown": _("Không gửi lại: phần mềm đang hỏi tỉnh."),
    "handoff-blocked": _("Cứ làm tiếp: hồ sơ nằm trong hàng đợi. Quản trị viên sửa chỗ nêu trên rồi mở lại hàng đợi."),
    "handoff-drift": _("Cứ làm tiếp: chỉ thao tác này tạm dừng. Quản trị viên đối chiếu hợp đồng với tỉnh."),
    "store-full": _("Chưa có gì bị mất. Giải phóng ổ đĩa rồi làm lại."),
    "store-locked": _("Chờ vài giây rồi làm lại. Chưa có gì thay đổi."),
    "4xx": _("Chưa có gì thay đổi. Sửa chỗ nêu trên rồi gửi lại."),
    "5xx": _("Việc đã lưu vẫn còn. Làm lại; nếu vẫn lỗi, báo quản trị viên kèm mã tham chiếu."),
}

HTTP_WORDS = {
    400: ("bad-request", _("Máy chủ không đọc được yêu cầu này.")),
    401: ("unauthorized", _("Cần mã truy cập hợp lệ, hoặc phiên đã hết hạn.")),
    403: ("forbidden", _("Vai trò của bạn không được làm việc này.")),
    404: ("not-found", _("Không có trang ở địa chỉ này.")),
    405: ("method-not-allowed", _("Địa chỉ này chỉ nhận cách gọi khác.")),
    413: ("too-large", _("Nội dung gửi lên vượt mức cho phép.")),
    415: ("unsupported-media", _("Kiểu nội dung gửi lên không được nhận ở đây.")),
    421: (
        "misdirected",
        _("Máy chủ này không phục vụ dưới tên đó. Người quản trị thêm tên vào mục web.allowed_hosts."),
    ),
    429: ("too-many", _("Quá nhiều yêu cầu. Chờ một lát rồi làm lại.")),
    503: ("unavailable", _("Máy chủ đang bận. Chờ một lát rồi làm lại.")),
}
