"""The operator's librdkafka settings as Faust's client takes them: one setting for all services."""

import ssl
from collections.abc import Mapping
from typing import Any, Final

import faust

Setting = str | int | float | bool
_PROTOCOL: Final = "security.protocol"
_MECHANISM: Final = ("sasl.mechanism", "sasl.mechanisms")
_FILES: Final = ("ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.key.password")
_KNOWN: Final = frozenset((_PROTOCOL, *_MECHANISM, "sasl.username", "sasl.password", *_FILES))
_MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
# What else may be set there tunes librdkafka, not who we are: Faust has a client of its own.
_PREFIXES: Final = ("security.", "sasl.", "ssl.")


class CredentialsUnusable(Exception):
    """A security setting that Faust's client has no like of; the text is one line that names it."""


def credentials_of(extra: Mapping[str, Setting]) -> Any:
    """Faust's credentials, None for an open broker. Raises CredentialsUnusable."""
    for name in extra:
        if name.startswith(_PREFIXES) and name not in _KNOWN:
            raise CredentialsUnusable(
                f"{name}: found in kafka_config, expected one of {', '.join(sorted(_KNOWN))}"
            )
    protocol = str(extra.get(_PROTOCOL, "PLAINTEXT")).upper()
    match protocol:
        case "PLAINTEXT":
            return None
        case "SSL":
            return faust.SSLCredentials(_context(extra))
        case "SASL_PLAINTEXT":
            return _sasl(extra, None)
        case "SASL_SSL":
            return _sasl(extra, _context(extra))
    raise CredentialsUnusable(
        f"{_PROTOCOL}: found {protocol!r}, expected PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"
    )


def _sasl(extra: Mapping[str, Setting], context: ssl.SSLContext | None) -> Any:
    mechanism = str(next((extra[name] for name in _MECHANISM if name in extra), "PLAIN")).upper()
    if mechanism not in _MECHANISMS:
        raise CredentialsUnusable(
            f"sasl.mechanism: found {mechanism!r}, expected one of {', '.join(_MECHANISMS)}"
        )
    return faust.SASLCredentials(
        username=str(extra.get("sasl.username", "")),
        password=str(extra.get("sasl.password", "")),
        ssl_context=context,
        mechanism=mechanism,
    )


def _context(extra: Mapping[str, Setting]) -> ssl.SSLContext:
    authority, certificate, key, password = (str(extra.get(name, "")) or None for name in _FILES)
    try:
        context = ssl.create_default_context(cafile=authority)
        if certificate:
            context.load_cert_chain(certificate, key, password)
    except (OSError, ssl.SSLError) as error:
        raise CredentialsUnusable(f"{', '.join(_FILES[:3])}: cannot be read: {error}") from error
    return context
