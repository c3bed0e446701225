"""Who stands in the records as the author of a load or a publication."""

import getpass


def logged_in() -> str:
    """Who runs this process, or "unknown"."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
