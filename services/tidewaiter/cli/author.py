"""Who stands in the records as the author of a load or a publication."""

import getpass


def author(by: str = "") -> str:
    """``by``, else who runs this process, or "unknown"."""
    if by:
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
