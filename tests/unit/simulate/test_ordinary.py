"""Ordinary parcels: law-abiding, complete, and as many different people as a day really has."""

from collections import Counter, defaultdict
from decimal import Decimal

from tests.unit.matching.doors import door_key
from tests.unit.simulate.streams import event_of, messages, ordinary_declarations
from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.party import Party
from tidewaiter.matching import identifiers, phones
from tidewaiter.matching.identity import name_key, person_keys
from tidewaiter.simulate.places import US_CITIES

# The longest prefixes in which a state's ZIP codes lie, as far as our cities go.
_STATE_OF_ZIP = {
    f"{zip_:05d}"[:3]: city.state for city in US_CITIES for zip_ in (city.first_zip, city.last_zip)
}


def parties(event: ParcelEvent) -> tuple[Party, Party]:
    assert event.shipper is not None
    assert event.consignee is not None
    return event.shipper, event.consignee


def test_air_waybills_and_tariff_numbers_pass_their_checks() -> None:
    for event in ordinary_declarations():
        assert identifiers.mawb_problem(event.mawb) is None
        assert all(identifiers.hts_problem(item.hts10) is None for item in event.items)


def test_parties_are_complete_and_can_be_reached() -> None:
    for event in ordinary_declarations():
        for party in parties(event):
            assert party.name
            assert door_key(party.address), party.address
            assert phones.e164(party.phone, party.country), party.phone
            assert "@" in party.email


def test_zip_codes_are_those_of_the_state() -> None:
    for event in ordinary_declarations():
        consignee = parties(event)[1]
        assert _STATE_OF_ZIP.get(consignee.postal[:3], consignee.region) == consignee.region


def test_values_and_weights_add_up() -> None:
    for event in ordinary_declarations():
        worth = sum(item.qty * item.unit_value for item in event.items if item.qty and item.unit_value)
        assert worth == event.declared_value
        net = sum((item.net_weight_kg or Decimal(0) for item in event.items), Decimal(0))
        assert event.gross_weight_kg is not None
        assert net < event.gross_weight_kg < net * 2 + 1


def test_claims_are_those_that_the_law_admits() -> None:
    for event in ordinary_declarations():
        assert event.value_usd is not None
        if event.claim == "GIFT":
            assert event.value_usd < 100
        elif event.claim == "FORMAL":
            assert event.entry_type == "01"
            assert event.value_usd > 2_500
        else:
            assert (event.claim, event.entry_type) == ("INFORMAL", "11")


def test_nobody_exceeds_the_informal_threshold_on_a_day() -> None:
    totals: Counter[tuple[str, str]] = Counter()
    for event in ordinary_declarations():
        assert event.eta is not None
        for key in person_keys(parties(event)[1]) if event.entry_type == "11" else ():
            totals[key, event.eta.date().isoformat()] += int((event.value_usd or Decimal(0)) * 100)
    assert max(totals.values()) < 250_000


def test_no_telephone_and_no_door_belongs_to_several_consignees() -> None:
    names = defaultdict(set)
    for event in ordinary_declarations():
        consignee = parties(event)[1]
        names[phones.e164(consignee.phone, "US")].add(name_key(consignee.name))
        names[door_key(consignee.address)].add(name_key(consignee.name))
    crowded = [key for key, found in names.items() if len(found) > 2]
    assert not crowded


def test_a_stream_has_nearly_as_many_consignees_as_parcels_and_thousands_of_shippers() -> None:
    events = ordinary_declarations()
    consignees = {person_keys(parties(event)[1]) for event in events}
    shippers = Counter(parties(event)[0].name for event in events)
    assert len(consignees) > 0.95 * len(events)
    assert len(shippers) > 0.4 * len(events)
    assert shippers.most_common(1)[0][1] > 0.005 * len(events)


def test_words_of_consignee_names_are_too_many_for_a_cache_to_hold_all_by_heart() -> None:
    words = {word for event in ordinary_declarations() for word in name_key(parties(event)[1].name).split()}
    assert len(words) > 7_000


def test_some_consignees_come_again() -> None:
    seen = Counter(person_keys(parties(event)[1]) for event in ordinary_declarations())
    assert any(count > 1 for count in seen.values())


def test_corrections_never_lower_the_value() -> None:
    first = {message.key: event_of(message) for message in messages() if message.event_type == "CREATE"}
    for message in messages():
        if message.event_type == "UPDATE" and not message.label:
            assert event_of(message).declared_value == first[message.key].declared_value
