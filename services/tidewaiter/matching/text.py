"""Text from carriers and lists brought to one plain form, so that tricks of writing do not hide a word."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import unescape
from urllib.parse import unquote

from anyascii import anyascii

# A name of 10,000 characters is an attack or a mistake; no list holds one over 350. Goods texts are longer,
# and read in parts.
MAX_CHARACTERS = 2048
# Names and addresses are no longer, and come again. One sign may be 18 letters: an answer takes up to 9 kB.
_REMEMBERED_CHARACTERS = 512
# Of 1,000 lines of goods, in Chinese, too. A megabyte of one sign that is 18 letters would take 3 seconds.
MOST_READ = 262_144
MOST_LETTERS = 18  # of one sign
# Longer than any phrase of a word list with its letters spaced out.
_OVERLAP = 256

# No sign tells more the thirtieth time, and hundreds would part the words of a phrase.
_LONG_GAP = re.compile("[^a-z0-9]{33,}")

_ALNUM_RUN = re.compile(r"[a-z0-9]+")
_BEFORE_AND_WORD = re.compile(r"([^a-z0-9]*)([a-z0-9]+)")
# Zero-width and bidi controls, soft hyphen, variation selectors, and the combining marks of Latin, Greek,
# Cyrillic, Hebrew and Arabic. Vowel signs of the Indic scripts and Thai are letters, and stay.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_SYMBOL = re.compile("[\u2190-\u2bff\u3000-\u3004\u3008-\u303f\U0001f000-\U0001faff]")
_SYLLABLE = re.compile(
    "[\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_FOREIGN_LETTER = re.compile("[\u0370-\u058f]")
_LATIN_LETTER = re.compile("[A-Za-z]")
_WORD = re.compile(r"[^\W\d_]+")
# Cyrillic, Greek and Armenian letters that look like a Latin one (Unicode confusables, UTS 39), used in words
# of mixed script.
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХавеѕіјкмнорстухԁԛԝһɡҽӏгпяΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχεηωγβμσՕՍՏհոսցօ",
    "ABESIJKMHOPCTYXabesijkmhopctyxdqwhgelrnrABEZHIKMNOPTYXaiknoptuxenwybuoOUShnugo",
)
_POSING = str.maketrans("ABCEHKMOPTXYacekmoptxy", "АВСЕНКМОРТХУасекмортху")

# White letters on black, round and square, which NFKC leaves as symbols; the others it resolves.
_BOXED_LETTERS = {start + place: chr(ord("a") + place) for start in (0x1F150, 0x1F170) for place in range(26)}

# anyascii leaves the carriers of long vowels out, and reads Hebrew's b, k and p as fricatives.
_ABJAD_LETTERS = str.maketrans("اآأإٱىةءאבוכךפףעع", "aaaaaah'abwkkpf''")


def folded(text: str) -> str:
    """``text`` as lower-case ASCII words: invisible marks gone, lookalikes resolved, other scripts
    transliterated.

    Han, Hangul and Kana come out one syllable a word. Cut at MAX_CHARACTERS; never raises; idempotent.
    """
    text = text[:MAX_CHARACTERS]
    if text.isascii():
        return text.lower()
    return folded_whole(text)[:MAX_CHARACTERS]


def folded_parts(text: str) -> Iterable[str]:
    """All of ``text`` folded, in parts of at most MAX_CHARACTERS; nearly every text is one.

    Parts overlap, so that a phrase of up to 256 characters is whole in one of them, and begin and end between
    words where there are any. Of more than 32 signs between two words each stands there once.
    """
    whole = folded_whole(text)
    return (whole,) if len(whole) <= MAX_CHARACTERS else _parts(_LONG_GAP.sub(_shortened, whole))


def _shortened(gap: re.Match[str]) -> str:
    """The signs of a gap; with a blank among them it parts as the end of a line does."""
    signs = "".join(dict.fromkeys(gap.group()))
    return f"{signs}\n" if any(map(str.isspace, signs)) else signs


def _parts(whole: str) -> Iterator[str]:
    start = 0
    while len(whole) - start > MAX_CHARACTERS:
        end = _break_before(whole, start + MAX_CHARACTERS)
        yield whole[start:end]
        start = _break_before(whole, end - _OVERLAP)
    yield whole[start:]


def _break_before(text: str, place: int) -> int:
    """The last blank or end of line in the 256 characters before ``place``, else ``place`` itself."""
    found = max(text.rfind(sign, place - _OVERLAP, place) for sign in " \n")
    return found if found >= 0 else place


def folded_whole(text: str) -> str:
    """``folded``, uncut however long the text is."""
    if text.isascii():
        return text.lower()
    return (_remembered if len(text) <= _REMEMBERED_CHARACTERS else _transliterated)(text)


def _transliterated(text: str) -> str:
    return anyascii(_plain(text)).lower()


_remembered = lru_cache(maxsize=16_384)(_transliterated)


def visible(text: str) -> str:
    """``text`` without invisible marks, its full-width signs as plain ones, in its own script and case: for
    numbers and addresses, in which every sign counts.
    """
    return text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def plain(text: str) -> str:
    """``text`` in its own script and case, without invisible marks, symbols, and letters that pose as
    Latin. Cut at MAX_CHARACTERS.
    """
    return _plain(text[:MAX_CHARACTERS])


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.translate(_BOXED_LETTERS))
    text = _INVISIBLE.sub("", text)
    # Only Latin, Greek and Cyrillic fall apart into letter and mark to be stripped; Hangul is joined again.
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", unicodedata.normalize("NFD", text)))
    text = _SYMBOL.sub(" ", text).translate(_ABJAD_LETTERS)
    if _FOREIGN_LETTER.search(text):
        text = _WORD.sub(_unposed, text)
    return _SYLLABLE.sub(r" \g<0> ", text) if _SYLLABLE.search(text) else text


def _unposed(match: re.Match[str]) -> str:
    """A word of mixed script as it was meant: in "fеntаnyl" two letters pose as Latin ones, in "герoин" one
    poses as Cyrillic, beside some that no Latin letter looks like."""
    word = match.group()
    if not (_LATIN_LETTER.search(word) and _FOREIGN_LETTER.search(word)):
        return word
    latin, foreign = word.translate(_LOOKALIKES), word.translate(_POSING)
    return foreign if _FOREIGN_LETTER.search(latin) and not _LATIN_LETTER.search(foreign) else latin


def unposed(text: str) -> str:
    """``text`` with every letter that may pose as a Latin one read as such, in words of one script, too: a
    further reading, since "рис" is Russian for rice."""
    return text.translate(_LOOKALIKES)


def syllables(text: str) -> str:
    """The Han, Hangul and Kana characters of ``text``, in order."""
    return "" if text.isascii() else "".join(_SYLLABLE.findall(unicodedata.normalize("NFKC", text)))


def words(text: str) -> tuple[str, ...]:
    """The words of ``text``, folded: runs of ASCII letters and digits. Apostrophes do not part a word."""
    return tuple(_ALNUM_RUN.findall(folded(text).replace("'", "").replace("`", "")))


# Bounded: a number of 5,000 digits is none that Python reads.
_ENTITY = re.compile(
    "&(?:#0{0,999}[0-9]{1,7}(?![0-9]);?|#[xX]0{0,999}[0-9a-fA-F]{1,6}(?![0-9a-fA-F]);?"
    "|[a-zA-Z][a-zA-Z0-9]{1,31};)"
)


def spelled(text: str) -> list[tuple[str, str]]:
    """Each of the ``words`` of a folded text, with what stands before it."""
    return _BEFORE_AND_WORD.findall(text.replace("'", "").replace("`", ""))


_BLOCK_TAG = re.compile(r"</?(?:br|p|div|li|ul|ol|td|tr|table|h[1-6])\s*/?>", re.IGNORECASE)
_INLINE_TAG = re.compile(r"</?(?:b|i|u|s|em|strong|small|big|span|font|sub|sup|wbr|a)\s*/?>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_PERCENT_CODE = re.compile(r"%(?:25)*[0-9a-fA-F]{2}")
# Of a text that was written as JSON twice.
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
# Coded once more for each server that a text went through.
_TIMES_CODED = 3


def marked_up(text: str) -> str:
    """``text`` as a browser shows it: HTML's entities read, its bare tags gone. No word is lost."""
    for _ in range(_TIMES_CODED):
        if "&" not in text or (plain := _ENTITY.sub(_entity, text)) == text:
            break
        text = plain
    if "<" in text:
        text = _INLINE_TAG.sub("", _BLOCK_TAG.sub("\n", text))
    return text


def _entity(match: re.Match[str]) -> str:
    return unescape(match.group())


def decoded(text: str) -> str:
    """``text`` without any tag, and with what a URL's percent signs and JSON's escapes stand for: a further
    reading, since "100%cotton" is no URL and "<fentanyl>" no tag.
    """
    if "<" in text:
        text = _ANY_TAG.sub("", text)
    for _ in range(_TIMES_CODED):
        if "%" not in text or not _PERCENT_CODE.search(text):
            break
        text = unquote(text)
    return _ESCAPES.sub(_unescaped, text) if "\\u" in text else text


def _unescaped(match: re.Match[str]) -> str:
    return bytes.fromhex(match.group().replace("\\u", "")).decode("utf-16-be", "replace")


_SPACED_LETTERS = re.compile(r"(?<![a-z0-9])[a-z0-9$@](?:[^a-z0-9$@]{1,3}[a-z0-9$@]){3,}(?![a-z0-9])")
# With one and the same sign between all of them: in "h-e-r-o-i-n 5 g" the amount is no part of the word.
_EVENLY_SPACED_LETTERS = re.compile(
    r"(?<![a-z0-9$@])[a-z0-9$@]([^a-z0-9$@]{1,3})[a-z0-9$@](?:\1[a-z0-9$@]){2,}(?![a-z0-9$@])"
)
# Both begin where a run of their signs does: tried within it, too, a thousand "$" would take a million steps.
_BROKEN_WORD = re.compile(r"(?<![a-z0-9$@])[a-z0-9$@]+(?:(?:[.*_\-|~^+]+|-\n)[a-z0-9$@]+)+(?![a-z0-9])")
_LEET_WORD = re.compile(
    r"(?<![a-z0-9$@!])(?=[a-z0-9$@!]*[a-z])(?=[a-z0-9$@!]*[0-9$@!])[a-z0-9$@!]{3,}(?![a-z0-9])"
)
_BETWEEN_SIGNS = re.compile(r"[^a-z0-9$@]+")
# Without these a text hides nothing of the kind: a look for one costs a tenth of the reading that it spares.
_LONE_LETTER = re.compile(r"[^a-z0-9$@][a-z0-9$@][^a-z0-9$@]")
_BREAKING_SIGN = re.compile(r"[.*_\-|~^+]")
_STAND_IN = re.compile(r"[0-9$@!](?:[a-z]|(?<=[a-z].))")
_LEET = str.maketrans("013457$@!", "oieastsai")
# "1" and "!" stand for an l, too.
_LEET_WITH_L = str.maketrans("013457$@!", "oleastsal")
_LEETS = (_LEET, _LEET_WITH_L)


def unmasked(text: str) -> tuple[str, ...]:
    """What ``text`` may hide, folded: letters spaced out joined, digits that stand for letters turned back.

    Only readings that differ from ``folded(text)``, none for most texts. They are further readings to search,
    not replacements: "1 kg" or "type c" in an honest text must still be read as it stands.
    """
    base = folded(text)
    readings: dict[str, None] = {}
    barred = (base.replace("|", "1"),) if "|" in base else ()
    for apart in (*_with_letters_joined(base), *barred):
        joined = _BROKEN_WORD.sub(_joined, apart) if _BREAKING_SIGN.search(apart) else apart
        # "4-pip3r1d0n3" is a word with a number before it, and one.
        for told in dict.fromkeys((joined, apart)):
            readings[told] = None
            if _STAND_IN.search(told):
                readings.update(dict.fromkeys(_unleeted(told)))
    readings.pop(base, None)
    return tuple(readings)


def runs(text: str) -> tuple[str, ...]:
    """Four and more letters that stand one by one in ``text``, folded and joined: where words begin and end
    in them nobody can tell. Each as it is, and with digits that stand for letters turned back.
    """
    base = folded(text)
    if not _LONE_LETTER.search(base):
        return ()
    found = [_BETWEEN_SIGNS.sub("", one) for one in _SPACED_LETTERS.findall(base)]
    return tuple(dict.fromkeys(form for one in found for form in (one, *map(one.translate, _LEETS))))


def _with_letters_joined(text: str) -> tuple[str, ...]:
    if not _LONE_LETTER.search(text):
        return (text,)
    return _SPACED_LETTERS.sub(_joined, text), _EVENLY_SPACED_LETTERS.sub(_joined, text)


def _joined(match: re.Match[str]) -> str:
    return _BETWEEN_SIGNS.sub("", match.group())


def _unleeted(text: str) -> Iterator[str]:
    """``text`` with digits turned back into letters: "1" and "!" into an i, or into an l."""
    yield _LEET_WORD.sub(lambda match: match.group().translate(_LEET), text)
    if "1" in text or "!" in text:
        yield _LEET_WORD.sub(lambda match: match.group().translate(_LEET_WITH_L), text)
