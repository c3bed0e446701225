"""docker-compose.yml holds together: what it names is there, is ours, and is closed as far as it can be."""

import json
import re
from collections import Counter

import pytest
import yaml

from tests.contracts.composition import ROOT, Service, composition, is_command, services, with_defaults
from tidewaiter.adapters.kafka_acls import read_principals
from tidewaiter.resources import acls_file
from tidewaiter.settings import PREFIX, Settings

SECRETS = ROOT / "deploy/docker/development"
SERVICES = services()
OURS = tuple(one for one in SERVICES if one.is_ours)
# Its image writes its configuration into the root file system when it starts.
NOT_READ_ONLY = {"kafka"}
KNOWN_NAMES = {PREFIX + name.upper() for name in Settings.model_fields} | {f"{PREFIX}SECRETS_DIR"}


def script_lines() -> list[tuple[str, ...]]:
    """The calls of our command in the script that refreshes the lists."""
    script = (ROOT / "deploy/docker/refresh-watchlists").read_text()
    return [tuple(line.split()) for line in re.findall(r"python -m tidewaiter (.+?) &", script)]


@pytest.mark.parametrize("service", OURS, ids=lambda one: one.name)
def test_every_command_is_one_of_ours(service: Service) -> None:
    if "entrypoint" not in service.settings:
        assert is_command(service.command)
        return
    assert service.settings["entrypoint"] == ["/usr/local/bin/refresh-watchlists"]
    assert len(service.command) == 2


def test_the_script_that_refreshes_the_lists_calls_a_command_of_ours() -> None:
    lines = script_lines()
    assert len(lines) == 1
    assert is_command(lines[0])


@pytest.mark.parametrize("wrong", [("screan",), ("screen", "--slots", "0"), ("topics", "make"), ("rules",)])
def test_a_wrong_command_would_be_noticed(wrong: tuple[str, ...]) -> None:
    assert not is_command(wrong)


@pytest.mark.parametrize("service", OURS, ids=lambda one: one.name)
def test_every_environment_name_is_known_to_the_settings(service: Service) -> None:
    ours = {name for name in service.environment if name.startswith(PREFIX)}
    assert ours
    assert ours <= KNOWN_NAMES


def test_every_secret_is_a_setting_that_its_service_reads() -> None:
    for service in OURS:
        for secret in service.settings.get("secrets", ()):
            target = secret if isinstance(secret, str) else secret["target"]
            assert target in Settings.model_fields, (service.name, target)


def test_every_file_that_is_mounted_exists_and_is_mounted_read_only() -> None:
    bound = [pair for service in SERVICES for pair in service.bound_files]
    assert len(bound) >= 4
    for source, mode in bound:
        assert (ROOT / source).exists(), source
        assert mode == "ro", source
    for name, secret in composition()["secrets"].items():
        assert (ROOT / with_defaults(secret["file"])).is_file(), name


def test_every_named_volume_and_secret_is_declared_and_used() -> None:
    named = {
        volume.split(":")[0]
        for service in SERVICES
        for volume in service.settings.get("volumes", ())
        if volume[0] not in ".$"
    }
    assert named == set(composition()["volumes"])
    assert {name for service in SERVICES for name in service.secrets} == set(composition()["secrets"])


def test_ports_of_this_machine_are_unique_and_on_loopback() -> None:
    ports = Counter(port for service in SERVICES for port in service.host_ports)
    assert ports
    assert set(ports.values()) == {1}
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.name)
def test_every_service_is_pinned_limited_and_without_privileges(service: Service) -> None:
    settings = service.settings
    assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+(-alpine)?", settings["image"])
    assert int(settings["user"].split(":")[0]) > 0
    assert settings["cap_drop"] == ["ALL"]
    assert settings["security_opt"] == ["no-new-privileges:true"]
    assert settings.get("read_only", False) == (service.name not in NOT_READ_ONLY)
    assert set(settings["deploy"]["resources"]["limits"]) == {"cpus", "memory"}


def test_services_wait_for_what_they_need_in_a_state_that_it_can_reach() -> None:
    by_name = {service.name: service for service in SERVICES}
    for service in SERVICES:
        for name, wanted in service.dependencies.items():
            settings = by_name[name].settings
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in settings, (service.name, name)
            else:
                assert wanted["condition"] == "service_completed_successfully"
                assert settings["restart"] == "on-failure:5", (service.name, name)


def test_prometheus_scrapes_every_service_on_the_port_where_it_is_asked_for_its_health() -> None:
    configuration = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    targets = {
        target
        for job in configuration["scrape_configs"]
        for some in job["static_configs"]
        for target in some["targets"]
    }
    asked = {
        f"{one.name}:{port}"
        for one in OURS
        for port in re.findall(r"127.0.0.1:(\d+)/readyz", str(one.settings.get("healthcheck")))
    }
    assert targets - {"localhost:9090"} == asked


def test_who_comes_to_kafka_has_a_name_of_its_own_there() -> None:
    by_secret = {one.name: {s for s in one.secrets if s.endswith("_kafka_config")} for one in OURS}
    with_kafka = {name: secrets for name, secrets in by_secret.items() if secrets}
    assert all(len(secrets) == 1 for secrets in with_kafka.values())
    assert set(by_secret) - set(with_kafka) == {"rules", "watchlists", "watchlists-by-hand"}
    users = (SECRETS / "kafka_users").read_text()
    known = {one.name for one in read_principals(acls_file(), "")} | {"setup"}
    for secret in set().union(*with_kafka.values()):
        given = json.loads((SECRETS / secret).read_text())
        assert given["sasl.username"] == secret.removesuffix("_kafka_config")
        assert f'user_{given["sasl.username"]}="{given["sasl.password"]}"' in users
        assert given["sasl.username"] in known


def test_every_worker_has_a_slot_of_its_own_and_is_asked_on_its_own_port() -> None:
    workers = [one for one in SERVICES if one.command[:1] == ("screen",)]
    slots = [int(one.command[-1]) for one in workers]
    assert slots == list(range(len(workers)))
    assert len(workers) >= 2
    port = Settings.model_fields["metrics_port"].default
    for slot, worker in zip(slots, workers, strict=True):
        assert f":{port + slot}/readyz" in worker.settings["healthcheck"]["test"][-1]
