"""The courier's scanner in a browser: no camera, pictures, readers that type, sounds, the browser's own detector."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.e2e.conftest import FLAGS
from tests.e2e.courier_phone import Phone
from tests.e2e.fake_camera import FakeCamera, held_label
from tests.e2e.serving import until
from tests.label_frames import View, frame, item_number, label_of
from tests.webdesk import Served

NUMBER = item_number(47_312_482)
SCAN_FILES = Path(__file__).parents[2] / "agent" / "web" / "static" / "courier-app" / "scan"
SCAN = """const part = (name) => import(document.querySelector("script[type=module]").src.replace("main.js", name));
const scan = await part("scan/index.js");
const video = document.createElement("video");
const file = (text, kind) => new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], "x", { type: kind });
const code = async (work) => { try { return await work; } catch (trouble) { return [trouble.code, trouble.message]; } };
"""
FAKE_DETECTOR = """self.BarcodeDetector = class {
  static async getSupportedFormats() { return ["code_128", "qr_code"]; }
  async detect() { return [{ rawValue: "%s", format: "code_128" }]; }
};"""


def jpeg(picture: Image.Image) -> str:
    """As base64, for the page."""
    import base64

    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return base64.b64encode(out.getvalue()).decode()


@pytest.fixture
def phone(chromium: Any, served: Served) -> Iterator[Phone]:
    """A phone on the app's page."""
    made = Phone(chromium, served.url)
    made.page.goto(made.app)
    made.page.get_by_role("heading").first.wait_for()
    yield made
    made.context.close()
    assert not made.problems


def ask(phone: Phone, body: str, argument: Any = None) -> Any:
    """Run lines with the scanning module at hand, and answer what they return."""
    return phone.page.evaluate(f"async (given) => {{ {SCAN} {body} }}", argument)


def test_without_a_camera_the_words_say_what_to_do(phone: Phone) -> None:
    told, words = ask(phone, "return code(scan.startScan(video, { onCode() {} }));")
    assert told == "camera-none" and "gõ số" in words
    phone.page.evaluate("document.documentElement.lang = 'en'")
    assert "type the number" in ask(phone, "return code(scan.startScan(video, { onCode() {} }));")[1]


def from_the_lan(route: Any) -> None:
    """The scanning module's files, and an empty page beside them."""
    file = SCAN_FILES / Path(urlsplit(route.request.url).path).name
    body = file.read_bytes() if file.is_file() else b""
    kind = "text/javascript" if file.suffix == ".js" else "text/html"
    route.fulfill(status=200 if body or file == SCAN_FILES else 404, body=body, content_type=kind)


def test_a_page_that_is_not_trusted_says_that_the_certificate_is_missing(chromium: Any) -> None:
    """Over plain http on the office's LAN the browser gives no camera at all."""
    context = chromium.new_context()
    page = context.new_page()
    page.route("http://buu-cuc.test/**", from_the_lan)
    page.goto("http://buu-cuc.test/")
    told = page.evaluate("""import("/scan/index.js").then((scan) => scan.startScan(document.createElement("video"), {}))
      .catch((trouble) => [trouble.code, trouble.message])""")
    context.close()
    assert told[0] == "camera-insecure" and "chứng chỉ của bưu cục" in told[1]


def test_a_camera_that_is_refused_is_named_and_one_that_is_allowed_reads(
    chromium: Any, served: Served, tmp_path: Any
) -> None:
    camera = FakeCamera(tmp_path / "camera.mjpeg")
    camera.labels([NUMBER])
    flags = [*FLAGS, "--no-sandbox", *camera.flags[1:]]  # without the switch that says yes to every question
    browser = chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=flags)
    phone = Phone(browser, served.url)
    phone.page.goto(phone.app)
    phone.page.get_by_role("heading").first.wait_for()
    assert ask(phone, "return code(scan.startScan(video, { onCode() {} }));")[0] == "camera-refused"
    phone.context.grant_permissions(["camera"], origin=served.url)
    seen = """const seen = [];
      const opened = await scan.startScan(video, { onCode: (...told) => { seen.push(told); scan.stop(); } });
      while (!seen.length) await new Promise((done) => setTimeout(done, 30));
      const lit = await opened.setTorch(true), cameras = await opened.cameras();
      return [opened.kind, opened.torch, lit, video.srcObject, cameras.length, seen[0]];"""
    *opened, code = ask(phone, seen)
    assert opened == ["zxing", False, False, None, 1]
    assert code == [NUMBER, {"format": "Code128", "source": "camera", "wanted": True}]
    browser.close()


def test_a_picture_is_read_on_the_phone(phone: Phone) -> None:
    view = View(aim=(0.5, 0.4), scale=1.3, turn=24, tilt=(10, 5), focus=1.2, noise=6, dark=0.4)
    large = frame(label_of(NUMBER), view, 3, (3000, 2200))
    body = """const [label, bare] = given.map((one) => file(one, "image/jpeg")), torn = file("AAAA", "image/jpeg");
      const read = await scan.decodePicture(label, { wants: (text) => text.startsWith("RD") });
      return [read, await code(scan.decodePicture(bare)), await code(scan.decodePicture(torn))];"""
    read, empty, broken = ask(phone, body, [jpeg(large), jpeg(Image.new("L", (400, 300), 200))])
    assert read == [{"text": NUMBER, "format": "Code128"}]
    assert empty[0] == "picture-no-code" and broken[0] == "picture-unreadable"


def test_a_decoder_that_is_missing_is_named_and_the_office_reads_the_picture(chromium: Any, tmp_path: Any) -> None:
    from agent.clock import SystemClock
    from tests.e2e import rounds
    from tests.webdesk import serving

    at = rounds.station(tmp_path)
    at.site.clock.at = SystemClock().now()
    with serving(at.site) as running:
        phone = Phone(chromium, running.url, service_workers="block")
        phone.page.route("**/zxing_reader.wasm", lambda route: route.abort())
        phone.pair(at.site)
        token = """const { app } = await part("ui/state.js"), picture = file(given, "image/jpeg");
          const wants = (text) => text.startsWith("RD"), { token } = app.session;
          const read = await scan.decodePicture(picture, { token, wants });
          return [await code(scan.warm()), read, await code(scan.decodePicture(picture))];"""
        missing, read, unknown = ask(phone, token, jpeg(held_label(NUMBER, 1)))
        phone.context.set_offline(True)
        away = ask(
            phone,
            'return code(scan.decodePicture(file(given, "image/jpeg"), { token: "x" }));',
            jpeg(held_label(NUMBER, 1)),
        )
        phone.context.close()
    at.site.store.close()
    assert missing[0] == "decoder-missing" and "gõ số" in missing[1]
    assert read == [{"text": NUMBER, "format": "Code128"}]
    assert unknown[0] == "picture-unreadable" and away[0] == "picture-offline"


@pytest.mark.parametrize(("says", "kind"), [("PA1R", "native"), ("PA1X", "zxing")])
def test_the_browsers_own_detector_must_prove_that_it_reads(
    chromium: Any, served: Served, says: str, kind: str
) -> None:
    phone = Phone(chromium, served.url)
    phone.page.add_init_script(FAKE_DETECTOR % says)
    phone.page.goto(phone.app)
    phone.page.get_by_role("heading").first.wait_for()
    assert ask(phone, "return scan.warm();") == kind
    phone.context.close()


def read_by_reader(phone: Phone, text: str) -> None:
    """Keys as a reader sends them, 8 ms apart by their own time stamps, however busy this machine is, and Enter."""
    hardware = phone.context.new_cdp_session(phone.page)
    begin = time.time()
    for n, char in enumerate([*text, "\r"]):
        key, code = ("Enter", "Enter") if char == "\r" else (char, f"Digit{char}" if char.isdigit() else f"Key{char}")
        pressed = {"key": key, "code": code, "timestamp": begin + 0.008 * n}
        hardware.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": char, **pressed})
        hardware.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})


def test_a_reader_that_types_leaves_no_trace_in_the_field_nor_on_a_button(phone: Phone) -> None:
    ask(phone, """document.body.innerHTML = '<main><input id="name" value="Hường"><button id="go">Go</button></main>';
      window.codes = []; window.pressed = 0; document.getElementById("go").onclick = () => { window.pressed += 1; };
      window.off = scan.listenReader((text, how) => window.codes.push([text, how.source]));""")  # fmt: skip
    phone.page.focus("#name")
    read_by_reader(phone, NUMBER)
    until(lambda: phone.page.evaluate("codes.length") == 1, "the reader's code in a field")
    assert phone.page.input_value("#name") == "Hường"
    phone.page.focus("#go")
    read_by_reader(phone, NUMBER)
    until(lambda: phone.page.evaluate("codes.length") == 2, "the reader's code on a button")
    phone.page.focus("#name")
    phone.page.keyboard.type(" Lan", delay=130)
    assert phone.page.evaluate("[codes, pressed]") == [[[NUMBER, "reader"]] * 2, 0]
    assert phone.page.input_value("#name").strip() in ("Hường Lan", "Lan Hường", "LanHường")


def test_new_duplicate_and_wrong_sound_and_feel_different(phone: Phone) -> None:
    heard = ask(phone, """const out = [], made = AudioContext.prototype.createOscillator, soon = setTimeout;
      navigator.vibrate = (pattern) => { out.push(["shake", ...pattern]); return true; };
      AudioContext.prototype.createOscillator = function () {
        const one = made.call(this);
        soon(() => out.push([one.type, one.frequency.value]));
        return one;
      };
      for (const kind of ["new", "duplicate", "wrong"]) {
        scan.feedback(kind);
        await new Promise((done) => setTimeout(done, 20));
        out.push(["end"]);
      }
      return out;""")  # fmt: skip
    kinds = " ".join(str(one[0]) for one in heard).split("end")
    assert [part.split() for part in kinds[:3]] == [
        ["shake", "sine"],
        ["shake", *["triangle"] * 2],
        ["shake", "square"],
    ]
    assert len({str(one) for one in heard if one[0] == "shake"}) == 3
    assert len({one[1] for one in heard if one[0] in ("sine", "triangle", "square")}) == 3
