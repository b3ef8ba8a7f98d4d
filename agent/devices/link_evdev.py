"""A keyboard-wedge reader as Linux shows it: /dev/input/event3, grabbed so that it types into no window."""

from __future__ import annotations

import sys

from agent.devices.link_node import Node
from agent.errors import ConfigError

EVIOCGRAB = 0x40044590  # _IOW('E', 0x90, int)


class EvdevNode(Node):
    """One input device; the grab takes it from the desktop and from its input method until it is closed."""

    def __init__(self, path: str) -> None:
        if not sys.platform.startswith("linux"):
            raise ConfigError(
                f"Đầu đọc “{path}”: kiểu evdev chỉ có trên Linux. Trên Windows hãy đặt đầu đọc sang "
                "USB-COM (kiểu serial) hoặc HID POS (kiểu hidraw)."
            )
        super().__init__(path)

    def _claim(self, node: int) -> None:
        import fcntl

        if not self.simulated:
            fcntl.ioctl(node, EVIOCGRAB, 1)
