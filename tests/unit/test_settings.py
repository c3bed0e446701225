"""Settings come from three places in one order, and a wrong one is named in one line without its secrets."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tidewaiter.cli import app
from tidewaiter.settings import PREFIX, SettingsRefused, load_settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def test_everything_has_a_default() -> None:
    settings = load_settings()
    assert settings.kafka_bootstrap_servers == "127.0.0.1:9092"
    assert settings.list_max_age == timedelta(hours=48)
    assert len(settings.secret) >= 16


def test_the_environment_comes_before_the_file_and_the_file_before_the_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tidewaiter.toml").write_text('kafka_group = "of-the-file"\n')
    (tmp_path / "kafka_group").write_text("of-the-secrets")
    (tmp_path / "token_secret").write_text("a secret that is long enough")
    monkeypatch.setenv("TIDEWAITER_SECRETS_DIR", str(tmp_path))
    assert load_settings().kafka_group == "of-the-secrets"
    assert load_settings().secret == b"a secret that is long enough"
    monkeypatch.setenv("TIDEWAITER_CONFIG", str(tmp_path / "tidewaiter.toml"))
    assert load_settings().kafka_group == "of-the-file"
    monkeypatch.setenv("TIDEWAITER_KAFKA_GROUP", "of-the-environment")
    assert load_settings().kafka_group == "of-the-environment"


def test_further_client_settings_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEWAITER_KAFKA_CONFIG", '{"security.protocol": "SSL", "linger.ms": 5}')
    assert load_settings().kafka_config == {"security.protocol": "SSL", "linger.ms": 5}


REFUSED = [
    ("TIDEWAITER_REDIS_URL", "http://somewhere", "found 'http://somewhere'"),
    ("TIDEWAITER_REDIS_URL", "redis://somewhere:port/0", "Port could not be cast"),
    ("TIDEWAITER_REDIS_URL", "redis://one:6379/screening", "the number of a database"),
    ("TIDEWAITER_REDIS_URL", "rediss://one/0/1", "the number of a database"),
    ("TIDEWAITER_REDIS_URL", "redis+sentinel://one:26379,two:26379", "HOST:PORT/SERVICE"),
    ("TIDEWAITER_REDIS_URL", "redis+sentinel://one:26379,two:port/screening", "Port could not be cast"),
    ("TIDEWAITER_REDIS_URL", "redis+sentinel://one:26379/screening/first", "HOST:PORT/SERVICE"),
    ("TIDEWAITER_REDIS_URL", "redis://one/0?socket_timeout=9", "after ? of nothing, not socket_timeout"),
    ("TIDEWAITER_REDIS_URL", "redis://one/0?ssl_ca_certs=/a", "not ssl_ca_certs"),
    ("TIDEWAITER_REDIS_URL", "rediss://one/0?sentinel_password=a", "not sentinel_password"),
    ("TIDEWAITER_REDIS_URL", "unix:///run/redis.sock?db=first", "not db"),
    ("TIDEWAITER_METRICS_PORT", "99999", "found '99999'"),
    ("TIDEWAITER_REDIS_PATIENCE_SECONDS", "soon", "found 'soon'"),
    ("TIDEWAITER_LIST_MAX_AGE_HOURS", "0", "greater than 0"),
    ("TIDEWAITER_KAFKA_GROUP", "two words", "found 'two words'"),
    ("TIDEWAITER_KAFKA_CONFIG", "no json", "expected: JSON"),
    ("TIDEWAITER_KAFKA_BOOTSTRAP", "127.0.0.1:9092", "did you mean KAFKA_BOOTSTRAP_SERVERS?"),
    ("TIDEWAITER_COLOUR", "blue", "no such setting; there are CONFIG, DATA, FEATURES"),
    ("TIDEWAITER_REDIS_PATIENCE_SECONDS", "61", "expected: less than or equal to 60"),
    ("TIDEWAITER_CONFIG", "/no/such/file", "cannot read /no/such/file"),
    ("TIDEWAITER_SECRETS_DIR", "/no/such/directory", "expected a directory"),
    ("TIDEWAITER_LIST_MAX_AGE_HOURS", "inf", "less than or equal to 876600"),
    ("TIDEWAITER_FEATURES_MAX_AGE_MINUTES", "1e300", "less than or equal to"),
    ("TIDEWAITER_TOKEN_SECRET", "\udcff" * 20, "TIDEWAITER_TOKEN_SECRET: found a value that is not shown"),
    ("TIDEWAITER_KAFKA_CONFIG", "[" * 100_000, "nested without end"),
    ("TIDEWAITER_KAFKA_CONFIG", r'{"client.id": "\ud800"}', "text in UTF-8"),
    ("TIDEWAITER_KAFKA_CONFIG", r'{"\ud800": "x"}', "text in UTF-8"),
    ("TIDEWAITER_KAFKA_CONFIG", r'{"sasl.password": "a\u0000b"}', "text in UTF-8"),
    ("TIDEWAITER_KAFKA_CONFIG", '{"isolation.level": "read_uncommitted"}', "and found isolation.level"),
    ("TIDEWAITER_KAFKA_CONFIG", '{"topic.auto.offset.reset": "latest"}', "topic.auto.offset.reset"),
    ("TIDEWAITER_KAFKA_CONFIG", '{"transactional.id": "one"}', "none that Tidewaiter sets itself"),
    ("TIDEWAITER_KAFKA_CONFIG", '{"error_cb": "x"}', "and found error_cb"),
    ("TIDEWAITER_METRICS_ADDRESS", "\udcff", "text in UTF-8"),
]


@pytest.mark.parametrize(("name", "value", "words"), REFUSED)
def test_a_wrong_setting_ends_with_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    done = CliRunner().invoke(app, ["screen", "--slot", "0"])
    assert done.exit_code == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"tidewaiter: {name}: ")
    assert words in line


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://one:26379,two,[::1]:26379/screening",
        "redis+sentinel://screener:hunter2@one/screening/3",
        "rediss+sentinel://screener:hunter2@one/screening/3?sentinel_password=hunter3&ssl_ca_certs=/etc/ca.pem",
        "rediss://screener:hunter2@one:6380/0",
        "rediss://one:6380/0?ssl_ca_certs=/etc/ca.pem&ssl_check_hostname=false",
        "unix:///run/redis.sock?db=3",
        "redis://one",
        "redis://one/",
    ],
)
def test_redis_may_be_named_in_each_form(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TIDEWAITER_REDIS_URL", url)
    assert load_settings().redis_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIDEWAITER_TOKEN_SECRET", "hunter2"),
        ("TIDEWAITER_REDIS_URL", "redis+sentinel://user:hunter2@one,two"),
        ("TIDEWAITER_REDIS_URL", "redis+sentinel://one,two?sentinel_password=hunter2"),
        ("TIDEWAITER_REDIS_URL", "redis://user:hunter2@somewhere:port/0"),
        ("TIDEWAITER_REDIS_URL", "http://:hunter2@somewhere/0"),
        ("TIDEWAITER_KAFKA_CONFIG", '{"sasl.password": "hunter2"'),
        ("TIDEWAITER_KAFKA_CONFIG", '{"sasl.password": ["hunter2"]}'),
    ],
)
def test_a_wrong_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused) as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)
    assert name in str(refused.value)


def test_a_broken_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "tidewaiter.toml"
    path.write_text("kafka_group = ")
    monkeypatch.setenv("TIDEWAITER_CONFIG", str(path))
    with pytest.raises(SettingsRefused, match=r"TIDEWAITER_CONFIG: cannot read .*tidewaiter\.toml"):
        load_settings()


def test_an_unknown_name_in_the_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "tidewaiter.toml"
    path.write_text('kafka_gruop = "hunter2"\n')
    monkeypatch.setenv("TIDEWAITER_CONFIG", str(path))
    with pytest.raises(SettingsRefused, match="KAFKA_GRUOP") as refused:
        load_settings()
    assert str(refused.value).endswith(f"kafka_gruop in {path}; did you mean kafka_group?")


def test_a_file_that_begins_with_a_byte_order_mark_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "tidewaiter.toml"
    path.write_text('\ufeffkafka_group = "x"\n')
    monkeypatch.setenv("TIDEWAITER_CONFIG", str(path))
    with pytest.raises(SettingsRefused, match="begins with a byte order mark"):
        load_settings()


@pytest.mark.parametrize(
    "name", ["token-secret", "TIDEWAITER_TOKEN_SECRET", "token_secret.txt", "tokensecret", "token_secrets"]
)
def test_a_secret_under_a_name_that_is_none_is_not_replaced_by_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("a secret that is long enough")
    monkeypatch.setenv("TIDEWAITER_SECRETS_DIR", str(tmp_path))
    with pytest.raises(SettingsRefused, match=f"found {name}, expected token_secret"):
        load_settings()
    (tmp_path / "token_secret").write_text("another that is long enough")
    assert load_settings().secret == b"another that is long enough", "what lies beside it is a copy"


def test_a_folder_in_place_of_a_secret_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token_secret").mkdir()
    monkeypatch.setenv("TIDEWAITER_SECRETS_DIR", str(tmp_path))
    with pytest.raises(SettingsRefused, match="token_secret: found a folder, expected a file"):
        load_settings()


def test_what_others_keep_among_the_secrets_is_theirs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("screener_redis_url", "lag_kafka_config", "grafana_password", "..data", "kafka_users"):
        (tmp_path / name).write_text("x")
    monkeypatch.setenv("TIDEWAITER_SECRETS_DIR", str(tmp_path))
    assert load_settings().redis_url == "redis://127.0.0.1:6379/0"


@pytest.mark.parametrize("text", ["a=" + "[" * 50_000, "metrics_port=" + "9" * 5_000])
def test_a_file_without_end_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "tidewaiter.toml"
    file.write_text(text)
    monkeypatch.setenv("TIDEWAITER_CONFIG", str(file))
    with pytest.raises(SettingsRefused, match="TIDEWAITER_CONFIG: cannot read"):
        load_settings()
