"""Which partition a key belongs to, as the Java clients and librdkafka's murmur2_random choose it."""

from functools import lru_cache
from struct import Struct

_MULTIPLIER = 0x5BD1E995
_SEED = 0x9747B28C
_MASK = 0xFFFFFFFF


def partition_for(key: bytes, partitions: int) -> int:
    """The partition of a key among so many (at least 1).

    Source: the default partitioner of Apache Kafka's clients, murmur2 with its sign bit cut off.
    """
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """The 32-bit MurmurHash2 (Austin Appleby) with Kafka's seed, unsigned."""
    state = _SEED ^ len(data)
    whole = len(data) & ~3
    for word in _words(whole >> 2).unpack_from(data):
        word = word * _MULTIPLIER & _MASK
        state = (state * _MULTIPLIER & _MASK) ^ ((word ^ word >> 24) * _MULTIPLIER & _MASK)
    if whole < len(data):
        state = (state ^ int.from_bytes(data[whole:], "little")) * _MULTIPLIER & _MASK
    state = (state ^ state >> 13) * _MULTIPLIER & _MASK
    return state ^ state >> 15


@lru_cache(64)
def _words(count: int) -> Struct:
    return Struct(f"<{count}I")
