"""What each finding about a page means: refused, accepted with a reason or only told, and what is to be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Severity(StrEnum):
    """How much a finding weighs."""

    NOTE = "note"  # told, nothing to do
    ASK = "ask"  # the clerk puts it right, or accepts the page with a reason
    REFUSE = "refuse"  # no reason helps: scan again


@dataclass(frozen=True)
class Rule:
    """A finding's weight and its words (Vietnamese; measured values stand in braces)."""

    severity: Severity
    words: str


RULES: Final = {
    "low-dpi": Rule(
        Severity.REFUSE, "Ảnh chỉ đạt {dpi} dpi, thấp hơn mức tối thiểu 200 dpi. Quét lại ở 300 dpi."
    ),
    "far": Rule(
        Severity.REFUSE,
        "Ảnh chụp chỉ đạt {dpi} dpi trên trang giấy, tối thiểu 200. Chụp gần hơn, hoặc quét ở 300 dpi.",
    ),
    "torn": Rule(
        Severity.REFUSE,
        "Tệp bị cắt dở hoặc hỏng. Chờ máy quét ghi xong rồi nạp lại, hoặc quét lại trang này.",
    ),
    "password": Rule(
        Severity.REFUSE, "PDF có mật khẩu nên không đọc được. Xin bản không có mật khẩu hoặc quét bản giấy."
    ),
    "too-large": Rule(
        Severity.REFUSE,
        "Trang hoặc tệp quá lớn. Quét lại ở 300 dpi, mỗi trang không quá khổ A3, mỗi tệp không quá 500 trang và 50 MB.",
    ),
    "harmful": Rule(
        Severity.REFUSE,
        "Tệp này hai lần làm phần xử lý trang dừng hoặc chạy quá lâu. Đừng nạp lại: xin bản khác, hoặc in ra rồi quét.",
    ),
    "xfa": Rule(
        Severity.REFUSE,
        "PDF là biểu mẫu XFA, chỉ Adobe Reader hiện được. Mở bằng Adobe Reader, in ra PDF hoặc ra giấy rồi nộp bản đó.",
    ),
    "unreadable": Rule(Severity.REFUSE, "Không mở được tệp. Kiểm tra quyền đọc, hoặc sao chép lại tệp."),
    "unsupported": Rule(
        Severity.REFUSE, "Kiểu TIFF này không được hỗ trợ. Lưu lại thành TIFF G4, JPEG hoặc PDF."
    ),
    "no-dpi": Rule(
        Severity.ASK,
        "Tệp không ghi độ phân giải; đặt vừa khổ A4, tương đương {dpi} dpi. So lại với bản giấy.",
    ),
    "camera": Rule(
        Severity.ASK,
        "Ảnh chụp đã được nắn thẳng theo bốn góc giấy, khoảng {dpi} dpi nếu là khổ A4. So với bản giấy; "
        "nắn sai thì chọn dùng ảnh gốc.",
    ),
    "blank": Rule(Severity.ASK, "Trang gần như trắng. Kiểm tra có đặt ngược giấy không; trang vẫn được giữ."),
    "original": Rule(Severity.NOTE, "PDF có chữ ký số hợp lệ của {signers}: bản điện tử, giữ nguyên từng byte."),
    "signed-extended": Rule(
        Severity.ASK,
        "PDF có chữ ký số hợp lệ của {signers}; sau khi ký có phần thêm mà người ký cho phép. Xem phần thêm rồi nhận.",
    ),
    "signed-unknown": Rule(
        Severity.ASK,
        "Chữ ký số của {signers} đúng nhưng chưa rõ nơi cấp chứng thư. Hỏi người nộp ai ký, rồi ghi lý do nhận.",
    ),
    "signed-changed": Rule(
        Severity.REFUSE,
        "PDF bị sửa sau khi {signers} ký nên không còn là bản gốc điện tử. Xin lại tệp gốc, hoặc quét bản giấy.",
    ),
    "signed-broken": Rule(
        Severity.REFUSE,
        "Chữ ký số trên PDF sai hoặc không đọc được nên tệp không phải bản gốc điện tử. Xin lại tệp gốc, "
        "hoặc quét bản giấy.",
    ),
    "restricted": Rule(
        Severity.ASK, "PDF gốc đặt hạn chế sử dụng (in, sao chép). Kiểm tra với người nộp."
    ),
    "active": Rule(
        Severity.ASK,
        "PDF có {active}. Bản sao chỉ giữ những gì thấy trên trang, phần đó bị bỏ; so lại với người nộp rồi nhận.",
    ),
    "animated": Rule(Severity.ASK, "Ảnh động: bản sao chỉ có hình đầu tiên. Xin ảnh tĩnh, hoặc quét bản giấy."),
    "blurred": Rule(
        Severity.ASK, "Chữ bị nhòe. Lau kính máy quét, đặt giấy phẳng (chụp: giữ yên máy) rồi quét lại trang này."
    ),
    "skewed": Rule(Severity.ASK, "Trang lệch {skew}°. Chỉnh thanh chặn giấy rồi quét lại trang này."),
    "upside-down": Rule(Severity.ASK, "Trang ngược đầu. Xoay lại trên màn hình, không cần quét lại."),
    "sideways": Rule(Severity.ASK, "Trang nằm ngang. Xoay lại trên màn hình, không cần quét lại."),
    "black-border": Rule(
        Severity.ASK,
        "Có viền đen ở mép {borders}. Đóng nắp máy, đặt giấy sát góc rồi quét lại; nhận được nếu viền không che chữ.",
    ),
    "cut-edge": Rule(
        Severity.ASK, "Chữ bị cắt ở mép {cut}. Đặt giấy lại cho trọn trang, chọn đúng khổ giấy rồi quét lại."
    ),
    "too-dark": Rule(Severity.ASK, "Ảnh quá tối. Giảm độ đậm của máy quét (chụp: thêm sáng) rồi quét lại."),
    "too-faint": Rule(
        Severity.ASK, "Chữ quá nhạt. Tăng độ đậm của máy quét rồi quét lại; bản gốc đã mờ thì ghi lý do nhận."
    ),
    "background": Rule(
        Severity.ASK, "Ảnh chụp cả mặt bàn quanh trang giấy. Chụp lại sát bốn mép giấy, hoặc quét bằng máy quét."
    ),
    "shadow": Rule(Severity.ASK, "Trang có bóng che. Chụp ở nơi sáng đều, hoặc quét bằng máy quét."),
    "odd-size": Rule(Severity.NOTE, "Khổ giấy {size}, không phải A4."),
    "damaged-code": Rule(Severity.NOTE, "Trên trang có một mã không đọc được."),
}  # fmt: skip
TURNED: Final = ("upside-down", "sideways")  # what turning the page on the screen puts right


def severity(findings: Iterable[str]) -> Severity:
    """The weight of the heaviest finding; NOTE for none. A finding without a rule is asked about.

    >>> severity(["odd-size", "blank"])
    <Severity.ASK: 'ask'>
    """
    weights = [RULES[code].severity if code in RULES else Severity.ASK for code in findings]
    return next((weight for weight in (Severity.REFUSE, Severity.ASK) if weight in weights), Severity.NOTE)


def words(findings: Iterable[str], seen: Mapping[str, Any]) -> str:
    """What the clerk is told: of the heaviest findings only, nothing of mere notes; `seen` holds the measured values.

    >>> words(["skewed", "odd-size"], {"skew": -3.4})
    'Trang lệch 3.4°. Chỉnh thanh chặn giấy rồi quét lại trang này.'
    """
    given = list(findings)
    heaviest = severity(given)
    if heaviest is Severity.NOTE:
        return ""
    told = [RULES[code].words for code in given if code in RULES and RULES[code].severity is heaviest]
    return " ".join(text.format_map(_Known({name: _shown(value) for name, value in seen.items()})) for text in told)


def _shown(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return abs(value) if isinstance(value, float) else value


class _Known(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "?"
