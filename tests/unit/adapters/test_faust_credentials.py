"""Faust's credentials are those of the other clients' one setting, or a refusal that names what is wrong."""

import pytest

from tidewaiter.adapters.faust_credentials import CredentialsUnusable, Setting, credentials_of

SASL: dict[str, Setting] = {
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "SCRAM-SHA-256",
    "sasl.username": "insight",
    "sasl.password": "secret",
}


def test_open_broker_needs_no_credentials() -> None:
    assert credentials_of({}) is None
    assert credentials_of({"socket.timeout.ms": 1000, "message.max.bytes": 4_000_000}) is None


@pytest.mark.parametrize("name", ["sasl.mechanism", "sasl.mechanisms"])
def test_user_and_mechanism_are_those_of_the_setting(name: str) -> None:
    extra = {key: value for key, value in SASL.items() if key != "sasl.mechanism"} | {name: "SCRAM-SHA-256"}
    found = credentials_of(extra)
    assert (found.username, found.password, found.mechanism.value) == ("insight", "secret", "SCRAM-SHA-256")
    assert found.protocol.value == "SASL_PLAINTEXT"


def test_sasl_over_tls_has_a_context_that_checks_the_broker() -> None:
    found = credentials_of(SASL | {"security.protocol": "sasl_ssl"})
    assert found.protocol.value == "SASL_SSL"
    assert found.ssl_context.check_hostname


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"security.protocol": "KERBEROS"}, "security.protocol: found 'KERBEROS'"),
        ({"sasl.mechanism": "GSSAPI"}, "sasl.mechanism: found 'GSSAPI'"),
        ({"ssl.engine.location": "/engine"}, "ssl.engine.location: found in kafka_config"),
        ({"security.protocol": "SSL", "ssl.ca.location": "/no/such/file"}, "ssl.ca.location"),
    ],
)
def test_setting_without_a_like_is_refused_by_its_name(changes: dict[str, Setting], words: str) -> None:
    with pytest.raises(CredentialsUnusable, match=words.replace(".", r"\.")):
        credentials_of(SASL | changes)
