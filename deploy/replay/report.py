"""A replay's findings as a person reads them."""

from collections.abc import Iterator

from rich.table import Table

from deploy.moments import shown
from deploy.replay.diff import Difference, TopicDiff
from deploy.replay.run import Replayed
from deploy.timeline.telling import worded

EXAMPLES = 5


def table(found: Replayed) -> Table:
    """A row a topic."""
    interval = f"{shown(found.plan.since)} to {shown(found.plan.until)} UTC"
    shape = Table("topic", title=f"{found.plan.job}, {interval}", title_justify="left")
    for column in ("then", "now", "equal", "different", "missing", "added"):
        shape.add_column(column, justify="right")
    for diff in found.topics:
        counts = (
            diff.then,
            diff.now,
            diff.equal,
            len(diff.different),
            len(diff.missing),
            len(diff.added),
        )
        shape.add_row(diff.topic, *(f"{count:,}" for count in counts))
    return shape


def lines(found: Replayed) -> Iterator[str]:
    """What changed from what to what, a few examples, and the notes."""
    for diff in found.topics:
        for name, changes in diff.changes().items():
            for (then, now), count in changes.most_common():
                yield f"{diff.topic}: {name} turned from {then} to {now} {count:,} times"
        yield from _examples(diff)
        if diff.others:
            yield (
                f"note {diff.topic}: others write to it as well; {diff.others:,} records without a "
                "counterpart are taken for theirs"
            )
    for note in found.notes:
        yield f"note {note}"
    rate = found.inputs / found.seconds if found.seconds else 0.0
    yield (
        f"{found.inputs:,} inputs in {found.seconds:.1f} s ({rate:,.0f}/s), "
        f"{found.differences:,} differences"
    )


def _examples(diff: TopicDiff) -> Iterator[str]:
    for one in diff.different[:EXAMPLES]:
        yield f"  {diff.topic} {one.event_id}: {_told(one)}"
    for record in diff.missing[:EXAMPLES]:
        yield f"  {diff.topic} {record['event_id']}: was put out then, is not now"
    for record in diff.added[:EXAMPLES]:
        yield f"  {diff.topic} {record['event_id']}: is put out now, was not then"


def _told(one: Difference) -> str:
    return "; ".join(
        f"{name} was {worded(name, then, one.then)}, is {worded(name, now, one.now)}"
        for name, (then, now) in one.fields.items()
    )
