"""`tidewaiter insight`: what it cannot run with is refused in one line, before it waits for anybody."""

import socket

import pytest
from typer.testing import CliRunner

from tidewaiter.cli import app


def refused(*options: str, **environment: str) -> str:
    done = CliRunner().invoke(app, ["insight", *options], env=environment)
    assert done.exit_code == 2, done.output
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ('{"security.protocol": "KERBEROS"}', "security.protocol: found 'KERBEROS'"),
        ('{"sasl.oauthbearer.method": "oidc"}', "sasl.oauthbearer.method: found in kafka_config"),
    ],
)
def test_security_that_its_client_does_not_know_is_refused_by_name(config: str, words: str) -> None:
    assert words in refused("--port", "0", TIDEWAITER_KAFKA_CONFIG=config)


def test_port_that_is_taken_is_refused_by_name() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"--port: cannot listen on 127.0.0.1:{port}" in refused("--port", str(port))
