"""Which partition a key is in."""

import pytest

from connectors.partitioning import murmur2, partition_of


@pytest.mark.parametrize(
    ("key", "code"),
    [  # of Kafka's own test, org.apache.kafka.common.utils.UtilsTest
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_a_key_has_the_hash_that_kafka_gives_it(key: bytes, code: int):
    assert murmur2(key) == code % (1 << 32)


def test_a_partition_is_one_of_those_that_there_are():
    assert {partition_of(f"customer-{n}", 4) for n in range(100)} == {0, 1, 2, 3}
