"""The page of settings, from their class: ``python -m tidewaiter.cli.settings_page > docs/settings.md``."""

import ast
import inspect
import json
import sys
from collections.abc import Mapping
from typing import Any, Final

from tidewaiter.settings import PREFIX, Settings

_HEAD = f"""# Settings
What every service and command reads. A setting is looked for in the environment under its name here, then in
the TOML file that `{PREFIX}CONFIG` names, then among the files in the folder that `{PREFIX}SECRETS_DIR`
names (both there in small letters and without `{PREFIX}`: `redis_url`). A wrong or misspelt one ends the
command with exit code 2 and one line that names it. Made from `services/tidewaiter/settings.py` by
`python -m tidewaiter.cli.settings_page`.

| setting | default | expected | meaning |
|---|---|---|---|
"""
# What JSON Schema calls it, and how it is said.
_LIMITS: Final[Mapping[str, str]] = {
    "exclusiveMinimum": "above {}",
    "minimum": "{} or more",
    "maximum": "at most {}",
    "minLength": "{} characters or more",
}
_TYPES: Final[Mapping[str, str]] = {"string": "text", "object": "JSON object"}


def page() -> str:
    """The page in Markdown, a line a setting in the order of the class."""
    meanings = _meanings()
    described = Settings.model_json_schema()["properties"]
    return _HEAD + "".join(_row(name, field, meanings[name]) for name, field in described.items())


def _meanings() -> Mapping[str, str]:
    """What stands below each setting. Pydantic could read it, too, but would at every start of a command."""
    (defined,) = ast.parse(inspect.getsource(Settings)).body
    assert isinstance(defined, ast.ClassDef)
    meanings: dict[str, str] = {}
    for field, below in zip(defined.body, defined.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            assert isinstance(below, ast.Expr)
            meanings[field.target.id] = " ".join(str(ast.literal_eval(below.value)).split())
    return meanings


def _row(name: str, field: Mapping[str, Any], meaning: str) -> str:
    default = "not shown" if field.get("writeOnly") else f"`{_as_written(field['default'])}`"
    limits = [said.format(field[limit]) for limit, said in _LIMITS.items() if limit in field]
    kind = _TYPES.get(field["type"], field["type"])
    return f"| `{PREFIX}{name.upper()}` | {default} | {', '.join((kind, *limits))} | {meaning} |\n"


def _as_written(default: object) -> str:
    return default if isinstance(default, str) else json.dumps(default)


if __name__ == "__main__":
    sys.stdout.write(page())
