"""Which attempt of a record it is: `shopstream dlq replay` puts records back, and counts.

The count comes in a Kafka header, and travels within the job as a mark on the topic's name,
`inventory.events#2`: what was never put back, which is nearly all, carries nothing more, and the
records that state holds stay what they were. No topic's name has a # of its own.
"""

from connectors.topics import TOPICS

ATTEMPT_HEADER = "shopstream-attempt"
MARK = "#"


def marked_in_sql(topic: str, headers: str) -> str:
    """An SQL expression: the column `topic` with its mark, by the column `headers`."""
    attempt = f"{headers}['{ATTEMPT_HEADER}']"
    return (
        f"CASE WHEN {attempt} IS NULL THEN {topic} "
        f"ELSE {topic} || '{MARK}' || DECODE({attempt}, 'UTF-8') END"
    )


def parted(marked: str) -> tuple[str, int]:
    """The topic's name, and the attempt; the first where nothing else is said in digits."""
    topic, _, attempt = marked.partition(MARK)
    if topic not in TOPICS:
        return marked, 1
    return topic, int(attempt) if attempt.isdecimal() and len(attempt) < 7 else 1
