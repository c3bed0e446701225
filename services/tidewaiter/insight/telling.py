"""An alert as a record of `surge-alerts`."""

from tidewaiter.domain.surge import SurgeAlert
from tidewaiter.stream.record import Outgoing, Record
from tidewaiter.wire import headers, surge_alert
from tidewaiter.wire.instant import from_ms, text
from tidewaiter.wire.topics import SURGE_ALERTS


def record_of(alert: SurgeAlert, cause: Record) -> Outgoing:
    """The record that tells of an alert; ``cause`` is the bundle that raised it."""
    envelope = headers.Envelope(
        id=alert.alert_id,
        type=headers.SURGE_ALERT_TYPE,
        source=headers.INSIGHT,
        time=text(from_ms(alert.at_ms)),
        traceparent=headers.continued(None, alert.alert_id),
        cause=headers.place_name(*cause.place),
    )
    key = surge_alert.key_of(alert).encode()
    return Outgoing(SURGE_ALERTS, key, surge_alert.encode(alert), headers.encode(envelope))
