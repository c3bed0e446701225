"""`tidewaiter` and `python -m tidewaiter`: to interrupt a command before it has begun is no error."""

import sys

from tidewaiter.adapters.interpreter import leave_to_the_system, uncollected

_INTERRUPTED = 130


def main() -> None:
    """Run the command line. Reading its modules in takes most of a second, in which Ctrl-C is no error."""
    try:
        with uncollected():
            from tidewaiter.cli import main as typed

        typed()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    finally:
        leave_to_the_system()


if __name__ == "__main__":
    main()
