"""Phones, e-mails, websites and IP addresses: one contact is one text."""

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tidewaiter.matching import emails, ips, phones, websites


@pytest.mark.parametrize(
    ("phone", "country", "expected"),
    [
        ("(617) 253-0123", "US", "+16172530123"),
        ("1-617-253-0123 ext. 44", "US", "+16172530123"),
        ("617.253.0123 x55", "US", "+16172530123"),
        ("138 1234 5678", "CN", "+8613812345678"),
        ("0086-138-1234-5678", "CN", "+8613812345678"),
        ("+86 138 1234 5678", "US", "+8613812345678"),
        ("8613314257947", "", "+8613314257947"),
        ("0755-8888 8888", "CN", "+8675588888888"),
        ("667 712 3456", "MX", "+526677123456"),
        ("020 7946 0958", "UK", "+442079460958"),
        ("+44 20 7946 0958 #2", "", "+442079460958"),
        ("٦١٧٢٥٣٠١٢٣", "US", "+16172530123"),
        ("\u202a+86 138 1234 5678\u202c", "", "+8613812345678"),
        ("＋８６ １３８ １２３４ ５６７８", "", "+8613812345678"),
        ("+86 138\u200b1234 5678", "", "+8613812345678"),
        ("13812345678", "HK", "+8613812345678"),
        ("(86)13812345678", "US", "+8613812345678"),
        ("+0086 13812345678", "US", "+8613812345678"),
        ("86 13812345678 李先生", "US", "+8613812345678"),
        ("138 1234 5678 (WeChat)", "CN", "+8613812345678"),
        ("13812345678转12", "CN", "+8613812345678"),
        ("0755-88888888-808", "CN", "+8675588888888"),
        ("+8613812345678.0", "", "+8613812345678"),
        ("6172530123.0", "US", "+16172530123"),
        ("617-253-0123 Ext 12 Mon-Fri", "US", "+16172530123"),
        ("617-253-0123 (mobile)", "US", "+16172530123"),
        ("+52 1 667 712 3456", "US", "+526677123456"),
        ("521 667 712 3456", "US", "+526677123456"),
        ("(01667) 712 3456", "MX", "+526677123456"),
        ("044 667 712 3456", "MX", "+526677123456"),
        ("850 2 381 4431/4432", "KP", "+85023814431"),
    ],
)
def test_phone_is_e164_however_it_is_written(phone: str, country: str, expected: str) -> None:
    assert phones.e164(phone, country) == expected


@pytest.mark.parametrize("phone", ["", "0000000000", "unknown", "12", "1" * 500, "617253", "6172530123"])
def test_what_is_no_number_or_lacks_a_country_is_empty(phone: str) -> None:
    assert phones.e164(phone, "") == ""


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("Li Wei <Li.Wei+shop@GoogleMail.com>", "liwei@gmail.com"),
        ("mailto:A.B@Qq.com.", "a.b@qq.com"),
        ("  x+y@Example.ORG ", "x@example.org"),
        ("x@пример.рф", "x@xn--e1afmkfd.xn--p1ai"),
        ("li\u200bwei@qq.com", "liwei@qq.com"),
        ("ｌｉｗｅｉ＠qq．com", "liwei@qq.com"),
        ("(liwei@qq.com)", "liwei@qq.com"),
        ("'liwei@qq.com'", "liwei@qq.com"),
        ('"liwei@qq.com",', "liwei@qq.com"),
        ("liwei@qq.com (Li Wei)", "liwei@qq.com"),
        ("E-mail:liwei@qq.com", "liwei@qq.com"),
        ("邮箱：liwei@qq.com", "liwei@qq.com"),
        ("邮箱liwei@qq.com", "liwei@qq.com"),
        ("liwei @ qq.com", "liwei@qq.com"),
        ("liwei(at)qq.com", "liwei@qq.com"),
        ("liwei [AT] qq.com", "liwei@qq.com"),
        ("mailto:liwei@qq.com?subject=hi", "liwei@qq.com"),
        ("liwei@qq。com", "liwei@qq.com"),
        ("Li.Wei-1@protonmail.com", "liwei1@proton.me"),
        ("li_wei1@pm.me", "liwei1@proton.me"),
        ("li-wei@ya.ru", "li.wei@yandex.ru"),
        ("liwei@mac.com", "liwei@icloud.com"),
        ("o'neil@x.com", "o'neil@x.com"),
        ("no at sign", ""),
        ("meet at noon", ""),
        ("a@b", ""),
        ("a@b@c.com", ""),
        ("x" * 400 + "@example.com", ""),
    ],
)
def test_email_is_one_mailbox_however_it_is_written(email: str, expected: str) -> None:
    assert emails.normalised(email) == expected


@pytest.mark.parametrize(
    ("phone", "country", "expected"),
    [
        ("+86 138 0013 8000 / +86 139 0013 9000", "", ("+8613800138000", "+8613900139000")),
        ("13800138000;13900139000", "CN", ("+8613800138000", "+8613900139000")),
        ("13800138000，13900139000", "CN", ("+8613800138000", "+8613900139000")),
        ("13800138000、13900139000", "CN", ("+8613800138000", "+8613900139000")),
        ("13800138000 ; ; ; ; 13900139000", "CN", ("+8613800138000", "+8613900139000")),
        ("614-299-0142 or 614-299-0142", "US", ("+16142990142",)),
        ("unknown, 614-299-0142", "US", ("+16142990142",)),
        ("617.253.0123, 44", "US", ("+16172530123",)),
        ("030/8353 5353", "DE", ("+493083535353",)),
        ("TBD; none", "US", ()),
        ("617-253-0123 & 617-253-0124", "US", ("+16172530123", "+16172530124")),
        ("617-253-0123\n617-253-0124", "US", ("+16172530123", "+16172530124")),
        ("1/1/1/1/1/+85221234567", "US", ("+85221234567",)),
        ("12345/12345/12345/12345/+85221234567", "US", ("+85221234567",)),
    ],
)
def test_a_field_with_two_phones_names_both(phone: str, country: str, expected: tuple[str, ...]) -> None:
    assert phones.all_in(phone, country) == expected


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("A@x.com; b@y.com", ("a@x.com", "b@y.com")),
        ("Li <a@x.com>, Wu <b@y.com>", ("a@x.com", "b@y.com")),
        ("a@x.com/a@x.com", ("a@x.com",)),
        ("a@x.com；b@y.com", ("a@x.com", "b@y.com")),
        ("a@x.com、b＠y.com", ("a@x.com", "b@y.com")),
        ("Li Wei <a@x.com>", ("a@x.com",)),
        ("li@x.com@", ("li@x.com",)),
        ("x@ x@ x@ x@ x@ li@x.com", ("li@x.com",)),
        ("none", ()),
    ],
)
def test_a_field_with_two_mailboxes_names_both(email: str, expected: tuple[str, ...]) -> None:
    assert emails.all_in(email) == expected


def test_a_field_names_as_many_mailboxes_as_it_has_room_for() -> None:
    many = [f"{chr(97 + at)}@{chr(97 + at)}.co" for at in range(26)]
    assert emails.all_in(",".join((*many, "li@x.com"))) == (*many, "li@x.com")


def test_a_national_number_is_of_the_first_country_that_has_it() -> None:
    assert phones.all_in("2345 6789", "CN", "HK") == ("+85223456789",)
    assert phones.all_in("138 0013 8000", "CN", "HK") == ("+8613800138000",)
    assert phones.all_in("2345 6789") == ()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://www.Example.com:443/a?b", "example.com"),
        ("www.a-b.co.uk", "a-b.co.uk"),
        ("http://user:secret@shop.example.cn/x", "shop.example.cn"),
        ("пример.рф/a", "xn--e1afmkfd.xn--p1ai"),
        ("exa\u00admple.com", "example.com"),
        ("localhost", ""),
        ("192.168.0.1", ""),
        ("", ""),
    ],
)
def test_website_is_its_host(url: str, expected: str) -> None:
    assert websites.domain(url) == expected


@pytest.mark.parametrize(
    ("ip", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7", "203.0.113.7"),
        ("2001:0DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::FFFF:cb00:7107", "203.0.113.7"),
        ("203.0.113.x ", "203.0.113.x"),
        ("２０３．０．１１３．７\u200b", "203.0.113.7"),
        ("", ""),
    ],
)
def test_ip_address_is_one_text_however_it_is_written(ip: str, expected: str) -> None:
    assert ips.normalised(ip) == expected


@given(st.text(max_size=60), st.sampled_from(["US", "CN", "MX", "", "??"]))
def test_any_text_gives_a_contact_or_nothing(text: str, country: str) -> None:
    phone = phones.e164(text, country)
    assert not phone or phone.startswith("+")
    email = emails.normalised(text)
    assert emails.normalised(email) == email
    host = websites.domain(text)
    assert websites.domain(host) == host
    ip = ips.normalised(text)
    assert ips.normalised(ip) == ip


@given(
    st.sampled_from(["86", "852", "49", "52", "81", "91", "84", "66", "90", "380"]),
    st.text("0123456789", min_size=5, max_size=12),
)
def test_a_phone_that_stands_as_e164_is_read_as_phonenumbers_reads_it(code: str, national: str) -> None:
    assume(code != "52" or national[0] not in "01")  # Mexico's former prefixes are read, too
    number = f"+{code}{national}"
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        expected = ""
    else:
        is_valid = phonenumbers.is_valid_number(parsed)
        expected = phonenumbers.format_number(parsed, 0) if is_valid else ""
    assert phones.e164(number, "") == expected
