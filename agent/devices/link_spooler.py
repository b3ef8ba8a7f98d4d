"""A printer of the Windows spooler, fed RAW: every pywin32 call of the product is here."""

from __future__ import annotations

import importlib
import os
from typing import Any

from agent.errors import ConfigError, DeviceOutcomeUnknown, DeviceUnavailable


class WindowsQueue:
    """One printer by the name that Windows gives it; the spooler reports status 0 even with the printer off."""

    def __init__(self, printer: str) -> None:
        if os.name != "nt":
            raise ConfigError(f"Máy in “{printer}”: kiểu spooler chỉ có trên Windows. Trên Linux dùng usb hoặc cups.")
        self._printer = printer

    @property
    def address(self) -> str:
        return self._printer

    def send(self, job: bytes) -> str:
        """Hand `job` over unchanged and return the spooler's number for it.

        Raises DeviceUnavailable when nothing was handed over, DeviceOutcomeUnknown when part of it was.
        """
        spool, fault = self._spool()
        try:
            handle = spool.OpenPrinter(self._printer)
        except fault as error:
            raise self._refused(error) from error
        begun = False
        try:
            number = spool.StartDocPrinter(handle, 1, ("postal-agent", None, "RAW"))
            begun = True
            spool.StartPagePrinter(handle)
            spool.WritePrinter(handle, job)
            spool.EndPagePrinter(handle)
            spool.EndDocPrinter(handle)
        except fault as error:
            if not begun:
                raise self._refused(error) from error
            raise DeviceOutcomeUnknown(
                f"Windows báo lỗi khi đang nhận nhãn cho máy in “{self._printer}” ({error}). "
                "Xem nhãn đã ra chưa rồi mới in lại."
            ) from error
        finally:
            spool.ClosePrinter(handle)
        return str(number)

    def check(self) -> None:
        """Return when Windows knows the printer; DeviceUnavailable otherwise. Says nothing of the printer itself."""
        spool, fault = self._spool()
        try:
            spool.ClosePrinter(spool.OpenPrinter(self._printer))
        except fault as error:
            raise self._refused(error) from error

    def _spool(self) -> tuple[Any, type[Exception]]:
        try:
            fault: type[Exception] = importlib.import_module("pywintypes").error
            return importlib.import_module("win32print"), fault
        except ImportError as error:
            raise ConfigError("Thiếu thư viện pywin32 để in qua Windows. Cài lại chương trình rồi thử lại.") from error

    def _refused(self, error: Exception) -> DeviceUnavailable:
        return DeviceUnavailable(
            f"Windows không mở được máy in “{self._printer}” ({error}). Xem lại tên máy in trong Cài đặt của Windows."
        )
