"""Buckets: which one a name belongs to, and the numbers that they are keyed by.

Flink spreads keys over subtasks by hash, which is fair to millions of keys but not to a handful: of
the buckets 0 to 3, two subtasks would get three and one. So buckets go by numbers chosen in such
a way that they share Flink's key groups evenly, wherever they are keyed.
"""

from functools import cache
from zlib import crc32

MAX_PARALLELISM = 128
"""Part of every keyed state's shape, like the number of buckets; Flink's own default."""

INT_BITS = 1 << 32
INT_MASK = INT_BITS - 1
ROW_HASH_OF_ZERO = 62  # Java's hash of a Row of one int n is this + n
SQL_SEED = 42


@cache
def bucket_numbers(buckets: int) -> tuple[int, ...]:
    """The smallest number for each of 1 to 128 buckets whose key groups are the bucket's share.

    Both of its key groups: Flink hashes the key of a DataStream and that of SQL differently.
    """
    found: dict[int, int] = {}
    number = 0
    while len(found) < buckets:
        share = _key_group(ROW_HASH_OF_ZERO + number) * buckets // MAX_PARALLELISM
        if share not in found and share == (
            _key_group(_sql_hash(number)) * buckets // MAX_PARALLELISM
        ):
            found[share] = number
        number += 1
    return tuple(found[share] for share in range(buckets))


def bucket_in_sql(key: str, buckets: int) -> str:
    """The bucket of the SQL expression `key`, a string, as an expression of SQL."""
    numbers = ", ".join(map(str, bucket_numbers(buckets)))
    return f"ARRAY[{numbers}][ABS(MOD(HASH_CODE({key}), {buckets})) + 1]"


def bucket_of(key: str, buckets: int) -> int:
    """The bucket of a Kafka key, as SQL finds it. HASH_CODE is Java's hash of a string."""
    code = 0
    for unit in memoryview(key.encode("utf-16-le")).cast("H"):
        code = (31 * code + unit) % INT_BITS
    return bucket_numbers(buckets)[min(code, INT_BITS - code) % buckets]


def link_bucket(name: str, buckets: int) -> int:
    """The bucket of a link, which SQL never sees."""
    return bucket_numbers(buckets)[crc32(name.encode()) % buckets]


def _key_group(java_hash: int) -> int:
    """The key group of a key by its Java hash: `KeyGroupRangeAssignment.assignToKeyGroup`."""
    code = _fmix(_mix_h(0, _mix_k(java_hash)) ^ 4)
    return min(code, INT_BITS - code) % MAX_PARALLELISM


def _sql_hash(number: int) -> int:
    """The hash of SQL's binary row of one int, which has a word of flags before it: MurmurHash3."""
    code = SQL_SEED
    for word in (0, 0, number, 0):
        code = _mix_h(code, _mix_k(word))
    return _fmix(code ^ 16)


def _mix_k(word: int) -> int:
    word = (word * 0xCC9E2D51) & INT_MASK
    return (_rotated(word, 15) * 0x1B873593) & INT_MASK


def _mix_h(code: int, word: int) -> int:
    return (_rotated(code ^ word, 13) * 5 + 0xE6546B64) & INT_MASK


def _fmix(code: int) -> int:
    code ^= code >> 16
    code = (code * 0x85EBCA6B) & INT_MASK
    code ^= code >> 13
    code = (code * 0xC2B2AE35) & INT_MASK
    return code ^ code >> 16


def _rotated(word: int, bits: int) -> int:
    return ((word << bits) | (word >> (32 - bits))) & INT_MASK
