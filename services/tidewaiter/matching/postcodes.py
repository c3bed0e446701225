"""Which US state a ZIP code lies in, by its first three digits (USPS Labeling List L002, facts)."""

import re

# A few areas serve two states, so a ZIP code may lie in more than one.
_AREAS = """
AL 350-369; AK 995-999; AZ 850-865; AR 716-729; CA 900-961; CO 800-816; CT 060-069; DE 197-199;
DC 200 202-205 569; FL 320-339 341-342 344 346-347 349; GA 300-319 398-399; HI 967-968; ID 832-838;
IL 600-629; IN 460-479; IA 500-528; KS 660-679; KY 400-427; LA 700-714; ME 039-049; MD 206-219;
MA 010-027 055; MI 480-499; MN 550-567; MS 386-397; MO 630-658; MT 590-599; NE 680-693; NV 889-898;
NH 030-038; NJ 070-089; NM 870-884; NY 005 063 100-149; NC 270-289; ND 567 580-588; OH 430-459;
OK 730-732 734-749; OR 970-979; PA 150-196; PR 006-007 009; VI 008; RI 028-029; SC 290-299; SD 570-577;
TN 370-385; TX 733 750-799 885; UT 840-847; VT 050-054 056-059; VA 201 220-246; WA 980-994; WV 247-268;
WI 530-549; WY 820-831 834; GU 969; AS 967; MP 969; AA 340; AE 090-098; AP 962-966;
FM 969; MH 969; PW 969; KY 456; NM 797; WI 499; WY 599; TN 420; MO 516; GA 373
"""
_ZIP = re.compile(r"(\d{5})(?:[- ]?\d{4})?")


def _table() -> dict[str, frozenset[str]]:
    states: dict[str, set[str]] = {}
    for area in _AREAS.replace("\n", " ").split(";"):
        state, *spans = area.split()
        for span in spans:
            first, _, last = span.partition("-")
            for number in range(int(first), int(last or first) + 1):
                states.setdefault(f"{number:03d}", set()).add(state)
    return {prefix: frozenset(names) for prefix, names in states.items()}


_STATES = _table()


def us_states_of_zip(zip_code: str) -> frozenset[str]:
    """The USPS codes of the states that a ZIP or ZIP+4 may lie in; empty for what is no ZIP code."""
    match = _ZIP.fullmatch(zip_code.strip())
    return _STATES.get(match[1][:3], frozenset()) if match else frozenset()
