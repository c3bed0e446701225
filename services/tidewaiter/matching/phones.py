"""Phone numbers as E.164, however a shipper wrote them."""

import re
from functools import lru_cache
from typing import Final

import phonenumbers

_PUNCTUATION: Final = str.maketrans("", "", " -().\u00a0/\t")
_EXTENSION: Final = re.compile(
    r"(?:[,;]|\s*(?:ext|extension|extn|x|#|分机|доб))\.?\s*[:.]?\s*[0-9]{1,6}\W*$", re.IGNORECASE
)
_US: Final = re.compile(r"(?:\+?1)?([2-9][0-9]{2}[2-9][0-9]{6})")
_CN_MOBILE: Final = re.compile(r"(?:(?:\+|00)?86)?(1[3-9][0-9]{9})")
_MAX_CHARACTERS: Final = 40


@lru_cache(maxsize=65_536)
def e164(phone: str, country: str) -> str:
    """``phone`` as E.164 ("+16175550123"), an extension cut off; "" when it is no possible number.

    ``country`` is the ISO alpha-2 code to read a national number by; without it only numbers that carry
    their country code are read.
    """
    if len(phone) > _MAX_CHARACTERS:
        return ""
    bare = phone.translate(_PUNCTUATION)
    if country in ("US", "CA") and (match := _US.fullmatch(bare)):
        return "+1" + match[1]
    if (country == "CN" or bare[:3] == "+86") and (match := _CN_MOBILE.fullmatch(bare)):
        return "+86" + match[1]
    return _read(phone, country)


def _read(phone: str, country: str) -> str:
    text = _EXTENSION.sub("", phone.strip())
    if text.startswith("00"):
        text = "+" + text[2:]
    number = _parsed(text, country or None)
    if number is None and text[:1].isdigit():
        # Lists write "8613314257947" or "52 667 ..." with no plus sign.
        number = _parsed("+" + text, None)
    if number is None:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parsed(text: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
