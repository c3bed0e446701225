"""Colombian addresses: one door has one form, however its carrier writes the street and its crossing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.matching.doors import door_key
from tidewaiter.domain.party import Address
from tidewaiter.matching.street_grid import plain_grid


def key(*lines: str, city: str = "Cali") -> str:
    return door_key(Address(lines, city, "", "", "CO"))


@pytest.mark.parametrize(
    "line",
    [
        "Carrera 5 # 10-20",
        "Carrera 5 No. 10-20",
        "CRA. 5 No 10 - 20",
        "Cr 5 10 20",
        "KR 5 # 10 20",
        "Carerra 5, Nro. 10-20",
        "AK 5 No. 10-20",
        "Av. Cra. 5, No. 10-20",
        "Carrera 05 No. 10-20, Barrio El Prado",
    ],
)
def test_carrera_has_one_key_however_it_is_written(line: str) -> None:
    assert key(line) == "CO|cali|10-20|cra5"


@pytest.mark.parametrize(
    ("line", "door"),
    [
        ("Calle 17N No. 9N-05", "9n-5|st17n"),
        ("Calle 17 Norte No. 9 Norte - 05", "9n-5|st17n"),
        ("Cl. 99 # 106-20", "106-20|st99"),
        ("Avenida 3 Norte No. 20N-10", "20n-10|ave3n"),
        ("Tv. 24 No. 87-15", "87-15|tv24"),
        ("Transversal 24 No. 87-15", "87-15|tv24"),
        ("Dg. 27 No. 27-104", "27-104|dg27"),
        ("Carrera 7D Bis No. 68-58", "68-58|cra7dbis"),
        ("Carrera 43A No. 16A Sur - 38", "16as-38|cra43a"),
        ("Carrera 3B E No. 91-28 Sur", "91-28s|cra3be"),
        ("Avenida Boyaca No. 68 - 24", "68-24|aveboyaca"),
        ("Via 40 No 71 197", "71-197|via40"),
    ],
)
def test_numbered_streets_of_every_kind_are_read(line: str, door: str) -> None:
    assert key(line) == f"CO|cali|{door}"


@pytest.mark.parametrize(
    ("line", "unit"),
    [
        ("Carrera 8 No. 23-09, Of. 301", "301"),
        ("Carrera 8 No. 23-09 Oficina 301", "301"),
        ("Carrera 8 23 09 PI 3 Of 301", "301-f3"),
        ("Carrera 8 No. 23-09, Torre 3, Apto. 319", "319-t3"),
        ("Carrera 8 No. 23-09 Local 12, Edificio Colseguros", "12"),
        ("Carrera 8 No. 23-09 Mz. 39 Ca. 32", "b32-mz39"),
    ],
)
def test_office_floor_and_tower_are_units_of_the_door(line: str, unit: str) -> None:
    assert key(line) == f"CO|cali|23-9|cra8|{unit}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Carrera 5 No. 10-20", "Calle 5 No. 10-20"),
        ("Carrera 5 No. 10-20", "Carrera 5A No. 10-20"),
        ("Carrera 5 No. 10-20", "Carrera 5 No. 10A-20"),
        ("Carrera 5 No. 10-20", "Carrera 5 Norte No. 10-20"),
        ("Carrera 5 No. 10-20", "Carrera 5 No. 10-20 Sur"),
        ("Carrera 5 Bis No. 10-20", "Carrera 5 No. 10-20"),
        ("Carrera 51 No. 0-20", "Carrera 5 No. 10-20"),
    ],
)
def test_another_street_crossing_or_side_is_another_door(one: str, other: str) -> None:
    assert "" != key(one) != key(other) != ""


@pytest.mark.parametrize("line", ["Carrera 78, Barrio Pueblo Nuevo", "Calle 6 Kennedy", "Carrera 5 Of. 301"])
def test_street_without_a_plate_names_no_door(line: str) -> None:
    assert key(line) == ""


def test_apartado_aereo_is_a_box() -> None:
    assert key("Apartado Aereo 3786") == "CO|cali|box 3786"


@given(
    st.sampled_from(["calle", "cra", "ave", "tv", "dg"]),
    st.integers(1, 199),
    st.sampled_from(["", "a", "bb", "n"]),
    st.integers(1, 199),
    st.integers(1, 350),
)
def test_plain_form_is_its_own_form(kind: str, line: int, letter: str, cross: int, metres: int) -> None:
    plain = f"{kind} {line}{letter} no {cross}-{metres}"
    assert plain_grid(plain).split() == plain.split()


@pytest.mark.parametrize("text", ["calle 1 " * 300, "cra 1 a bis a sur no " * 100, "av " * 700, "1 " * 1000])
def test_hostile_text_is_read_without_a_search_that_grows(text: str) -> None:
    assert len(plain_grid(text)) <= len(text) + len(" no - ")
