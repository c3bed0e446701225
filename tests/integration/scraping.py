"""A Prometheus with our rules that scrapes a test's processes every second."""

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.integration.test_prometheus_alerts import PROMETHEUS
from tidewaiter.local.server import Launch, Server, free_port
from tidewaiter.telemetry.catalogue import Metric


class Scraping:
    """``ports`` are those of each job, on this machine."""

    def __init__(self, directory: Path, ports: Mapping[str, Sequence[int]]) -> None:
        self._port = free_port()
        configuration = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
        configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        configuration["rule_files"] = [str(PROMETHEUS / name) for name in configuration["rule_files"]]
        configuration.pop("alerting")
        configuration["scrape_configs"] = [
            {"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}" for port in of_job]}]}
            for job, of_job in ports.items()
        ]
        (directory / "prometheus.yml").write_text(yaml.safe_dump(configuration))
        command = (
            "prometheus",
            f"--config.file={directory}/prometheus.yml",
            f"--storage.tsdb.path={directory}/tsdb",
            f"--web.listen-address=127.0.0.1:{self._port}",
            "--enable-feature=exemplar-storage",
        )
        self.server = Server(Launch("prometheus", command, directory, self._is_ready))
        self.server.wait_until_it_answers(30)

    def value(self, query: str) -> list[Any]:
        """The series that answer a query now. Raises urllib.error.HTTPError when it is none."""
        found: list[Any] = self._asked("/api/v1/query", query=query)["result"]
        return found

    def values(self, query: str, start: float, end: float) -> list[Any]:
        """The series that answer a query at each second of a time, which may reach into the future."""
        found: list[Any] = self._asked("/api/v1/query_range", query=query, start=start, end=end, step=1)[
            "result"
        ]
        return found

    def missing(self, metrics: Iterable[Metric]) -> list[str]:
        """Those that have not arrived."""
        names = (one.name + ("_count" if one.kind == "histogram" else "") for one in metrics)
        return [name for name in names if not self.value(name)]

    def exemplars(self, query: str) -> list[Any]:
        now = time.time()
        found: list[Any] = self._asked("/api/v1/query_exemplars", query=query, start=now - 600, end=now)
        return found

    def rules(self) -> list[dict[str, Any]]:
        """Each rule with its state and health."""
        (group_of_alerts, group_of_records) = self._asked("/api/v1/rules")["groups"]
        found: list[dict[str, Any]] = group_of_alerts["rules"] + group_of_records["rules"]
        return found

    def _asked(self, path: str, **parameters: str | float) -> Any:
        address = f"http://127.0.0.1:{self._port}{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)["data"]

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/-/ready", timeout=1):
                return True
        except OSError:
            return False
