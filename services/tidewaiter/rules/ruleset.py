"""Rule bundles: a directory of YAML that an analyst writes, compiled once into one Python function.

A bundle is a directory::

    ruleset.yaml            name, title, limits, sets, score bands
    <family>.yaml           the rules of one family (watchlist, narcotics, ...)
    wordlists/<name>.yaml   the word lists, see ``rules.wordlists``

``ruleset.yaml``::

    name: default
    title: The rules in force at every port
    limits:                     # numbers that rules refer to as limits.NAME
      many_names_week: 8
    sets:                       # lists of strings that rules refer to as sets.NAME
      drug_headings: ["293333", "293334"]
    bands:                      # by rising "from"; the score of a parcel is the sum of the weights that fired
      - {name: low, from: 0}
      - {name: watch, from: 40}
      - {name: high, from: 70, holds: true, severity: MEDIUM, removable_by: OFFICER}

``<family>.yaml``::

    family: narcotics
    rules:
      - id: N03
        title: Declared HS in a drug or precursor heading
        rationale: Fentanyl and its precursors have headings of their own; no low-value parcel declares them
        source: domain.md S12; HTS 2025-04 2933.33-2933.37
        when: items.exists(i, i.hts6 in sets.drug_headings)
        action: {hold: NAR-HS, severity: HIGH, removable_by: OFFICER, disposition: "1A"}
        mode: enforce                       # or shadow: evaluated and reported, never holds
        effective: {from: 2026-01-01}       # "from" inclusive, "to" exclusive; both optional
        cases:
          - {name: ANPP heading, fires: true, facts: {items: [{hts6: "293336"}]}}
          - {name: cotton shirt, fires: false, facts: {items: [{hts6: "610910"}]}}

``when`` is a CEL expression of type bool over the facts catalogue (``tidewaiter rules facts``).
``action`` is either of

* ``{hold: CODE, severity: LOW|MEDIUM|HIGH|CRITICAL, removable_by: WHO, disposition: CODE}``
* ``{score: CODE, weight: 1..100}``; with ``holds_when: EXPRESSION`` (and severity, removable_by,
  disposition) it also holds under CODE when that is true on top of ``when``.

A case starts from the facts of an ordinary parcel and changes those named under ``facts`` (dotted
names; a map inside a list may give only some keys), sets those under ``unknown: [name, ...]`` to
unavailable, and says in ``fires`` what must come out: ``true``, ``false`` or ``unknown``. ``holds``
(optional) says whether ``holds_when`` must be true; ``on`` (optional) is the entry date. With
``parcel: {...}`` in place of ``facts`` the overrides are those of an ordinary parcel event, and the
facts are worked out from it as on the stream.
"""
