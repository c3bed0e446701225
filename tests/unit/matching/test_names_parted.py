"""Names written as one: each is found by itself, on either side."""

import pytest

from tidewaiter.domain.party import Account, Address, Party
from tidewaiter.domain.watchlist import Entry, EntryName
from tidewaiter.matching.corroboration import Subject
from tidewaiter.matching.index import NameIndex
from tidewaiter.matching.names_beside import names_beside
from tidewaiter.matching.names_parted import parted
from tidewaiter.matching.screening import hits

PLACE = Address(("5 Pier Rd",), "Reno", "NV", "89501", "US")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("INES PIER A/K/A LEA HARBOR", ("INES PIER", "LEA HARBOR")),
        ("Baltic Airlines D/B/A B9 Airlines", ("Baltic Airlines", "B9 Airlines")),
        ("Ines Pier dba Velmora Trading LLC", ("Ines Pier", "Velmora Trading LLC")),
        ("Ines Pier, a.k.a. Lea Harbor", ("Ines Pier", "Lea Harbor")),
        ("Velmora Ltd formerly known as Pier Trading Ltd", ("Velmora Ltd", "Pier Trading Ltd")),
        ("PEARL (A.K.A. LEA-INES CHU) LI", ("PEARL LI", "LEA-INES CHU")),
        ("Jin Tiesan (金铁三)", ("Jin Tiesan", "金铁三")),
        ("深圳市某某公司（Shenzhen Moumou Co., Ltd）", ("深圳市某某公司", "Shenzhen Moumou Co., Ltd")),
        ("Amir Pier (original script: Амир Пир)", ("Amir Pier", "Амир Пир")),
        ("张建国 Zhang Jianguo", ("Zhang Jianguo", "张建国")),
        ("ZHANG JIANGUO/张建国", ("ZHANG JIANGUO", "张建国")),
        ("张建国ZHANG JIANGUO", ("ZHANG JIANGUO", "张建国")),
        ("김 철수 Kim Chol Su", ("Kim Chol Su", "김 철수")),
        ("Амир Пир Amir Pier", ("Amir Pier", "Амир Пир")),
        ("Gulf Pier Contracting (GPC)", ("Gulf Pier Contracting",)),
        ("Lea Harbor (birth name)", ("Lea Harbor",)),
        ("Ines Pier (Lea Harbor", ("Ines Pier",)),
    ],
)
def test_names_written_as_one_are_parted(text: str, names: tuple[str, ...]) -> None:
    assert parted(text) == names


def test_a_name_is_parted_in_as_many_as_a_field_has_room_for() -> None:
    many = tuple(f"{chr(97 + at)} Doe" for at in range(20))
    assert parted(" aka ".join((*many, "Lea Harbor"))) == (*many, "Lea Harbor")


def test_the_names_of_an_accounts_holder_are_parted() -> None:
    party = Party("Ines Pier", account=Account(holder="Baltic Ltd d/b/a Velmora Trading"))
    assert names_beside(party)[1:] == ("Baltic Ltd", "Velmora Trading")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Aka Gunduz",
        "Kana Tanaka",
        "Pier & Sons, S.A.",
        "GPC (GULF PIER CONTRACTING)",
        "(",
        "A/K/A",
        "张建国",
        "华港 Pier",
        "Inés Müller  Pier",
        "In\u0435s Pi\u0435r",
        "محمد مسعود \ufee4\ufea3\ufee4\ufea9 \ufee4\ufeb4\ufecc\ufeee\ufea9",
    ],
)
def test_a_single_name_is_not_parted(text: str) -> None:
    assert parted(text) == ()


@pytest.mark.parametrize("listed", ["Baltic Airlines D/B/A B9 Airlines", "Baltic Airlines (波罗的海航空)"])
def test_a_party_under_one_of_the_names_that_a_list_writes_as_one_is_held(listed: str) -> None:
    entry = Entry("bis-dpl", "1", "unknown", (EntryName(listed),), (PLACE,))
    index = NameIndex.build([entry])
    (found,) = hits(index, "Baltic Airlines", "unknown", Subject(PLACE, country="US"))
    assert (found.alias, found.entry_name, found.holds) == ("Baltic Airlines", listed, True)


def test_names_that_a_weak_alias_is_made_of_are_weak() -> None:
    names = (EntryName("Ines Pier"), EntryName("Lea Harbor (Леа Харбор)", "weak_alias"))
    index = NameIndex.build([Entry("un-sc", "1", "person", names)])
    (found,) = index.candidates("Lea Harbor", "person")
    assert found.alias.kind == "weak_alias"


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Ines Pier DBA Velmora Trading", ("Ines Pier", "Velmora Trading")),
        ("李伟 Li Wei", ("Li Wei", "李伟")),
    ],
)
def test_each_name_that_a_party_writes_as_one_is_asked_for(written: str, names: tuple[str, ...]) -> None:
    assert names_beside(Party(written)) == names


def test_a_text_of_a_thousand_names_is_asked_for_by_a_few() -> None:
    assert len(parted(" a/k/a ".join(f"Ines Pier{number}" for number in range(1_000)))) == 25
