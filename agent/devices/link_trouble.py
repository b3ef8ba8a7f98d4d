"""Why a device cannot be opened or reached, in words that say who can mend it."""

from __future__ import annotations

import errno

TAKEN = (errno.EBUSY, errno.EAGAIN)
GONE = (errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOTTY, errno.EPIPE, errno.ESHUTDOWN)


def group_of(address: str) -> str:
    """The group that may use a Linux device node: `lp` printers, `input` readers, `dialout` serial ports."""
    if "/input/" in address or "hidraw" in address:
        return "input"
    return "lp" if "/usb/lp" in address or "/lp" in address else "dialout"


def trouble(error: BaseException, address: str) -> str:
    """One Vietnamese sentence or two: what is wrong with the port, and what to do.

    >>> trouble(PermissionError(13, "Permission denied"), "/dev/usb/lp0")
    'Không có quyền dùng cổng /dev/usb/lp0. Thêm người dùng vào nhóm “lp” (sudo usermod -aG lp TÊN) rồi đăng nhập lại.'
    """
    number = getattr(error, "errno", None)
    said = str(error)
    if number in TAKEN or "PermissionError(13" in said:  # how pyserial tells of a COM port that another holds
        return (
            f"Cổng {address} đang do chương trình khác giữ (có thể một postal-agent khác). "
            "Tắt chương trình đó, hoặc bỏ thiết bị này khỏi tệp cấu hình của một bên."
        )
    if number in {errno.EACCES, errno.EPERM}:
        group = group_of(address)
        return (
            f"Không có quyền dùng cổng {address}. "
            f"Thêm người dùng vào nhóm “{group}” (sudo usermod -aG {group} TÊN) rồi đăng nhập lại."
        )
    if number == errno.ENOENT:
        return f"Không thấy thiết bị ở cổng {address}. Kiểm tra nguồn điện và cáp; xem tên cổng trong tệp cấu hình."
    if number in GONE:
        return f"Thiết bị ở cổng {address} vừa bị rút ra hoặc tắt ({error}). Cắm lại, bật lại rồi thử lại."
    return f"Không liên lạc được với thiết bị ở cổng {address} ({error}). Kiểm tra nguồn điện và cáp rồi thử lại."
