"""Which records of a table are the same person: blocking, comparison, weights from the data, clusters."""

from collections.abc import Sequence

from tidewaiter.matching.linkage.blocking import candidate_pairs
from tidewaiter.matching.linkage.clustering import clusters
from tidewaiter.matching.linkage.records import PersonRecord
from tidewaiter.matching.linkage.weights import log_odds

__all__ = ["PersonRecord", "identities"]


def identities(records: Sequence[PersonRecord]) -> tuple[tuple[int, ...], ...]:
    """Groups of places in ``records`` that are one person, each ascending, singles included.

    Fellegi and Sunter's model: how often fields agree by chance is counted in the records themselves, how
    often they agree for one person is estimated from the candidate pairs (EM). Nothing is fitted beforehand.
    Time grows with the number of candidate pairs, which blocking bounds at a fixed number a record.
    """
    pairs = candidate_pairs(records)
    return clusters(len(records), pairs, log_odds(records, pairs))
