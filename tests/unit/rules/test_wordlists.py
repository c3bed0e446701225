"""Word lists: what is found through tricks of writing, what innocent phrases take back."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.bundles import SUBSTANCES
from tidewaiter.rules.wordlistfile import read_word_list
from tidewaiter.rules.wordlists import WordLists

ENDED = SUBSTANCES.replace("from: 2026-03-10", "from: 2026-03-10, to: 2026-04-01")
LISTS = WordLists((read_word_list(ENDED, "wordlists/substances.yaml"),))


def found(text: str, on: date | None = None) -> tuple[str, ...]:
    return LISTS.found(text, on)["substances"]


@pytest.mark.parametrize(
    "text",
    [
        "FENTANYL powder",
        "fentanyls",
        "f e n t a n y l",
        "f.e.n.t.a.n.y.l 10g",
        "fen\u200btanyl",
        "f3ntanyl",
        "芬太尼",
        "white powder 437-38-7",
        "fentanil citrate",
        "sold as fentanyl-citrate",
        "fentanyl test strips and fentanyl",
        "fentanyl test strips and f3ntanyl",
        "fentanyl test strips, f e n t a n y l",
        "fentanyl-test-strips, f3ntanyl",
        "fentanyl-test-strips, f.e.n.t.a.n.y.l",
        f"{'cotton sweater, ' * 200} fentanyl",
        f"{'cotton sweater, ' * 200} f e n t a n y l",
        f"{'x' * 5000} fentanyl",
        f"{'女士针织棉质毛衣' * 100} 芬太尼",
        "\ufdfa" * 200 + " fentanyl",
        "fentanyl™",
        "fentanyl®",
        "f€ntan¥l",
        "fen★tanyl",
        "fen❄️tanyl",
        "fen-\ntanyl",
        "wool*\nfen-\ntanyl",
        "fentany|",
        r"\u0066entanyl",
        r"\u82AC\u592a\u5c3c",
        "ⓕⓔⓝⓣⓐⓝⓨⓛ",
        "🇫🇪🇳🇹🇦🇳🇾🇱",
        "fҽntanyl",
        "BuyFentanylNow",
    ],
)
def test_word_list_finds_a_term_through_tricks_of_writing(text: str) -> None:
    assert found(text) == ("fentanyl",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cotton sweater",
        "fentanyl test strips",
        "Fentanyl Test-Strip",
        "Fentanyl test strips, f3ntanyl test strips",
        f"{'cotton sweater, ' * 200} fentanyl test strips",
        "1437-38-7",
        "fentanylated",
        "ANPP City",
    ],
)
def test_word_list_leaves_innocent_text_alone(text: str) -> None:
    assert found(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "fenobarbital",
            "фенобарбитал",
            "buprenorfina",
            "бупренорфин",
            "Buprenorphin",
            "oxicodona",
            "оксикодон",
        ),
        *("метандростенолон", "estanozolol", "trembolona", "prégabaline"),
    ],
)
def test_the_name_of_a_drug_is_found_as_other_languages_spell_it(text: str) -> None:
    drugs = "name: drugs\ntitle: Drugs\nsource: none\nabroad: {}\nterms: [{}]\n"
    names = ("phenobarbital", "buprenorphine", "oxycodone", "methandrostenolone", "stanozolol", "trenbolone")
    terms = ", ".join(f"{{term: {name}}}" for name in (*names, "pregabalin"))
    abroad, plain = (
        WordLists((read_word_list(drugs.format(flag, terms), "wordlists/drugs.yaml"),))
        for flag in ("true", "false")
    )
    assert abroad.found(text)["drugs"]
    assert not plain.found(text)["drugs"]


def test_a_short_name_of_a_drug_is_not_spelled_otherwise() -> None:
    text = "name: drugs\ntitle: Drugs\nsource: none\nabroad: true\nterms: [{term: cathine}]\n"
    assert not WordLists((read_word_list(text, "wordlists/drugs.yaml"),)).found("Catina earrings")["drugs"]


ENDINGS = WordLists(
    (
        read_word_list(
            "name: kinds\ntitle: Kinds of drugs\nsource: none\n"
            "terms: [{term: azolam, ending: true, signs: [唑仑]}]\n"
            'innocents: ["{term} test strip"]\n',
            "wordlists/kinds.yaml",
        ),
    )
)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("deschloroalprazolam pellets", True),
        ("Bromazolams 5 mg", True),
        ("4-chloro-alprazolam", True),
        ("брoмазолам", True),
        ("br0mazolam", True),
        ("b r o m a z o l a m", True),
        ("氟溴唑仑", True),
        ("azolamine dye", False),
        ("deschloroalprazolam test strips", False),
        ("deschloroalprazolam test strips, bromazolam", True),
    ],
)
def test_word_list_finds_a_kind_of_drugs_by_the_end_of_their_names(text: str, is_found: bool) -> None:
    assert ENDINGS.found(text)["kinds"] == (("azolam",) if is_found else ())


STEMS = WordLists(
    (
        read_word_list(
            SUBSTANCES.replace("{term: fentanyl,", "{term: fentanyl, stem: true,").replace(
                "innocents: [", 'innocents: ["{term} test kit", "test kit for {term}", '
            ),
            "wordlists/substances.yaml",
        ),
    )
)


@pytest.mark.parametrize(
    "text",
    [
        "butyrylfentanyl",
        "BuyFentanylNow",
        "https://fentanyl-shop.example/p/1",
        "a f e n t a n y l 2",
        "fe nt an yl",
        "fenta\nnyl",
        "f*ntanyl",
        "fentanl",
        "f&#101;ntanyl",
        "f&amp;#x65;ntanyl",
        "fent&shy;anyl",
        "fent<b></b>anyl",
        "fenta<br/>nyl",
        'fent<span class="x">anyl</span>',
        "fentanyl, test kit",
        "fentanyl\ntest kits for children",
        "fentanyl. Test kit",
        "fentanyl; test kit",
        "fentanyl<br>test kit",
        "芬太尼、test kit",
        "fentanyl & test kit",
        "fentanyl/test kit",
        "test kit for/fentanyl",
        "fentanyl / ANPP test kit",
        "fentanyl - test kit",
        "fentanyl (test kit)",
        "test kit for ANPP and fentanyl powder",
        "test kit for ANPP & fentanyl 5 pcs",
        "test kit for fentanyl 10 g",
        "test kit for fentanyl 10 gm",
        "10 g test kit for fentanyl",
        "test kit for fentanyl 2 kilograms",
        "test kit for fentanyl 10 gramos",
        "test kit for fentanyl 10 Gramm",
        "test kit for fentanyl 10克",
        "test kit for fentanyl 2公斤",
        "test kit for methadone and fentanyl 250 grams",
        "fentanyl 10 g and fentanyl test kit",
        "fentanyl test kit and fentanyl",
        "fentanyl test kit for fentanyl powder",
        "https://shop.example/f%65ntanyl",
        "https://shop.example/f%2565ntanyl",
        "https://shop.example/%E8%8A%AC%E5%A4%AA%E5%B0%BC",
        "fentaini",
        "🅵🅴🅽🆃🅰🅽🆈🅻",
        "fe\u0578tanyl",
        "fentanyl test kits with f%65ntanyl",
        "fentanyl test kits, " + "cotton sweater " * 200 + "f%65ntanyl",
        "<fentanyl test kits> f%65ntanyl",
        "fentanyl-test-kits, fentanyl-test-kit, f3ntanyl",
        f"{'fentanyl test kit ' * 110}f3ntanyl",
        "f3ntanyl, fentanyl test kit",
        "fentanyl, and ANPP test kit",
        "fentanyl and, ANPP test kit",
        "test kit for ANPP, and fentanyl",
        "fentanyl-test-kits, fentanyl-test-kit, f-e-n-t-a-n-y-l",
        "\ufdfa" * 200 + " f%65ntanyl",
    ],
)
def test_word_list_finds_a_stem_in_words_in_parts_and_in_codes(text: str) -> None:
    assert STEMS.found(text)["substances"] == ("fentanyl",)


@pytest.mark.parametrize(
    "text",
    [
        "fentanyl test kits",
        "芬太尼 test kit",
        "butyrylfentanyl test kit",
        "Test kit for fentanyl 25 pcs",
        "weight 200 g, test kit for fentanyl",
        "ANPP and fentanyl test kits",
        "fentanyl/ANPP/propionyl chloride test kit",
        "test kit for fentanyl & ANPP",
        "test kit for fentanyl and ANPP, 5 pcs",
        "test kit for fentanyl, ANPP test kit",
        "ANPP test kit, test kit for fentanyl",
        "test kit for fentanyl, cotton-wool",
        "test kit for fentanyl and ANPP and propionyl chloride in drinks",
        "fentanyl&nbsp;<b>test kit</b>",
        "fentanyl-test-kits, fentanyl-test-kit",
        "pentanyl",
        "entanyl",
        "100%cotton",
    ],
)
def test_word_list_leaves_innocent_text_alone_beside_stems(text: str) -> None:
    assert STEMS.found(text)["substances"] == ()


@pytest.mark.parametrize("filler", ["cotton sweater ", "x", "毛衣", "$"])
@given(length=st.integers(1_700, 2_100))
def test_word_list_finds_a_phrase_wherever_it_stands_in_a_long_text(filler: str, length: int) -> None:
    text = (filler * length)[:length]
    assert found(f"{text} propionyl chloride {text}") == ("propionyl chloride",)


DISGUISED = WordLists(
    (read_word_list(SUBSTANCES + "disguised: true\n", "wordlists/substances.yaml"),),
)


@pytest.mark.parametrize(
    "text",
    [
        "a f e n t a n y l",
        "5 g f 3 n t a n y l 5 g",
        "x.f.e.n.t.a.n.y.1.x",
        "fentanyyl",
        "ffentanyll",
        "fenntaanyl",
        "lynatnef",
        "fentanyi",
        "5fentanyl",
        "1kgfentanyl",
        "fentanyl10",
        "purefentanyl",
        "fentanylpowders",
        "fenta nyl",
        "fent/anyl",
        "fent*nyl",
        "fentnyl",
        "f*nt*nyl",
        "fntnyl",
    ],
)
def test_disguised_list_finds_what_is_written_otherwise(text: str) -> None:
    assert DISGUISED.found(text)["substances"] == ("fentanyl",)
    assert found(text) == ()


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("propionylchloride", "propionyl chloride"),
        ("propionyl★chloride", "propionyl chloride"),
        ("propi-onyl-chloride", "propionyl chloride"),
        ("propionyl chloride5kg", "propionyl chloride"),
        ("4-4NPP", "4-ANPP"),
        ("АNРР", "4-ANPP"),
        ("рrорiопуl сhlоridе", "propionyl chloride"),
    ],
)
def test_disguised_list_finds_a_phrase_of_more_words(text: str, term: str) -> None:
    assert DISGUISED.found(text)["substances"] == (term,)


@pytest.mark.parametrize("text", ["fentanyls", "a b c d e f", "S M L X L", "fentanylated", "x f e n t a n y"])
def test_disguised_list_finds_nothing_in_letters_alone(text: str) -> None:
    assert DISGUISED.found(text)["substances"] == found(text)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("ccine", "cocaine"),
        ("c*c*ine", "cocaine"),
        ("ccan", ""),
        ("ccn", ""),
        ("cocain", "cocaine"),
        ("pure dma5 x2", ""),
        ("ecst100mg", "ecst"),
        ("e c s t", "ecst"),
        ("k 2 x", "k 2 x"),
        ("k2x", ""),
        ("acetyl fentanyl analog", "acetyl fentanyl analog"),
        ("acetylfentanylanalo", ""),
    ],
)
def test_disguised_list_leaves_so_much_of_a_name_that_it_is_known(text: str, term: str) -> None:
    names = (
        "terms: [{term: cocaine}, {term: k 2 x}, {term: ecst}, {term: dma}, {term: acetyl fentanyl analog}]"
    )
    lists = read_word_list(f"name: a\ntitle: A\nsource: none\ndisguised: true\n{names}\n", "wordlists/a.yaml")
    assert WordLists((lists,)).found(text)["a"] == ((term,) if term else ())


SIGNED = WordLists(
    (
        read_word_list(
            SUBSTANCES.replace("{term: fentanyl,", "{term: fentanyl, signs: [冰毒, 鸦片],").replace(
                "innocents: [", 'innocents: ["{term}试纸", 鸦片战争, '
            ),
            "wordlists/substances.yaml",
        ),
    )
)


@pytest.mark.parametrize(
    "text",
    [
        "冰毒",
        "白色冰毒粉末",
        "冰 毒",
        "冰.毒",
        "冰\u200b毒",
        "sold as 冰毒 10g",
        "冰毒、试纸",
        "冰毒\n试纸",
        "冰毒试纸 冰毒",
        "鸦片战争，鸦片",
        "%E5%86%B0%E6%AF%92",
        "&#20912;&#27602;",
    ],
)
def test_word_list_finds_a_term_in_its_own_signs(text: str) -> None:
    assert SIGNED.found(text)["substances"] == ("fentanyl",)


@pytest.mark.parametrize(
    "text", ["病毒", "bing du", "防冰. 毒蛇", "防冰。毒蛇", "冰毒试纸", "鸦片战争 历史", "冰\n毒", "压片 机"]
)
def test_word_list_takes_what_only_sounds_alike_for_no_term(text: str) -> None:
    assert SIGNED.found(text)["substances"] == ()


def test_word_list_finds_terms_of_more_words_and_names_each_once() -> None:
    assert found("ANPP, 4-ANPP and Propionyl  Chloride") == ("4-ANPP", "propionyl chloride")


def test_word_list_counts_a_term_only_from_its_first_day_to_the_day_before_its_end() -> None:
    text = "propionyl chloride"
    assert found(text, date(2026, 3, 9)) == ()
    assert found(text, date(2026, 3, 10)) == ("propionyl chloride",)
    assert found(text, date(2026, 3, 31)) == ("propionyl chloride",)
    assert found(text, date(2026, 4, 1)) == ()


@given(st.text(max_size=200))
def test_word_list_never_fails_on_any_text(text: str) -> None:
    assert set(LISTS.found(text)) == {"substances"}


@given(st.text(alphabet="xyz ,.-", max_size=40), st.text(alphabet="xyz ,.-", max_size=40))
def test_word_list_finds_a_term_whatever_stands_around_it(before: str, after: str) -> None:
    assert found(f"{before} fentanyl {after}") == ("fentanyl",)


@pytest.mark.parametrize("gap", ["." + " " * 99, " " * 50 + "." + " " * 50, " " * 99 + "\n", "," * 99])
def test_innocent_phrase_of_a_long_text_goes_over_no_end_of_a_clause_in_a_wide_gap(gap: str) -> None:
    assert found(f"{'cotton sweater, ' * 200} fentanyl{gap}test strips") == ("fentanyl",)


@pytest.mark.parametrize(
    ("parts", "between"),
    [
        ([*"fentanyl"], "\n"),
        ([*"fentanyl"], "\n-\n"),
        (["fen", "ta", "nyl"], "\n"),
        (["fen", "ta", "nyl"], f"\n{' ' * 200}\n"),
        (["nyl", "ta", "fen", "ta", "nyl"], "\n"),
    ],
)
def test_word_list_finds_a_name_over_lines_of_which_one_alone_is_coded(
    parts: list[str], between: str
) -> None:
    for coded, part in enumerate(parts[-3:], start=len(parts) - 3):
        lines = [*parts[:coded], f"%{ord(part[0]):x}{part[1:]}", *parts[coded + 1 :]]
        assert STEMS.found(between.join(lines))["substances"] == ("fentanyl",), lines


def test_no_word_lists_find_nothing() -> None:
    assert WordLists(()).found("fentanyl") == {}


@pytest.mark.parametrize("slip", ["fentenyl", "phentanyl", "fnetanyl", "fetnanyl", "fintanyl powder"])
def test_disguised_list_finds_a_name_that_was_written_by_ear_or_in_haste(slip: str) -> None:
    plain = WordLists((read_word_list(SUBSTANCES, "wordlists/substances.yaml"),))
    disguised = WordLists((read_word_list(f"{SUBSTANCES}\ndisguised: true\n", "wordlists/substances.yaml"),))

    assert disguised.found(slip) == {"substances": ("fentanyl",)}
    assert plain.found(slip) == {"substances": ()}


CULTURE = WordLists(
    tuple(
        read_word_list(f"name: {name}\ntitle: A list\nsource: none\n{rest}", f"wordlists/{name}.yaml")
        for name, rest in (
            ("chemicals", 'terms: [{term: safrole}]\ninnocents: ["{term} test strip"]\n'),
            ("drugs", 'terms: [{term: heroin}]\ninnocents: ["{term} hat"]\ninnocents_like: chemicals\n'),
            ("others", "terms: [{term: etizolam}]\ninnocents_like: drugs\n"),
            ("one", "terms: [{term: lsd}]\ninnocents_like: another\n"),
            ("another", 'terms: [{term: pcp}]\ninnocents: ["{term} rifle"]\ninnocents_like: one\n'),
        )
    )
)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("safrole hat", True),
        ("safrole test strips", False),
        ("heroin hat", False),
        ("heroin test strips", False),
        ("etizolam hat", False),
        ("etizolam test strips", False),
        ("pcp rifle", False),
        ("lsd rifle", False),
    ],
)
def test_what_takes_a_term_back_is_that_of_all_lists_which_its_list_is_like(
    text: str, is_found: bool
) -> None:
    assert any(CULTURE.found(text).values()) is is_found


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("heroin hat 5 g", True),
        ("10 grams heroin hat", True),
        ("heroin test strips 10 kilogram", True),
        ("шляпа, heroin hat 5 грамм", True),
        ("heroin hat 50克", True),
        ("heroin hat 100 pills", True),
        ("heroin hat 1 000 g", True),
        ("heroin hat 0,5 kg", True),
        ("heroin hat 1,000 g", True),
        ("heroin hat 12,5 kg", True),
        ("weight 200 g,heroin hat", False),
        ("heroin hat 12 oz", False),
        ("heroin hat, silver 3.2 g", False),
        ("heroin hat silver 3.2 g", False),
        ("heroin hat 180 g cotton", False),
        ("weight 200 g, heroin hat", False),
        ("heroin hat; 200 g", False),
        ("heroin hat 5g3", False),
    ],
)
def test_no_innocent_phrase_takes_a_term_back_beside_an_amount_of_it(text: str, is_found: bool) -> None:
    assert bool(CULTURE.found(text)["drugs"]) is is_found


def test_an_amount_beside_ordinary_goods_is_that_of_what_is_named_for_them() -> None:
    told = "name: drinks\ntitle: A list\nsource: none\nordinary: true\nterms: [{term: wine}]\n"
    drinks = WordLists(
        (read_word_list(f'{told}innocents: ["{{term}} rack", "rack for {{term}}"]\n', "a.yaml"),)
    )

    assert drinks.found("Wine rack 2 kg")["drinks"] == ()
    assert drinks.found("Rack for wine 2 kg")["drinks"] == ()
    assert drinks.found("Wine 2 kg")["drinks"] == ("wine",)


PANELS = WordLists(
    (
        read_word_list(
            SUBSTANCES.replace("innocents: [", 'innocents: ["drug test {terms}", "drug test cup {terms}", '),
            "wordlists/substances.yaml",
        ),
    )
)


@pytest.mark.parametrize(
    "text",
    [
        "12 panel drug test cup (AMP, COC, fentanyl, THC)",
        "Drug test: ANPP, fentanyl, opiates",
        "Drug test for opiates, fentanyl and ANPP, alcohol",
        "5 panel drug tests - Opiates (OPI), Fentanyl (FYL), ANPP/THC",
    ],
)
def test_word_list_leaves_alone_what_a_drug_test_finds_one_by_one(text: str) -> None:
    assert PANELS.found(text) == {"substances": ()}


@pytest.mark.parametrize(
    "text",
    [
        "Drug test, fentanyl",
        "Drug test cup: opiates, fentanyl powder, THC",
        "Drug test cup: opiates, 5 g fentanyl, THC",
        "Drug test cup: opiates, fentanyl, THC, 5 g",
        "Drug test, vial of fentanyl, opiates, THC",
        "Drug test cup (AMP, COC, THC)\nfentanyl",
        "Drug test cup (AMP, COC, THC). Fentanyl",
        "Fentanyl, drug test cup (AMP, COC, THC)",
    ],
)
def test_word_list_finds_what_is_told_beside_the_list_of_a_drug_test(text: str) -> None:
    assert PANELS.found(text) == {"substances": ("fentanyl",)}
