"""What was put back, by whom nothing is put back twice."""

from collections.abc import Iterable, Mapping

import msgspec

from connectors.settings import Settings
from deploy.letters.letters import Letter, read

LEDGER = "dlq.replays"


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """A record that was put back, as the schema of `dlq.replays` explains its fields."""

    event_id: str
    event_time: int
    record: str
    source_topic: str
    source_partition: int
    source_offset: int
    replayed_offset: int
    attempt: int

    @property
    def replayed_as(self) -> str:
        """Where the record stands now: topic/partition/offset."""
        return f"{self.source_topic}/{self.source_partition}/{self.replayed_offset}"


def replays(settings: Settings) -> dict[str, Replay]:
    """By where the records stood."""
    return {replay.record: replay for replay in read(LEDGER, Replay, settings)}


def lineage(record: str, known: Mapping[str, Replay]) -> list[str]:
    """The places at which a record has stood, oldest first, with `record` among them."""
    origins = {replay.replayed_as: replay.record for replay in known.values()}
    places = [record]
    while places[0] in origins:
        places.insert(0, origins[places[0]])
    while places[-1] in known:
        places.append(known[places[-1]].replayed_as)
    return places


def history(
    record: str, written: Iterable[Letter], known: Mapping[str, Replay]
) -> list[tuple[Letter, Replay | None]]:
    """All letters on a record, by the order of its attempts, each with the replay that followed."""
    places = lineage(record, known)
    about = [letter for letter in written if letter.record in places]
    about.sort(key=lambda letter: (places.index(letter.record), letter.job))
    return [(letter, known.get(letter.record)) for letter in about]
