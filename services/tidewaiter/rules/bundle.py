"""The files of a ruleset as one value: read from a directory, named by their hash, carried as bytes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tidewaiter.rules.errors import Place, RuleError

MAIN = "ruleset.yaml"
WORD_LISTS = "wordlists/"
_SUFFIXES = frozenset((".yaml", ".yml"))


@dataclass(frozen=True, slots=True)
class Bundle:
    """The text of each file by its path in the bundle, with "/" between parts."""

    files: Mapping[str, str]

    @classmethod
    def of_directory(cls, directory: Path) -> "Bundle":
        """The YAML files of ``directory`` and of its ``wordlists``. Raises RuleError if it is no bundle."""
        if not (directory / MAIN).is_file():
            raise RuleError(f"no {MAIN} in this directory", Place(str(directory)))
        paths = sorted(path for path in directory.rglob("*") if path.suffix in _SUFFIXES)
        named = {path.relative_to(directory).as_posix(): path for path in paths}
        return cls({name: _text(path, name) for name, path in named.items() if not _is_hidden(name)})

    @classmethod
    def from_bytes(cls, content: bytes) -> "Bundle":
        """The bundle that ``to_bytes`` wrote. Raises RuleError if the bytes are none."""
        try:
            files = json.loads(content)
        except ValueError as error:
            raise RuleError(f"not a rule bundle: {error}", Place("bundle")) from None
        is_texts = isinstance(files, dict) and all(isinstance(text, str) for text in files.values())
        if not is_texts or MAIN not in files:
            raise RuleError(
                f"not a rule bundle: expected texts by file name, {MAIN} among them", Place("bundle")
            )
        return cls(dict(sorted(files.items())))

    def to_bytes(self) -> bytes:
        """Canonical JSON: the same files give the same bytes on any machine."""
        return json.dumps(
            dict(self.files), sort_keys=True, ensure_ascii=False, separators=(",", ":")
        ).encode()

    @property
    def version(self) -> str:
        """The first 12 hex digits of the SHA-256 of the content."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:12]

    @property
    def families(self) -> Mapping[str, str]:
        """The rule files, in the order of their names, which is the order of the rules."""
        names = sorted(name for name in self.files if "/" not in name and name != MAIN)
        return {name: self.files[name] for name in names}

    @property
    def word_lists(self) -> Mapping[str, str]:
        return {name: text for name, text in self.files.items() if name.startswith(WORD_LISTS)}


def _is_hidden(name: str) -> bool:
    """Whether it is an editor's or a mount's own: a mounted ConfigMap has its files in ``..data``, too."""
    return any(part.startswith(".") for part in name.split("/"))


def _text(path: Path, name: str) -> str:
    """What is left out would be rules that nobody misses: a file that looks like one is read, or refused."""
    if path.suffix != ".yaml" or "/" in name.removeprefix(WORD_LISTS) or not path.is_file():
        raise RuleError(f"not a file of a bundle: expected NAME.yaml or {WORD_LISTS}NAME.yaml", Place(name))
    try:
        return path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise RuleError(f"not UTF-8 at byte {error.start}", Place(path.name)) from None
