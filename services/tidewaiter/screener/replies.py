"""From decisions to records: what carrier, inspection queue, dead letters and lane are sent."""

from tidewaiter.screener.case import Case
from tidewaiter.screener.deciding import Decided
from tidewaiter.screener.reading import source_of
from tidewaiter.stream.outcome import DeadLetter, Done
from tidewaiter.stream.record import Headers, Outgoing
from tidewaiter.wire import dead_letters, decisions, headers, hold_orders, instant, shadow_findings
from tidewaiter.wire.contract import MEBIBYTE
from tidewaiter.wire.headers import Envelope
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, HOLD_ORDERS, RESCREENS, SHADOW_FINDINGS


def done(case: Case, one: Decided) -> Done:
    """The decision for the carrier and, where there is something for them, the order for the inspection and
    what rules in shadow found."""
    return Done(_answers(case, one))


def dead_letter(case: Case, one: Decided | None) -> DeadLetter:
    """The record set aside with its bytes; where its parcel is known, that parcel is held with it."""
    malformed = case.malformed
    assert malformed is not None
    record = case.record
    unread = dead_letters.Unread(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=record.headers,
        timestamp_ms=record.timestamp_ms,
    )
    source = source_of(record)
    envelope = Envelope(
        id=f"dead-{source}",
        type=headers.DEAD_LETTER_TYPE,
        source=headers.SCREENER,
        time=instant.text(instant.from_ms(max(record.timestamp_ms, 0))),
        traceparent=headers.continued(case.headers.get(headers.TRACEPARENT), source),
        cause=source,
    )
    value = dead_letters.encode(unread, malformed)
    key = None if record.key is None else record.key[: dead_letters.MAX_KEY_BYTES]
    letter = Outgoing(DEAD_LETTERS, key, value, headers.encode(envelope))
    held = _answers(case, one) if one is not None else ()
    return DeadLetter((letter, *held), malformed.reason, malformed.stage)


def rescreen(case: Case, degraded_id: str) -> Outgoing:
    """The record once more, byte for byte, to be screened again when Redis is back; under its parcel's key,
    where it came under another, and with the key that it came under, where that brought it to this worker.

    Of one that is larger than any that is read, as much as shows it, and of its headers those of a usual
    size: what a topic took compressed would be too much for the lane.
    """
    record = case.record
    value = record.value if record.value is None else record.value[: MEBIBYTE + 1]
    lane: Headers = (
        (headers.CAUSE, source_of(record).encode()),
        (headers.DEGRADED_DECISION, degraded_id.encode()),
    )
    key = _came_under(case)
    if key is not None:
        lane = (*lane, (headers.LANE_KEY, key[: dead_letters.MAX_KEY_BYTES]))
    return Outgoing(RESCREENS, case.key.encode(), value, _usual(record.headers) + lane)


def _came_under(case: Case) -> bytes | None:
    """The key that brought a record to another worker than its parcel's; None where it brought it there."""
    if case.is_foreign:
        return case.record.key or b""
    return case.headers.get(headers.LANE_KEY) if case.is_again else None


def _usual(said: Headers) -> Headers:
    """The headers that a dead letter would quote whole, but for those of the lane's own."""
    usual = [
        (name, value)
        for name, value in said[: dead_letters.MAX_HEADERS]
        if len(name) <= dead_letters.MAX_HEADER_NAME and len(value or b"") <= dead_letters.MAX_HEADER_BYTES
    ]
    return tuple(
        pair for pair in usual if pair[0] not in (headers.CAUSE, headers.DEGRADED_DECISION, headers.LANE_KEY)
    )


def _answers(case: Case, one: Decided) -> tuple[Outgoing, ...]:
    decision, key = one.decision, one.parcel.key.encode()
    traceparent = headers.continued(case.headers.get(headers.TRACEPARENT), decision.decision_id)
    public = Outgoing(
        DECISIONS,
        key,
        decisions.encode(decision, one.decided_at_ms),
        _headers(case, one, headers.DECISION_TYPE, traceparent),
    )
    shadow = _shadow(case, one, traceparent)
    if one.order is None:
        return (public, *shadow)
    declaration = one.history.declaration
    payload = declaration.payload if declaration else None
    order = hold_orders.encode(
        decision, one.decided_at_ms, headers.trace_id_of(traceparent), payload, one.order
    )
    return (
        public,
        Outgoing(HOLD_ORDERS, key, order, _headers(case, one, headers.HOLD_ORDER_TYPE, traceparent)),
        *shadow,
    )


def _shadow(case: Case, one: Decided, traceparent: str) -> tuple[Outgoing, ...]:
    findings = shadow_findings.in_shadow(one.decision)
    if not findings:
        return ()
    value = shadow_findings.encode(one.decision, one.decided_at_ms, findings)
    said = _headers(case, one, headers.SHADOW_FINDINGS_TYPE, traceparent)
    return (Outgoing(SHADOW_FINDINGS, one.parcel.key.encode(), value, said),)


def _headers(case: Case, one: Decided, type_: str, traceparent: str) -> Headers:
    envelope = Envelope(
        id=one.decision.decision_id,
        type=type_,
        source=headers.SCREENER,
        time=instant.text_of_ms(one.decided_at_ms),
        traceparent=traceparent,
        cause=source_of(case.record),
    )
    encoded = headers.encode(envelope)
    return (*encoded, (headers.VIA, RESCREENS.encode())) if case.record.topic == RESCREENS else encoded
