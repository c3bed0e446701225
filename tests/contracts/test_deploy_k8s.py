"""deploy/k8s/ holds together: valid for Kubernetes, ours, closed, and open where something has to pass."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.contracts.composition import ROOT, is_command
from tests.contracts.kustomization import Document, containers, pod, pod_labels, rendered
from tidewaiter.adapters.kafka_topics import read_topics
from tidewaiter.resources import topics_file
from tidewaiter.settings import PREFIX, Settings
from tidewaiter.telemetry.catalogue import CATALOGUE
from tidewaiter.wire.topics import INSIGHT_SIGHTINGS, PARCEL_EVENTS

FOLDER = ROOT / "deploy/k8s"
OVERLAYS = ("small", "production")
# The oldest that knows a pod's index as a label, and the newest whose schemas the package brings.
VERSIONS = ("1.28.0", "1.37.0")
# Their schemas are not Kubernetes' own.
CUSTOM = {"ScaledObject"}
WORKLOADS = {"StatefulSet", "Deployment", "Job", "CronJob"}
# It listens on no port.
WITHOUT_PROBES = {"archive"}
TOPICS = {one.name: one for one in read_topics(topics_file())}
DOCUMENTS = {overlay: rendered(FOLDER / overlay) for overlay in OVERLAYS}


def named(document: Document) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"


def of_kind(*kinds: str) -> list[Any]:
    """The documents of all overlays that are of one of these kinds, as parameters."""
    return [
        pytest.param(one, id=f"{overlay}-{named(one)}")
        for overlay, documents in DOCUMENTS.items()
        for one in documents
        if one["kind"] in kinds
    ]


def one_of(overlay: str, name: str) -> Document:
    (found,) = (one for one in DOCUMENTS[overlay] if named(one) == name)
    return found


def ports_of(document: Document) -> dict[str, int]:
    ports = [port for one in containers(document) for port in one.get("ports", ())]
    return {port["name"]: port["containerPort"] for port in ports}


def selected(overlay: str, selector: Document) -> list[Document]:
    """The workloads whose pods a selector means."""
    wanted = selector.get("matchLabels", {})
    workloads = (one for one in DOCUMENTS[overlay] if one["kind"] in WORKLOADS)
    return [one for one in workloads if wanted.items() <= pod_labels(one).items()]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_document_is_valid_for_kubernetes(overlay: str, version: str) -> None:
    standard = [one for one in DOCUMENTS[overlay] if one["kind"] not in CUSTOM]
    assert len(standard) > 20
    for document in standard:
        kubernetes_validate.validate(document, version, strict=True)


def test_a_misspelt_field_would_be_noticed() -> None:
    document = {**one_of("small", "Deployment/lag"), "spec": {"replica": 1}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, VERSIONS[1], strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kustomize_makes_the_same_of_it(overlay: str) -> None:
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed: what is tested is our reading of the kustomizations")
    command = ["kubectl", "kustomize", str(FOLDER / overlay)]
    made = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    theirs = {named(one): one for one in yaml.safe_load_all(made)}
    assert theirs == {named(one): one for one in DOCUMENTS[overlay]}


@pytest.mark.parametrize("workload", of_kind(*WORKLOADS))
def test_every_command_is_one_of_ours(workload: Document) -> None:
    for container in containers(workload):
        arguments = tuple(re.sub(r"\$\(SLOT\)", "3", one) for one in container["args"])
        assert is_command(arguments), arguments


@pytest.mark.parametrize("workload", of_kind(*WORKLOADS))
def test_every_name_of_the_environment_is_known_to_the_settings(workload: Document) -> None:
    settings = one_of("small", "ConfigMap/settings")["data"]
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {f"{PREFIX}SECRETS_DIR"}
    assert set(settings) <= known
    for container in containers(workload):
        assert container["envFrom"] == [{"configMapRef": {"name": "settings"}}]
        named_here = {one["name"] for one in container.get("env", ())}
        assert {one for one in named_here if one.startswith(PREFIX)} <= known
    # Kubernetes would else add names of its own that begin as ours do, and the settings refuse those.
    assert pod(workload)["enableServiceLinks"] is False


@pytest.mark.parametrize("workload", of_kind(*WORKLOADS))
def test_secrets_are_named_never_held_and_each_is_a_setting(workload: Document) -> None:
    assert "Secret" not in {one["kind"] for documents in DOCUMENTS.values() for one in documents}
    (volume,) = (one["secret"] for one in pod(workload)["volumes"] if "secret" in one)
    assert {one["path"] for one in volume["items"]} <= set(Settings.model_fields)
    assert all(one["path"] == one["key"] for one in volume["items"])
    (place,) = {
        mount["mountPath"]
        for one in containers(workload)
        for mount in one["volumeMounts"]
        if mount["name"] == "secrets"
    }
    assert place == one_of("small", "ConfigMap/settings")["data"][f"{PREFIX}SECRETS_DIR"]


@pytest.mark.parametrize("workload", of_kind(*WORKLOADS))
def test_who_has_credentials_may_go_there_and_nobody_else(workload: Document) -> None:
    (volume,) = (one["secret"] for one in pod(workload)["volumes"] if "secret" in one)
    keys = {one["key"] for one in volume["items"]}
    assert ("kafka_config" in keys) == ("to-kafka" in pod_labels(workload))
    assert ("redis_url" in keys) == ("to-redis" in pod_labels(workload))


@pytest.mark.parametrize("workload", of_kind(*WORKLOADS))
def test_every_pod_is_closed(workload: Document) -> None:
    of_pod = pod(workload)
    assert of_pod["automountServiceAccountToken"] is False
    assert of_pod["securityContext"]["runAsNonRoot"] is True
    assert of_pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = containers(workload)
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]
    assert re.fullmatch(r"[a-z0-9./-]*tidewaiter:\d+\.\d+\.\d+", container["image"])


@pytest.mark.parametrize("workload", of_kind("StatefulSet", "Deployment"))
def test_every_probe_asks_a_page_on_the_port_that_the_command_opens(workload: Document) -> None:
    (container,) = containers(workload)
    if workload["metadata"]["name"] in WITHOUT_PROBES:
        assert "--port" not in container["args"]
        return
    ports = ports_of(workload)
    assert container["args"][container["args"].index("--port") + 1] == str(ports["metrics"])
    for probe, path in (("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
        assert container[probe]["httpGet"] == {"path": path, "port": "metrics"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_service_leads_to_a_port_that_is_open(overlay: str) -> None:
    for service in (one for one in DOCUMENTS[overlay] if one["kind"] == "Service"):
        (workload,) = selected(overlay, {"matchLabels": service["spec"]["selector"]})
        for port in service["spec"]["ports"]:
            assert ports_of(workload)[port["targetPort"]] == port["port"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_network_is_closed_but_for_what_is_named(overlay: str) -> None:
    found = (one for one in DOCUMENTS[overlay] if one["kind"] == "NetworkPolicy")
    policies = {one["metadata"]["name"]: one["spec"] for one in found}
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name, spec in policies.items():
        assert selected(overlay, spec["podSelector"]), name
        for rule in (*spec.get("ingress", ()), *spec.get("egress", ())):
            assert rule["ports"], name
            assert rule.get("from", rule.get("to")), name
    listening = {one["metadata"]["name"]: ports_of(one) for one in DOCUMENTS[overlay] if ports_of(one)}
    assert len(listening) == 3
    for name, ports in listening.items():
        (rule,) = policies[f"metrics-of-{name}"]["ingress"]
        assert [one["port"] for one in rule["ports"]] == list(ports.values())


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_way_to_kafka_is_open_on_the_port_of_the_settings(overlay: str) -> None:
    address = one_of(overlay, "ConfigMap/settings")["data"][f"{PREFIX}KAFKA_BOOTSTRAP_SERVERS"]
    (rule,) = one_of(overlay, "NetworkPolicy/to-kafka")["spec"]["egress"]
    named_there = {int(one.rpartition(":")[2]) for one in address.split(",")}
    assert {one["port"] for one in rule["ports"]} == named_there


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_budgets_allow_one_at_a_time(overlay: str) -> None:
    budgets = [one for one in DOCUMENTS[overlay] if one["kind"] == "PodDisruptionBudget"]
    assert len(budgets) == 2
    for budget in budgets:
        assert selected(overlay, budget["spec"]["selector"])
        assert budget["spec"]["maxUnavailable"] == 1


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_there_are_never_more_workers_than_partitions(overlay: str) -> None:
    for name, topic in (("StatefulSet/screener", PARCEL_EVENTS), ("Deployment/insight", INSIGHT_SIGHTINGS)):
        assert one_of(overlay, name)["spec"].get("replicas", 1) <= TOPICS[topic].partitions


def test_workers_are_scaled_by_seconds_of_lag_up_to_the_partitions() -> None:
    scaled = one_of("production", "ScaledObject/screener")["spec"]
    assert set(scaled) == {
        "scaleTargetRef",
        "minReplicaCount",
        "maxReplicaCount",
        "pollingInterval",
        "advanced",
        "triggers",
    }
    target = scaled["scaleTargetRef"]
    screener = one_of("production", f"{target['kind']}/{target['name']}")
    assert screener["apiVersion"] == target["apiVersion"]
    assert "replicas" not in screener["spec"]
    assert 2 <= scaled["minReplicaCount"] < scaled["maxReplicaCount"] == TOPICS[PARCEL_EVENTS].partitions
    (trigger,) = scaled["triggers"]
    (metric,) = re.findall(r"tidewaiter_\w+", trigger["metadata"]["query"])
    assert metric in {one.name for one in CATALOGUE}
    assert metric.endswith("_seconds")


def test_prometheus_scrapes_every_pod_with_a_page_under_the_job_that_the_rules_know() -> None:
    jobs = set()
    for overlay in OVERLAYS:
        for workload in (one for one in DOCUMENTS[overlay] if ports_of(one)):
            annotations = workload["spec"]["template"]["metadata"]["annotations"]
            assert annotations["prometheus.io/scrape"] == "true"
            assert annotations["prometheus.io/port"] == str(ports_of(workload)["metrics"])
            jobs.add(pod_labels(workload)["app.kubernetes.io/name"])
    compose = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    assert jobs == {one["job_name"] for one in compose["scrape_configs"]} - {"prometheus"}


def test_prometheus_takes_the_scrape_configuration(tmp_path: Path) -> None:
    """But for how pods are found: Debian builds its promtool without Kubernetes."""
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    written = tmp_path / "prometheus.yml"
    (job,) = yaml.safe_load((FOLDER / "scrape.yml").read_text())
    (found,) = job.pop("kubernetes_sd_configs")
    assert found == {"role": "pod", "namespaces": {"names": ["tidewaiter"]}}
    written.write_text(yaml.safe_dump({"scrape_configs": [job]}))
    checked = subprocess.run(["promtool", "check", "config", str(written)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_a_worker_has_time_to_drain() -> None:
    for overlay in OVERLAYS:
        assert pod(one_of(overlay, "StatefulSet/screener"))["terminationGracePeriodSeconds"] >= 3 * 5


def test_the_screener_is_numbered_by_its_pod() -> None:
    (container,) = containers(one_of("small", "StatefulSet/screener"))
    (slot,) = (one for one in container["env"] if one["name"] == "SLOT")
    assert slot["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.labels['apps.kubernetes.io/pod-index']"
    assert container["args"][container["args"].index("--slot") + 1] == "$(SLOT)"


def test_every_file_belongs_to_a_kustomization() -> None:
    files = {path for path in FOLDER.rglob("*.yaml") if path.name != "kustomization.yaml"}
    used: set[Path] = set()
    for kustomization in FOLDER.rglob("kustomization.yaml"):
        read = yaml.safe_load(kustomization.read_text())
        patches = [one["path"] for one in read.get("patches", ()) if "path" in one]
        used |= {(kustomization.parent / name).resolve() for name in (*read.get("resources", ()), *patches)}
    assert files == {path for path in used if path.is_file()}


def test_the_archive_is_measured_where_its_disk_is_on_the_same_node() -> None:
    lag, archive = one_of("small", "Deployment/lag"), one_of("small", "Deployment/archive")
    (to,) = (
        mount for one in containers(archive) for mount in one["volumeMounts"] if mount["name"] == "archive"
    )
    (measured,) = containers(lag)
    assert measured["args"][-2:] == ["--archive", to["mountPath"]]
    assert {**to, "readOnly": True} in measured["volumeMounts"]
    assert [one for one in pod(archive)["volumes"] if one["name"] == "archive"] == [
        one for one in pod(lag)["volumes"] if one["name"] == "archive"
    ]
