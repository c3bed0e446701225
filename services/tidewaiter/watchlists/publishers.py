"""Where the lists are published officially."""

from collections.abc import Mapping
from typing import Final

_OFAC: Final = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/"
_TRADE_GOV: Final = "https://data.trade.gov/downloadable_consolidated_screening_list/v1/"

Addresses = Mapping[str, Mapping[str, str]]

OFFICIAL: Final[Addresses] = {
    "ofac-sdn": {
        "sdn.csv": _OFAC + "SDN.CSV",
        "alt.csv": _OFAC + "ALT.CSV",
        "add.csv": _OFAC + "ADD.CSV",
        "sdn_comments.csv": _OFAC + "SDN_COMMENTS.CSV",
    },
    "ofac-cons": {
        "cons_prim.csv": _OFAC + "CONS_PRIM.CSV",
        "cons_alt.csv": _OFAC + "CONS_ALT.CSV",
        "cons_add.csv": _OFAC + "CONS_ADD.CSV",
        "cons_comments.csv": _OFAC + "CONS_COMMENTS.CSV",
    },
    "un-sc": {"consolidated.xml": "https://scsanctions.un.org/resources/xml/en/consolidated.xml"},
    "csl": {"consolidated.csv": _TRADE_GOV + "consolidated.csv"},
    "bis-dpl": {"dpl.txt": "https://www.bis.doc.gov/dpl/dpl.txt"},
}
"""Source → file → address. The files of one source are read together. UFLPA has no machine-readable form."""


class SourceUnknown(LookupError):
    """A source that nobody publishes here. Its text is one line."""


def addresses_of(sources: tuple[str, ...], own: Addresses) -> Addresses:
    """The files of each source asked for, of all when none is; ``own`` replaces or adds whole sources.

    Raises SourceUnknown for another name.
    """
    known = {**OFFICIAL, **own}
    unknown = [source for source in sources if source not in known]
    if unknown:
        raise SourceUnknown(f"source: {unknown[0][:40]!r}, expected one of {', '.join(sorted(known))}")
    return {source: known[source] for source in sources or tuple(known)}
