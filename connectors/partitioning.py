"""Which partition a key is in: what Java's producers, Flink's sink and our own agree on."""

_SEED = 0x9747B28C
_FACTOR = 0x5BD1E995
_MASK = 0xFFFFFFFF


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key in a topic of so many: murmur2 of its UTF-8, without the sign."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def murmur2(key: bytes) -> int:
    """MurmurHash2 as in `org.apache.kafka.common.utils.Utils`, as an unsigned 32-bit number."""
    length = len(key)
    code = _SEED ^ length
    whole = length & ~3
    for at in range(0, whole, 4):
        part = int.from_bytes(key[at : at + 4], "little") * _FACTOR & _MASK
        part = (part ^ part >> 24) * _FACTOR & _MASK
        code = (code * _FACTOR & _MASK) ^ part
    if rest := key[whole:]:
        code = (code ^ int.from_bytes(rest, "little")) * _FACTOR & _MASK
    code = (code ^ code >> 13) * _FACTOR & _MASK
    return code ^ code >> 15
