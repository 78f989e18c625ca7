"""The cases: adding one here runs it on the harness and on a real Flink."""

from flinkharness import MAX_TIME, MIN_TIME
from harness.conformance import keyed, two_inputs, unkeyed
from harness.conformance.case import Arrival, Case

_NO_TIMERS = "Register timers is only supported on a keyed stream."

CASES = (
    Case(
        "event-time timers fire in the order of their times, once each, unless deleted",
        keyed.Alarm,
        (
            Arrival("+30 +10 +20 +10 +40 -40", at=1, watermark=5),
            Arrival("", at=2, watermark=25),
            Arrival("", at=3),
        ),
        (
            f"('element', 0, 1, {MIN_TIME})",
            "('element', 0, 2, 5)",
            "('timer', 0, 10, 10, 25, 'EVENT_TIME')",
            "('timer', 0, 20, 20, 25, 'EVENT_TIME')",
            "('element', 0, 3, 25)",
            f"('timer', 0, 30, 30, {MAX_TIME}, 'EVENT_TIME')",
        ),
    ),
    Case(
        "a timer behind the watermark waits for the next watermark, one due while firing does not",
        keyed.Alarm,
        (
            Arrival("+50", at=1, watermark=49),
            Arrival("+10", at=2),
            Arrival("", at=3, watermark=49),
            Arrival("", at=4, watermark=60),
            Arrival("", at=5),
        ),
        (
            f"('element', 0, 1, {MIN_TIME})",
            "('element', 0, 2, 49)",
            "('element', 0, 3, 49)",
            "('element', 0, 4, 49)",
            "('timer', 0, 10, 10, 60, 'EVENT_TIME')",
            "('timer', 0, 50, 50, 60, 'EVENT_TIME')",
            "('timer', 0, 55, 55, 60, 'EVENT_TIME')",
            "('element', 0, 5, 60)",
        ),
        not_in_process_mode="what is registered while firing is not due before the next bundle",
    ),
    Case(
        "a watermark that goes back is ignored",
        keyed.Alarm,
        (
            Arrival("+20", at=1, watermark=15),
            Arrival("", at=2, watermark=3),
            Arrival("", at=4, watermark=15),
            Arrival("", at=30, watermark=20),
        ),
        (
            f"('element', 0, 1, {MIN_TIME})",
            "('element', 0, 2, 15)",
            "('element', 0, 4, 15)",
            "('element', 0, 30, 15)",
            "('timer', 0, 20, 20, 20, 'EVENT_TIME')",
        ),
    ),
    Case(
        "timers of different keys fire by time, each under its own key",
        keyed.Alarm,
        (
            Arrival("+10 +30", at=1, key=1),
            Arrival("+20 +30 -10", at=1, key=2, watermark=25),
        ),
        (
            f"('element', 1, 1, {MIN_TIME})",
            f"('element', 2, 1, {MIN_TIME})",
            "('timer', 1, 10, 10, 25, 'EVENT_TIME')",
            "('timer', 2, 20, 20, 25, 'EVENT_TIME')",
            f"('timer', 1, 30, 30, {MAX_TIME}, 'EVENT_TIME')",
            f"('timer', 2, 30, 30, {MAX_TIME}, 'EVENT_TIME')",
        ),
        ordered=False,
    ),
    Case(
        "processing-time timers that are due fire by time after the element",
        keyed.Countdown,
        (Arrival("go", key=3),),
        (
            "('element', 3)",
            "('timer', 5, 5, 'PROCESSING_TIME')",
            "('timer', 6, 6, 'PROCESSING_TIME')",
            "('timer', 7, 7, 'PROCESSING_TIME')",
            "('timer', 10, 10, 'PROCESSING_TIME')",
        ),
        timed=False,
        bounded=False,
        not_in_process_mode="a timer registered while firing comes after those that are due",
    ),
    Case(
        "without timestamps an element has the smallest long for one",
        keyed.Alarm,
        (Arrival("+5"), Arrival("", key=1)),
        (
            f"('element', 0, {MIN_TIME}, {MIN_TIME})",
            f"('element', 1, {MIN_TIME}, {MIN_TIME})",
            f"('timer', 0, 5, 5, {MAX_TIME}, 'EVENT_TIME')",
        ),
        timed=False,
    ),
    Case(
        "value state is the key's own, and a copy of what was stored",
        keyed.Visits,
        (
            Arrival("a", at=1, key=1),
            Arrival("b", at=1, key=2),
            Arrival("c", at=1, key=1),
            Arrival("forget", at=1, key=1),
            Arrival("d", at=1, key=2),
        ),
        (
            "(1, ['a'], 1)",
            "(2, ['b'], 1)",
            "(1, ['a', 'c'], 2)",
            "(1, None, None)",
            "(2, ['b', 'd'], 2)",
        ),
        not_in_process_mode="the state cache keeps the object itself, so later changes reach it",
    ),
    Case(
        "map state answers for missing keys, and is empty when the last one is gone",
        keyed.Basket,
        (
            Arrival("get a", at=1),
            Arrival("put a", at=1),
            Arrival("put b", at=1),
            Arrival("remove b", at=1),
            Arrival("remove b", at=1),
            Arrival("get a", at=1, key=1),
            Arrival("clear a", at=1),
        ),
        (
            "('get', None, False, False, True, [], [], [])",
            "('put', {'a': 1}, True, True, False, ['a'], [\"{'a': 1}\"], ['a'])",
            "('put', {'b': 1}, True, True, False, ['a', 'b'], [\"{'a': 1}\", \"{'b': 1}\"], "
            "['a', 'b'])",
            "('remove', None, False, False, False, ['a'], [\"{'a': 1}\"], ['a'])",
            "('remove', None, False, False, False, ['a'], [\"{'a': 1}\"], ['a'])",
            "('get', None, False, False, True, [], [], [])",
            "('clear', None, False, False, True, [], [], [])",
        ),
    ),
    Case(
        "map state takes several at once",
        keyed.Basket,
        (Arrival("put_all b c", at=1),),
        (
            "('put_all', None, False, False, False, ['b', 'c'], [\"{'b': 2}\", \"{'c': 2}\"], "
            "['b', 'c'])",
        ),
        not_in_process_mode="put_all iterates over the keys and fails to unpack them",
    ),
    Case(
        "list state grows, is replaced and is cleared",
        keyed.Log,
        (
            Arrival("add a b", at=1),
            Arrival("add_all c d", at=1),
            Arrival("add e", at=1, key=1),
            Arrival("update z", at=1),
            Arrival("clear", at=1),
            Arrival("update", at=1, key=1),
        ),
        (
            "('add', ['a', 'b'], ['a', 'b'])",
            "('add_all', ['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd'])",
            "('add', ['e'], ['e'])",
            "('update', ['z'], ['z'])",
            "('clear', [], [])",
            "('update', [], [])",
        ),
    ),
    Case(
        "reducing and aggregating state are empty, merge, and are cleared",
        keyed.Statistics,
        (Arrival("abc", at=1), Arrival("a", at=1), Arrival("clear", at=1)),
        (
            "(None, None)",
            "('abc', 3.0)",
            "('abc', 3.0)",
            "('abc', 2.0)",
            "('abc', 2.0)",
            "(None, None)",
        ),
    ),
    Case(
        "side outputs leave an element and a timer of a keyed function",
        keyed.Sorter,
        (Arrival("early", at=10, watermark=20), Arrival("behind", at=5)),
        ("'early'",),
        side={"late": ("'behind'",), "woken": ("'at 11'", "'at 6'")},
    ),
    Case(
        "an unkeyed function sees times but registers no timers",
        unkeyed.Clocked,
        (Arrival("a", at=1, watermark=7), Arrival("b", at=8)),
        (f"('a', 1, {MIN_TIME}, '{_NO_TIMERS}')", f"('b', 8, 7, '{_NO_TIMERS}')"),
        keyed=False,
    ),
    Case(
        "results may be a list, or nothing at all",
        unkeyed.Listed,
        (Arrival("a", at=1), Arrival("nothing", at=1)),
        ("'a'", "'A'"),
        keyed=False,
    ),
    Case(
        "a map function is opened and has parameters and metrics",
        unkeyed.Shouted,
        (Arrival("a", at=1), Arrival("b", at=1)),
        ("'A! 2'", "'B! 4'"),
        keyed=False,
        not_in_process_mode="a counter starts again with every bundle",
    ),
    Case(
        "a flat map emits as many as it likes",
        unkeyed.Words,
        (Arrival("a b", at=1), Arrival("", at=1), Arrival("c", at=1)),
        ("'a'", "'b'", "'c'"),
        keyed=False,
    ),
    Case(
        "a timer of a keyed broadcast function waits for both watermarks and reads the rules",
        two_inputs.KeyedRules,
        (
            Arrival("a", at=100, key=1, watermark=150),
            Arrival("a=1", at=10, second=True),
            Arrival("b=2", at=20, second=True),
            Arrival("b", at=30, second=True, watermark=140),
            Arrival("c", at=200, key=2),
        ),
        (
            "('rule', 'a=1', 10, True)",
            "('rule', 'b=2', 20, True)",
            "('rule', 'b', 30, False)",
            "(1, 'a', 100, ['1'], 200, 'EVENT_TIME')",
            "([('a', ['1'])], False, True)",
            "(2, 'c', 200, None, 300, 'EVENT_TIME')",
            "([('a', ['1'])], False, True)",
        ),
        ordered=False,
    ),
    Case(
        "an unkeyed broadcast function keeps rules",
        two_inputs.UnkeyedRules,
        (Arrival("r", at=3, key=9, second=True), Arrival("e", at=4)),
        ("('rules', [('r', 9)], 3)", "('element', 'e', 4, True)"),
        keyed=False,
        ordered=False,
    ),
    Case(
        "two keyed inputs share state, and time is that of the slower",
        two_inputs.Joined,
        (
            Arrival("a", at=1, key=1, watermark=500),
            Arrival("b", at=2, key=2),
            Arrival("c", at=1, key=1, second=True, watermark=101),
        ),
        (
            "(1, 101, ['left a', 'right c'], True)",
            "(2, 102, ['left b'], True)",
        ),
    ),
    Case(
        "two unkeyed inputs meet in one function",
        two_inputs.Merged,
        (Arrival("a", at=1), Arrival("b", at=2, second=True)),
        ("('left', 'a', 1)", "('right', 'b', 2)"),
        keyed=False,
        ordered=False,
    ),
    Case(
        "values of every type come out as the JVM hands them on",
        unkeyed.Typed,
        (Arrival("", at=1),),
        (
            "Row(string='ünï😀', nothing=None, byte=-128, short=32767, int=-2147483648, "
            "long=9223372036854775807, float=1.100000023841858, double=1.1, boolean=True, "
            "decimal=Decimal('12.340'), bytes=b'\\x00\\xff', no_bytes=None, longs=(1, None), "
            "payloads=(b'a', b''), list=[1, 2], map={'a': 1}, tuple=(1, 'x'), row=Row(a=7), "
            "date=datetime.date(2026, 2, 28), time=datetime.time(1, 2, 3, 4000), "
            "timestamp=datetime.datetime(2026, 2, 28, 1, 2, 3, 456000), pickled={'a': {1}})",
        ),
        keyed=False,
        output_type=unkeyed.Typed.TYPE,
        not_in_process_mode="arrays are lists there",
    ),
)
