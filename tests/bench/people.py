"""People as they come to a counter: names as frequent as in life, numbers, telephones."""

from __future__ import annotations

import random

SURNAMES = "Nguyễn:38 Trần:11 Lê:10 Phạm:7 Hoàng:5 Phan:5 Vũ:4 Đặng:2 Bùi:2 Đỗ:2 Hồ:1 Ngô:1 Dương:1 Lý:1 Nghiêm:1"
MIDDLE = "Văn Thị Đức Minh Ngọc Hữu Xuân Thanh Quốc Thu Kim Hồng Anh Đình Công Quang Bích Diệu Mỹ Bá"
GIVEN = (
    "An Anh Ánh Bình Châu Chi Cường Dung Dũng Duy Đạt Đức Giang Hà Hải Hạnh Hiền Hiếu Hoa Hòa Hùng Huy Hương Khánh "
    "Khoa Lan Linh Long Mai Minh Nam Nga Ngân Nghĩa Ngọc Nhung Oanh Phong Phúc Phương Quân Quang Quỳnh Sơn Tài Tâm "
    "Thảo Thắng Thành Thủy Tiến Trang Trung Tú Tuấn Tùng Uyên Vân Việt Vy Xuyến Yến Thuần Khuê Nhiên Diễm"
)
_SURNAMES = [text.split(":")[0] for text in SURNAMES.split()]
_SHARES = [int(text.split(":")[1]) for text in SURNAMES.split()]
_MIDDLE, _GIVEN = MIDDLE.split(), GIVEN.split()


def person(rng: random.Random) -> str:
    """A name as frequent as in life."""
    surname = rng.choices(_SURNAMES, _SHARES)[0]
    middle = rng.choice(_MIDDLE[:2] if rng.random() < 0.6 else _MIDDLE)
    return f"{surname} {middle} {rng.choice(_GIVEN)}"
