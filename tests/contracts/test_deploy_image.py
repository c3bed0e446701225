"""The Dockerfile: what it copies is there and is all that the program needs to run from it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.composition import ROOT, services

DOCKERFILE = (ROOT / "deploy/docker/Dockerfile").read_text()
COPIES = re.findall(r"^COPY (?!--from)(?:--\S+ )?(\S+) (\S+)$", DOCKERFILE, re.MULTILINE)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the image as a folder; its Python and packages are those of this test."""
    root = tmp_path_factory.mktemp("image")
    for source, target in COPIES:
        place = root / target.removeprefix("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, place)
    return root


def run(image: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(image / "app/services")}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, cwd=image, capture_output=True, text=True, timeout=120)


def test_the_program_runs_from_what_is_copied_alone(image: Path) -> None:
    located = run(image, "-c", "import tidewaiter; print(tidewaiter.__file__)")
    assert located.stdout.startswith(str(image))
    checked = run(image, "-m", "tidewaiter", "rules", "check", "--parcels", "200", "--json")
    assert (checked.returncode, checked.stderr) == (0, "")
    for name in ("schemas_directory", "policy_directory", "topics_file"):
        found = run(image, "-c", f"from tidewaiter.resources import {name}; print({name}())")
        assert found.stdout.startswith(str(image)), name


def test_what_is_copied_is_let_through_to_the_builder() -> None:
    ignored = (ROOT / "deploy/docker/Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == {source for source, _ in COPIES}


def test_packages_come_from_the_lock_with_their_hashes() -> None:
    installs = re.findall(r"pip install (.+)$", DOCKERFILE, re.MULTILINE)
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    lock = (ROOT / "deploy/locks/runtime.txt").read_text()
    names = re.findall(r"^[a-z0-9][^ ]*==\S+ \\\n    --hash=sha256:", lock, re.MULTILINE)
    assert len(names) == len(re.findall(r"^[a-zA-Z0-9]", lock, re.MULTILINE)) > 20


def test_the_image_runs_as_the_user_that_the_composition_names() -> None:
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)
    assert len(users) == 1
    assert {one.settings["user"] for one in services() if one.is_ours} == set(users)


def test_base_images_are_pinned() -> None:
    bases = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", bases.pop())


def test_folders_that_volumes_cover_exist_in_the_image_for_its_user() -> None:
    targets = {
        volume.split(":")[1]
        for one in services()
        if one.is_ours
        for volume in one.settings.get("volumes", ())
    }
    assert targets
    made = re.search(r"install -d -o 10001 -g 10001 (.+)$", DOCKERFILE, re.MULTILINE)
    assert made is not None
    assert targets <= set(made[1].split())
