"""Listed identifiers: the form that they are kept in is that of the number which says when it changed."""

from tidewaiter.domain.party import Address
from tidewaiter.domain.watchlist import Entry, EntryName, Identifier
from tidewaiter.matching.listed import NORMAL_FORM, listed_identifiers

ENTRY = Entry(
    "own",
    "1",
    "organization",
    (EntryName("FICTITIOUS CO"),),
    (
        Address(("Room 5, 12 Main St.",), "Reno", "Nevada", "89501-1234"),
        Address(("88 Hao Zhongshan Lu",), "深圳市", "", "", "CN"),
        Address(("9 Lee Street",), "Kowloon", "HK", "", "CN"),
        Address(("南山区深南大道9号",), "深圳市", "", "", "CN"),
    ),
    (
        Identifier("phone", "0086-138 1234 5678"),
        Identifier("phone", "(98)(21)(66153220)"),
        Identifier("phone", "+1 775 322 0000, +1 775 322 0001"),
        Identifier("email", "a@pier.example / b@pier.example"),
        Identifier("tax_id", "DE 123 456 789"),
        Identifier("tax_id", "ATU12345678", "AT"),
        Identifier("email", "Li <Li.Wei+shop@GoogleMail.com>"),
        Identifier("email", "e-mail: (a-b@ya.ru)"),
        Identifier("website", "HTTPS://www.Example.cn/a"),
        Identifier("tax_id", "USCC ９１３１0115 ma1k 41ck 14", "CN"),
        Identifier("account", " ac-77"),
        Identifier("ip", "2001:DB8:0::7"),
    ),
)


def test_identifiers_are_kept_in_the_form_of_their_number() -> None:
    """Where this fails because a form was changed on purpose, NORMAL_FORM has to be raised with it."""
    found = {kind: sorted(texts) for kind, texts in listed_identifiers([ENTRY]).items()}
    assert (NORMAL_FORM, found) == (
        6,
        {
            "phone": ["+17753220000", "+17753220001", "+8613812345678", "+982166153220"],
            "email": ["a.b@yandex.ru", "a@pier.example", "b@pier.example", "liwei@gmail.com"],
            "website": ["example.cn"],
            "tax_id": ["123456789", "91310115MA1K41CK14", "ATU12345678"],
            "account": ["AC-77"],
            "ip": ["2001:db8::7"],
            "address": [
                "CN|shenzhen|88|zhongshanrd",
                "CN|shenzhen|9|shennanave",
                "HK|hongkong|9|leest",
                "US|89501|12|mainst|5",
            ],
        },
    )
