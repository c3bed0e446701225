"""`tidewaiter` and `python -m tidewaiter`: to interrupt a command before it has begun is no error."""

import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the command line. Reading its modules in takes most of a second, in which Ctrl-C is no error."""
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _run() -> None:
    from tidewaiter.adapters.interpreter import leave_to_the_system, uncollected

    try:
        with uncollected():
            from tidewaiter.cli import main as typed

        typed()
    finally:
        leave_to_the_system()


if __name__ == "__main__":
    main()
