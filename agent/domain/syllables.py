"""Whether letters can be a Vietnamese syllable (âm tiết): what no ending or tone allows was misread."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from agent.domain.text import fold, nfc

_WORDS: Final = re.compile(r"\w+")
_ONSETS: Final = {""} | set(_WORDS.findall("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q r s t th tr v x"))
_STOPS: Final = ("c", "ch", "p", "t")
_RHYMES: Final = frozenset(
    _WORDS.findall("""a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong oong ooc op
    ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uôc uôi uôm uôn uông uôt uơ uy uya uych uyên uyêt uynh uyt
    uyu ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y ych yêm yên yêt yêu ynh yt""")
)  # fmt: skip
_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
_STOPPED: Final = ("\u0301", "\u0323")  # the tones that go with a stop
FAMILY_NAMES: Final = frozenset(
    _WORDS.findall("""
    nguyễn trần lê phạm huỳnh hoàng phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đoàn vương trịnh trương đinh lâm phùng
    mai tô hà tăng quách thái châu tạ cao triệu lương lưu đàm mạc nghiêm kiều thạch sơn kim danh chu tống tiêu thân trà
    âu ân an bạch bá bế ca cầm chung cổ cù đậu diệp điêu đồng doãn giang giáp hứa không khổng khúc khuất la lã lại
    lục lò lô lữ lường ma mã mẫn mâu mông ngân nghị ngụy nhan nhâm ninh nông ông ong phí phó quan sầm sái sử tào tất
    thành thẩm thi thiều thọ tiết tôn từ tưởng ung ứng văn vi viên y triều trang trưng quản quang quảng phương nhữ niê
    hmok ksor rmah siu rơ đái đường đới đôn đống cung công chử chế cáp cát bàng bành biện an""")
)  # fmt: skip
"""Family names (họ) as they are written; most people have one of the first ten."""
_BY_LETTERS: Final = {
    letters: [name for name in sorted(FAMILY_NAMES) if fold(name) == letters] for letters in map(fold, FAMILY_NAMES)
}


def is_syllable(word: str) -> bool:
    """Whether `word` is one well-formed syllable, in any case.

    >>> [is_syllable(word) for word in ("Nguyễn", "HƯỜNG", "Hưòng", "Tràch", "gì", "quyết")]
    [True, True, False, False, True, True]
    """
    letters = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in letters if mark in _TONES]
    if len(tones) > 1:
        return False
    bare = unicodedata.normalize("NFC", "".join(mark for mark in letters if mark not in _TONES))
    tone = tones[0] if tones else ""
    return any(_fits(bare[:cut], bare[cut:], tone) for cut in range(min(3, len(bare)), -1, -1))


def _fits(onset: str, rhyme: str, tone: str) -> bool:
    if onset not in _ONSETS:
        return False
    if onset == "gi" and rhyme == "":
        return True
    if onset == "q":
        return rhyme.startswith(("u", "o")) and (rhyme in _RHYMES or rhyme[1:] in _RHYMES)
    if onset == "g" and rhyme.startswith("i"):
        rhyme = rhyme[1:] or "i"
    return rhyme in _RHYMES and (not rhyme.endswith(_STOPS) or tone in _STOPPED)


def parted(word: str) -> list[str]:
    """The syllables that were written as one word, where there is one way only to part it; else the word.

    >>> parted("GIASƠN"), parted("THANHTHỦY"), parted("NGUYỄN"), parted("Email")
    (['GIA', 'SƠN'], ['THANH', 'THỦY'], ['NGUYỄN'], ['Email'])
    """
    if len(word) < 5 or not word.isalpha() or is_syllable(word):
        return [word]
    ways = [
        [word[:a], word[a:]] for a in range(2, len(word) - 1) if is_syllable(word[:a]) and is_syllable(word[a:])
    ]  # fmt: skip
    if not ways and len(word) > 7:
        pairs = ((a, b) for a in range(2, len(word) - 3) for b in range(a + 2, len(word) - 1))
        ways = [[word[:a], word[a:b], word[b:]] for a, b in pairs]
        ways = [way for way in ways if all(map(is_syllable, way))]
    kept = [way for way in ways if _same_case(word, way)]
    return kept[0] if len(kept) == 1 else [word]


def _same_case(word: str, way: list[str]) -> bool:
    """Whether the parts begin as words do: all capitals, all small, or each with a capital of its own."""
    return word.isupper() or word.islower() or all(part[0].isupper() or index == 0 for index, part in enumerate(way))


def family_name(word: str) -> str:
    """The only family name with these letters, in the word's case; empty when it is one already, or there is none.

    >>> family_name("ĐĂNG"), family_name("Trấn"), family_name("VỮ"), family_name("Lê")
    ('ĐẶNG', 'Trần', 'VŨ', '')
    """
    same: list[str] = _BY_LETTERS.get(fold(word), [])
    if nfc(word).lower() in FAMILY_NAMES or len(same) != 1:
        return ""
    return same[0].upper() if word.isupper() else same[0].capitalize()


def is_name(words: list[str]) -> bool:
    """Whether the words make a person's name as nearly everybody's is: a known family name, then syllables.

    >>> is_name(["NGUYỄN", "THỊ", "HƯỜNG"]), is_name(["NGUYẺN", "THI", "HƯÒNG"])
    (True, False)
    """
    if not 2 <= len(words) <= 6:
        return False
    parts = [part for word in words for part in re.split(r"['’-]", word) if part]
    return nfc(parts[0]).lower() in FAMILY_NAMES and all(is_syllable(part) for part in parts)
