"""The elements of data that the law asks of a declaration, and which of them were not given."""

from collections.abc import Callable
from functools import lru_cache

from tidewaiter.domain.event import Item, ParcelEvent
from tidewaiter.domain.party import ROLES, Account, Party
from tidewaiter.matching import addresses, emails
from tidewaiter.rules.declaration import is_no_place

_ACCOUNT = "account."
_PARTY_ELEMENTS = (
    *Party.__struct_fields__, "address", *(f"{_ACCOUNT}{name}" for name in Account.__struct_fields__),
)  # fmt: skip

# Whose mailbox is so named has none: "none@none.com", "test@test.com".
_NO_MAILBOXES = frozenset(
    ("none", "na", "n.a", "null", "unknown", "test", "no", "noemail", "no-email", "no.email", "nomail")
)

Check = Callable[[ParcelEvent], object]


def is_element(text: str) -> bool:
    """Whether ``text`` is an element that ``missing`` can ask for."""
    return all(map(_is_path, text.split("|")))


def _is_path(path: str) -> bool:
    head, _, rest = path.partition(".")
    if head not in ParcelEvent.__struct_fields__:
        return False
    if head == "items":
        return not rest or rest in Item.__struct_fields__
    return not rest or (head in ROLES and rest in _PARTY_ELEMENTS)


def missing(event: ParcelEvent, mandatory: tuple[str, ...]) -> tuple[str, ...]:
    """The mandatory elements that were not given, in the order of the law's list.

    An element is a dotted path of the event; "a|b" is satisfied by either, "items.x" by all items alike,
    "<party>.address" by street lines with a city or postal code, in a country that is named or that state and
    ZIP code tell, "<party>.email" by a mailbox, "ship_from_location" by more than "N/A", "declared_value" by
    one in US dollars.
    """
    return tuple([element for element, is_given in _checks(mandatory) if not is_given(event)])


@lru_cache(maxsize=256)
def _checks(mandatory: tuple[str, ...]) -> tuple[tuple[str, Check], ...]:
    """The elements with what tells whether each is given: the law names the same dozen for all parcels of a
    day."""
    return tuple((element, _check(element)) for element in mandatory)


def _check(element: str) -> Check:
    first, *others = map(_path_check, element.split("|"))
    if not others:
        return first
    return lambda event: first(event) or any(check(event) for check in others)


def _path_check(path: str) -> Check:
    head, _, rest = path.partition(".")
    if head == "declared_value":
        # Limits are in dollars: of a value in yen alone nothing could be asked, and nothing would be held.
        return lambda event: event.in_usd
    if head == "ship_from_location":
        return lambda event: event.ship_from_location and not is_no_place(event.ship_from_location)
    if not rest:
        return lambda event: getattr(event, head, None)
    if head == "items":
        return lambda event: event.items and not [one for one in event.items if not getattr(one, rest, None)]
    if rest == "address":
        return lambda event: _has_address(getattr(event, head, None))
    if rest == "email":
        return lambda event: _has_mailbox(getattr(event, head, None))
    if rest.startswith(_ACCOUNT):
        name = rest.removeprefix(_ACCOUNT)
        return lambda event: getattr(getattr(getattr(event, head, None), "account", None), name, None)
    return lambda event: getattr(getattr(event, head, None), rest, None)


def _has_address(party: Party | None) -> bool:
    """Without a country no list is asked for the door, nor anybody's day for the person who lives there."""
    if party is None or not party.addr_lines or not (party.city or party.postal):
        return False
    return bool(party.country or addresses.parsed(party.address).country)


def _has_mailbox(party: Party | None) -> bool:
    mailboxes = emails.all_in(party.email) if party and party.email else ()
    return any(mailbox.partition("@")[0] not in _NO_MAILBOXES for mailbox in mailboxes)
