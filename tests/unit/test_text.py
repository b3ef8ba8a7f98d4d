"""Vietnamese text: found without marks, sorted as people here sort, masked."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.telex import from_telex, from_vni, search_forms
from agent.domain.text import clean, fold, mask_id, mask_name, mask_phone, name_sort_key, nfc, sort_key


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_name_is_found_without_marks_in_every_unicode_form(form: str) -> None:
    assert fold(unicodedata.normalize(form, "Đặng  Thị Phước ")) == "dang thi phuoc"  # type: ignore[arg-type]


@given(st.text(alphabet="aăâeêioôơuưyđĐẶộ ́̀a bc", max_size=30))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert clean(clean(text)) == clean(text)
    assert nfc(clean(text)) == clean(text)


def test_invisible_characters_of_pasted_text_vanish() -> None:
    assert clean("\ufeffNguyễn\u00a0 Văn\u200b A\n") == "Nguyễn Văn A"


def test_words_sort_by_letters_then_tones() -> None:
    right = "a à ả ã á ạ an ăn ân ba bà bá đa e ê ga hoa hòa hoá ma mà mả mã má mạ o ô ơ u ư y".replace(" đa", " da đa")
    words = right.split()
    shuffled = random.Random(1).sample(words, len(words))
    assert sorted(shuffled, key=sort_key) == words


def test_letters_count_before_tones_and_shorter_before_longer() -> None:
    assert sorted(["cán bộ", "can", "cán", "cam", "cạn", "can bộ"], key=sort_key) == [
        "cam", "can", "cán", "cạn", "can bộ", "cán bộ",
    ]  # fmt: skip


def test_people_are_listed_by_their_given_name() -> None:
    names = ["Nguyễn Văn Đức", "Trần Dũng", "Lê Thị Ánh", "Cao An", "Phạm Đức", "Bùi Ân", "Hồ Văn An"]
    assert sorted(names, key=name_sort_key) == [
        "Cao An", "Hồ Văn An", "Lê Thị Ánh", "Bùi Ân", "Trần Dũng", "Nguyễn Văn Đức", "Phạm Đức",
    ]  # fmt: skip


def test_a_sort_key_is_plain_ascii_and_the_same_for_both_unicode_forms() -> None:
    for text in ("Nguyễn Thị Ỷ", "1990 Café Zürich", "你好"):
        assert sort_key(text).isascii()
        assert sort_key(unicodedata.normalize("NFD", text)) == sort_key(text)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("ddawngj", "đặng"), ("phuwowcs", "phước"), ("nguyeenx", "nguyễn"), ("truongwf", "trường"), ("hoaf", "hòa"),
        ("quyeenr", "quyển"), ("giaos", "giáo"), ("thuyr", "thủy"), ("muaw", "mưa"), ("ddieenj", "điện"),
        ("toans", "toán"), ("ngoai", "ngoai"), ("sang", "sang"), ("khair", "khải"), ("quawng", "quăng"),
    ],
)  # fmt: skip
def test_telex_keystrokes_become_the_word_meant(keys: str, text: str) -> None:
    assert from_telex(keys) == text


def test_vni_keystrokes_become_the_words_meant() -> None:
    assert from_vni("D9a8ng5 Thi5 Phu7o7c1") == "đặng thị phước"


def test_a_search_typed_with_the_input_method_off_is_tried_again() -> None:
    assert "dang phuoc" in search_forms("dawngj phuwowcs")
    assert "nguyen van duc" in search_forms("nguye6n4 va8n d9u7c1")
    assert search_forms("Nguyễn Văn Đức")[0] == "nguyen van duc"
    assert search_forms("  ") == []


def test_masks_show_the_tail_only() -> None:
    assert mask_id("001099012345") == "••••••••2345"
    assert mask_id("1234") == "••••"
    assert mask_phone("0912 345 678") == mask_phone("+84912345678") == "0••••••678"
    assert mask_phone("123") == "•••"
    assert mask_name("Nguyễn Văn Đức") == "N. V. Đức"
    assert mask_name("") == ""
