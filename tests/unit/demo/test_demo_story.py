"""What a demo has to show: a price that rises, a promotion, a cart; seen, told, or failed."""

from types import SimpleNamespace

import pytest
from rich.console import Console
from support.story_log import StoryLog, whole_story

import jobs
from deploy.audit.fraud import quality
from deploy.audit.verdict import Check, Verdict
from deploy.demo import demo
from deploy.demo.demo import Findings
from deploy.demo.live import TOPICS, LiveView
from deploy.demo.story import Story
from deploy.simulate.sending import Tally


def watched(log: StoryLog) -> LiveView:
    view = LiveView()
    for entry in log.entries:
        view.take(entry)
    return view


def story(log: StoryLog, surging: str | None = "vase") -> Story:
    view = watched(log)
    return Story(view.prices, view.messages, surging)


def without(topic: str) -> StoryLog:
    log = whole_story()
    log.entries = [entry for entry in log.entries if entry.topic != topic]
    return log


def found(log: StoryLog, surging: str = "vase") -> Findings:
    verdicts = [Verdict("pricing", [Check("sums")])]
    return Findings(Tally(surging=surging), watched(log), verdicts, quality([], {}), 75.0)


def test_what_the_story_is_made_of_is_read():
    assert {entry.topic for entry in whole_story().entries} <= set(TOPICS)
    assert "engagement.responses" in TOPICS


def test_all_three_are_told_in_plain_lines():
    assert story(whole_story()).lines() == [
        "price of vase rose from 35.40 to 38.94 EUR because demand surged",
        "promotion p1 of lamp started 15:06:55.000, ended 15:07:10.000",
        "carts recovered after a message: 1",
    ]
    assert story(whole_story()).verdict().ok


@pytest.mark.parametrize(
    ("topic", "missed"),
    [
        ("pricing.changes", [0, 1]),
        ("engagement.triggers", [2]),
        ("clickstream.events", [2]),
    ],
)
def test_what_was_not_seen_fails(topic, missed):
    checks = story(without(topic)).verdict().checks
    assert [number for number, check in enumerate(checks) if not check.ok] == missed


def test_nothing_seen_is_told_as_that():
    assert story(StoryLog()).lines() == [
        "no price was seen to rise with demand",
        "no promotion was seen to start and end",
        "carts recovered after a message: 0",
    ]


def test_the_price_that_has_to_rise_is_that_of_the_sku_in_demand():
    assert story(whole_story(), None).verdict().ok
    assert not story(whole_story(), "pan").verdict().ok


def test_many_promotions_are_told_by_the_first_few():
    log = StoryLog()
    for sku in ("a", "b", "c", "d", "e"):
        log.changed(sku, 100, 90, "PROMOTION_STARTED", at_s=1, holding=["p"])
        log.changed(sku, 90, 100, "PROMOTION_ENDED", at_s=2)
    assert story(log).lines()[4] == "and 2 more promotions of a sku"


def test_the_findings_have_the_story_and_fail_with_it():
    told = found(whole_story()).as_dict()
    assert told["ok"]
    assert told["verdicts"]["demo"]["ok"]
    assert [one["new"] for one in told["prices"]["surge"]] == [3717, 3894]
    (promotion,) = told["promotions"]
    assert (promotion["promotion_id"], promotion["sku"]) == ("p1", "lamp")
    assert promotion["ended_at"] - promotion["started_at"] == 15_000
    assert told["engagement"]["carts_recovered"] == 1
    failed = found(StoryLog()).as_dict()
    assert not failed["ok"]
    assert failed["verdicts"]["pricing"]["ok"]
    assert not failed["verdicts"]["demo"]["ok"]


def test_the_line_tells_of_prices_and_messages():
    line = watched(whole_story()).line(3.0)
    assert "5 price changes, 1 promotions over, 1 messages, 1 carts recovered" in line


class Cluster:
    """Has `running` jobs; notes what is done to it."""

    def __init__(self, running: list[str], done: list[tuple[str, str]]) -> None:
        self._running = running
        self._done = done

    def jobs(self):
        return [SimpleNamespace(name=name) for name in self._running]

    def submit(self, names):
        self._done.extend(("submit", name) for name in names)

    def wait_until_deciding(self, name):
        self._done.append(("wait", name))


@pytest.fixture
def submitted(monkeypatch):
    """Submits what does not run; gives what was done, in order."""

    def submit(running: list[str]) -> list[tuple[str, str]]:
        done: list[tuple[str, str]] = []

        def publish(_bootstrap, _registry, sendings):
            done.extend(("publish", topic) for topic in {sending.topic for sending in sendings})

        monkeypatch.setattr(demo, "publish", publish)
        demo._submit(Cluster(running, done), "nowhere", None, Console(quiet=True))
        return done

    return submit


def test_a_job_has_its_hasty_policies_before_it_starts(submitted):
    done = submitted([])
    deciding = [name for name in jobs.names() if name != "cdc"]
    assert [name for what, name in done if what == "submit"] == deciding
    assert [name for what, name in done if what == "wait"] == deciding
    for name in ("engagement", "pricing"):
        assert done.index(("publish", f"{name}.policies")) < done.index(("submit", name))


def test_a_job_that_runs_keeps_its_policies(submitted):
    done = submitted(["engagement", "pricing"])
    assert "publish" not in {what for what, _ in done}
    assert ("submit", "pricing") not in done
    assert ("wait", "pricing") in done
