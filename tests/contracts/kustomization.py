"""deploy/k8s/ as the tests read it: what kustomize makes of a folder, for machines that have no kustomize.

It knows what our files use (resources, components, namespace, images, JSON patches by target) and refuses
anything else; a test compares it with the real one where that is installed.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonpatch
import yaml

Document = dict[str, Any]
_KNOWN = {"apiVersion", "kind", "namespace", "resources", "components", "images", "patches"}


def rendered(folder: Path) -> list[Document]:
    """The documents of a folder with a kustomization.yaml. AssertionError for what does not fit together."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert set(kustomization) <= _KNOWN, f"{folder}: {set(kustomization) - _KNOWN}"
    documents = [one for name in kustomization.get("resources", ()) for one in _resources(folder / name)]
    for name in kustomization.get("components", ()):
        documents = _changed(documents, folder / name)
    return _in_place(documents, kustomization, folder)


def containers(document: Document) -> Iterator[Document]:
    """The containers of a workload; none of anything else."""
    yield from pod(document).get("containers", ())


def pod(document: Document) -> Document:
    """What a workload says of its pods; empty for anything else."""
    spec = document.get("spec", {})
    template = spec.get("jobTemplate", {}).get("spec", spec).get("template", {})
    return dict(template.get("spec", {}))


def pod_labels(document: Document) -> Mapping[str, str]:
    spec = document.get("spec", {})
    template = spec.get("jobTemplate", {}).get("spec", spec).get("template", {})
    return dict(template.get("metadata", {}).get("labels", {}))


def _resources(path: Path) -> list[Document]:
    if path.is_dir():
        return rendered(path)
    return [one for one in yaml.safe_load_all(path.read_text()) if one is not None]


def _changed(documents: list[Document], component: Path) -> list[Document]:
    """What a component makes of what there is."""
    kustomization = yaml.safe_load((component / "kustomization.yaml").read_text())
    assert kustomization["kind"] == "Component", component
    added = [one for name in kustomization.get("resources", ()) for one in _resources(component / name)]
    return _in_place([*documents, *added], kustomization, component)


def _in_place(documents: list[Document], kustomization: Document, folder: Path) -> list[Document]:
    documents = deepcopy(documents)
    for patch in kustomization.get("patches", ()):
        documents = _patched(documents, patch, folder)
    for document in documents:
        if "namespace" in kustomization and document["kind"] != "Namespace":
            document["metadata"]["namespace"] = kustomization["namespace"]
        for image in kustomization.get("images", ()):
            _tag(document, image)
    return documents


def _patched(documents: list[Document], patch: Document, folder: Path) -> list[Document]:
    text = patch["patch"] if "patch" in patch else (folder / patch["path"]).read_text()
    operations = jsonpatch.JsonPatch(yaml.safe_load(text))
    is_meant = [_is_target(patch["target"], one) for one in documents]
    assert any(is_meant), f"{folder}: nothing is {patch['target']}"
    pairs = zip(documents, is_meant, strict=True)
    return [operations.apply(one) if meant else one for one, meant in pairs]


def _is_target(target: Mapping[str, str], document: Document) -> bool:
    assert set(target) <= {"kind", "name"}, target
    found = {"kind": document["kind"], "name": document["metadata"]["name"]}
    return all(re.fullmatch(pattern, found[field]) for field, pattern in target.items())


def _tag(document: Document, image: Mapping[str, str]) -> None:
    for container in containers(document):
        if container["image"].partition(":")[0] == image["name"]:
            container["image"] = f"{image.get('newName', image['name'])}:{image['newTag']}"
