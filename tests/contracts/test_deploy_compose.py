"""docker-compose.yml holds together: what it names is there, is ours, and is closed as far as it can be."""

import re
from collections import Counter

import pytest

from tests.contracts.composition import ROOT, Service, composition, is_command, services, with_defaults
from tidewaiter.settings import PREFIX, Settings

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


def test_every_worker_has_a_slot_of_its_own_and_is_asked_on_its_own_port() -> None:
    workers = [one for one in SERVICES if one.command[:1] == ("screen",)]
    slots = [int(one.command[-1]) for one in workers]
    assert slots == list(range(len(workers)))
    assert len(workers) >= 2
    port = Settings.model_fields["metrics_port"].default
    for slot, worker in zip(slots, workers, strict=True):
        assert f":{port + slot}/readyz" in worker.settings["healthcheck"]["test"][-1]
