"""`tidewaiter`: a thin face over the services and tools; each group of commands is one file."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from errno import EBADF, EDQUOT, ENOSPC
from functools import cache
from importlib import import_module
from io import TextIOWrapper
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_group

from tidewaiter.adapters.interpreter import uncollected
from tidewaiter.cli.failing import INTERRUPTED, REFUSED, in_words, say
from tidewaiter.telemetry.clients import silence_clients

# A command's module, and those that add to its group. A module has the function or `app` of its command.
_MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    "screen": ("screen",),
    "simulate": ("simulate",),
    "watchlists": ("watchlists", "watchlists_local", "watchlists_fetch"),
    "rules": ("rules", "rules_threshold"),
    "policy": ("policy",),
    "backup": ("backup",),
    "match": ("match", "match_identities"),
    "archive": ("archive",),
    "topics": ("topics",),
    "backtest": ("backtest",),
    "explain": ("explain",),
    "dlq": ("dlq",),
    "doctor": ("doctor",),
    "insight": ("insight",),
    "lag": ("lag",),
    "top": ("top",),
    "demo": ("demo",),
    "up": ("up",),
}


_TAKES_NO_MORE: Final = (ENOSPC, EDQUOT, EBADF)
_CUT_OFF: Final = 1


class Commands(TyperGroup):
    """The commands, each imported when it is asked for.

    All together take 1.1 s of processor time, `watchlists load` 0.4 s: the workers wait for it.
    """

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Click gives it
        """In the order of the table."""
        return list(_MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or None."""
        if cmd_name in _MODULES and cmd_name not in self.commands:
            self.add_command(_command(cmd_name))
        return super().get_command(ctx, cmd_name)


@cache
def _command(name: str) -> Any:
    """The command or group ``name`` as it stands in the whole."""
    with uncollected():
        first, *others = [import_module(f"{__name__}.{module}") for module in _MODULES[name]]
    whole = typer.Typer()
    if hasattr(first, "app"):
        for other in others:
            first.app.add_typer(other.app)
        whole.add_typer(first.app, name=name)
    else:
        whole.command(name)(getattr(first, name))
    return get_group(whole).commands[name]


app = typer.Typer(
    cls=Commands,
    help="Real-time screening of parcels: events in, HOLD or RELEASE out, exactly once, explained.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def _every_command() -> None:
    """What `typer` needs to see a group in an application without commands of its own."""


def main() -> None:
    """The entry point. Options and arguments that cannot be read end as all other bad input: in one line."""
    silence_clients()
    _complete_streams()
    code = 0
    try:
        code = app(standalone_mode=False)
        _flush()
    except TyperException as error:
        # Empty where no command was given: then the help was shown.
        say(error.format_message())
        code = error.exit_code
    except typer.Abort:
        code = INTERRUPTED
    except UnicodeEncodeError:
        found = next((one for one in sys.argv if not _is_text(one)), None)
        if found is None:
            raise
        say(f"{found!r}: found bytes that are no UTF-8, expected text")
        code = REFUSED
    except BrokenPipeError:
        # Whoever read has read enough; so ends Typer what it notices itself.
        code = _CUT_OFF
        _give_up_output()
    except OSError as error:
        takes_no_more = error.errno in _TAKES_NO_MORE
        if not takes_no_more and error.filename is None:
            raise  # of a file the line below says all that there is to say
        if code != REFUSED:  # else the command itself has said what is wrong
            say(in_words(error))
        code = REFUSED
        if takes_no_more:
            _give_up_output()
    sys.exit(code)


def _complete_streams() -> None:
    """See that there are all three, and that they take any text.

    A closed one would be the next file that is opened. What is written to a closed stdout fails as it would
    by itself; of what a terminal cannot show its number is shown.
    """
    for number, way in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, way)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _is_text(argument: str) -> bool:
    """Bytes on the command line that are no UTF-8 are surrogates, which a path may have and no text."""
    return not any("\ud800" <= sign <= "\udfff" for sign in argument)


def _flush() -> None:
    """What is left in the buffer now, while somebody can be told that it went nowhere."""
    sys.stdout.flush()


def _give_up_output() -> None:
    """The interpreter would try once more when it ends, and complain once more."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
