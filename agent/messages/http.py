"""Messages through any HTTP gateway: its request and what its answers mean come from settings."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus, urlsplit

from agent.errors import ConfigError
from agent.ports_notices import Notice, NoticeOutcome, NoticeResult
from agent.settings_citizen import Notices

_PLACE: Final = re.compile(r"\{(to|text|key|kind|office)\}")
_LATER: Final = frozenset({408, 425, 429, 503})  # turned away unread
_OURS: Final = frozenset({401, 403, 404, 405, 407})  # the settings are wrong, not the message
_MOST: Final = 64 * 1024  # bytes of an answer that are read
_DOUBT: Final = frozenset({409})  # the key is being worked at


@dataclass(frozen=True)
class Answer:
    """A gateway's answer as it came."""

    status: int
    body: bytes
    retry_after: str


class _Unsent(Exception):
    """The connection was not made: nothing left."""


class HttpNotifier:
    """Posts each message once; a cut connection is unknown, never sent and never lost."""

    def __init__(self, asked: Notices, *, training: bool = False) -> None:
        self._asked = asked
        self._secret = _first_line(asked.secret_file)
        for name, url in (("url", asked.url), ("status_url", asked.status_url)):
            _check_address(name, url, needed=name == "url", training=training)
        for header in asked.headers:
            if ":" not in header or "\n" in header:
                raise ConfigError(f"[notices] headers: “{header.partition(':')[0]}” phải có dạng “Tên: giá trị”.")
        self._tls = _context(asked.roots)

    @property
    def repeats(self) -> bool:
        """Only where the gateway promises it and is given the key."""
        return self._asked.idempotent and bool(self._asked.key_header or "{key}" in self._asked.body)

    def obstacle(self) -> str:
        """Whether the gateway takes a connection, with TLS where its address says so; nothing is asked of it."""
        connection, host = self._connection(self._asked.url), urlsplit(self._asked.url).hostname
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            return f"chứng thư của {host} không đúng ({error.verify_message}). Xem [notices] roots."
        except (OSError, UnicodeError) as error:
            return f"không nối được {host} ({type(error).__name__}). Kiểm tra mạng và [notices] url."
        finally:
            connection.close()
        return ""

    def send(self, notice: Notice) -> NoticeOutcome:
        """Post the message; what its answer means is `judge`'s to say."""
        values = vars(notice)
        in_form = "form-urlencoded" in self._asked.content_type
        escape: Callable[[str], str] = quote_plus if in_form else lambda text: json.dumps(text, ensure_ascii=False)
        body = _PLACE.sub(lambda found: escape(str(values[found[1]])), self._asked.body).encode()
        headers = self._headers() | {"Content-Type": f"{self._asked.content_type}; charset=utf-8"}
        if self._asked.key_header:
            headers[self._asked.key_header] = notice.key
        return self._exchange("POST", self._asked.url, body, headers)

    def ask(self, key: str) -> NoticeOutcome | None:
        """Ask for the message by its key; 404: it never came."""
        if not self._asked.status_url:
            return None
        url = self._asked.status_url.replace("{key}", quote(key, safe=""))
        return self._exchange("GET", url, b"", self._headers(), asking=True)

    def _headers(self) -> dict[str, str]:
        pairs = (header.replace("{secret}", self._secret).split(":", 1) for header in self._asked.headers)
        return {name.strip(): value.strip() for name, value in pairs} | {"Accept": "application/json"}

    def _exchange(
        self, method: str, url: str, body: bytes, headers: dict[str, str], *, asking: bool = False
    ) -> NoticeOutcome:
        try:
            answer = self._call(method, url, body, headers)
        except _Unsent as error:
            doubt = NoticeResult.UNKNOWN if asking else NoticeResult.NOT_SENT
            return NoticeOutcome(doubt, f"Không nối được cổng gửi tin ({error}). Sẽ tự thử lại.")
        except (OSError, http.client.HTTPException) as error:
            words = f"Cổng gửi tin ngắt giữa chừng ({type(error).__name__}). Chưa rõ tin đã đi hay chưa."
            return NoticeOutcome(NoticeResult.UNKNOWN, words)
        if asking and answer.status == http.client.NOT_FOUND:
            return NoticeOutcome(NoticeResult.NOT_SENT)
        found = judge(answer, self._asked)
        if asking and found.result is NoticeResult.NOT_SENT:
            return NoticeOutcome(NoticeResult.UNKNOWN, found.reason, wait=found.wait)  # the question was turned away
        return found

    def _connection(self, url: str) -> http.client.HTTPConnection:
        parts, patience = urlsplit(url), self._asked.connect_timeout
        if parts.scheme == "https":
            return http.client.HTTPSConnection(parts.netloc, timeout=patience, context=self._tls)
        return http.client.HTTPConnection(parts.netloc, timeout=patience)

    def _call(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        parts = urlsplit(url)
        connection = self._connection(url)
        try:
            try:
                connection.connect()
            except (OSError, UnicodeError) as error:
                raise _Unsent(type(error).__name__) from error
            connection.sock.settimeout(self._asked.read_timeout)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body or None, headers)
            response = connection.getresponse()
            return Answer(response.status, response.read(_MOST), response.headers.get("Retry-After", ""))
        finally:
            connection.close()


def judge(answer: Answer, asked: Notices) -> NoticeOutcome:
    """What an answer means by the settings; what they do not name is unknown, never sent."""
    status, wait = answer.status, float(answer.retry_after) if answer.retry_after.isdecimal() else None
    if status in _LATER:
        return NoticeOutcome(NoticeResult.NOT_SENT, f"Cổng gửi tin đang bận (HTTP {status}).", wait=wait)
    if status in _OURS or 300 <= status < 400:
        words = f"Cổng gửi tin không nhận yêu cầu của bưu cục (HTTP {status}). Quản trị viên sửa mục [notices]."
        return NoticeOutcome(NoticeResult.NOT_SENT, words)
    if status >= 500 or status in _DOUBT:
        return NoticeOutcome(NoticeResult.UNKNOWN, f"Cổng gửi tin lỗi (HTTP {status}). Chưa rõ tin đã đi hay chưa.")
    said = _json(answer.body)
    reference = _field(said, asked.reference)
    if asked.outcome:
        value = _field(said, asked.outcome)
        if value in asked.sent:
            return NoticeOutcome(NoticeResult.SENT, reference=reference)
        if value in asked.refused:
            return NoticeOutcome(NoticeResult.REFUSED, f"Cổng gửi tin từ chối ({value}).", reference)
        if status < 300:
            return NoticeOutcome(NoticeResult.UNKNOWN, "Cổng gửi tin trả lời không có trong [notices] sent, refused.")
    if status < 300:
        return NoticeOutcome(NoticeResult.SENT, reference=reference)
    return NoticeOutcome(NoticeResult.REFUSED, f"Cổng gửi tin từ chối (HTTP {status}).", reference)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _field(said: Any, path: str) -> str:
    """The value at a dotted path, as text; empty without one."""
    for part in path.split(".") if path else ():
        if isinstance(said, list) and part.isdecimal() and int(part) < len(said):
            said = said[int(part)]
        elif isinstance(said, dict):
            said = said.get(part)
        else:
            return ""
    if not path or said is None or isinstance(said, dict | list):
        return ""
    return str(said).lower() if isinstance(said, bool) else str(said)[:80]


def _check_address(name: str, url: str, *, needed: bool, training: bool) -> None:
    """A message carries a phone number: only https takes it off this machine, but for training."""
    parts = urlsplit(url)
    if not url and not needed:
        return
    here = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme == "https" or (parts.scheme == "http" and (here or training)):
        return
    raise ConfigError(f"[notices] {name} phải là địa chỉ https://… của cổng gửi tin. Sửa tệp cấu hình rồi chạy lại.")


def _first_line(path: str) -> str:
    if not path:
        return ""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"[notices] không đọc được secret_file {path}. Kiểm tra đường dẫn và quyền đọc.") from error
    return lines[0].strip() if lines else ""


def _context(roots: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=roots or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"[notices] không đọc được tệp roots {roots}. Tệp phải là PEM của CA.") from error
