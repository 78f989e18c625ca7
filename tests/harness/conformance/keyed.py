"""Functions of one keyed input, as users write them; nothing in here knows of the harness."""

from collections.abc import Iterator
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import (
    AggregateFunction,
    KeyedProcessFunction,
    OutputTag,
    ReduceFunction,
    RuntimeContext,
)
from pyflink.datastream.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    ValueStateDescriptor,
)

LATE = OutputTag("late", Types.STRING())
WOKEN = OutputTag("woken", Types.STRING())


class Alarm(KeyedProcessFunction):
    """Text such as "+30 +10 -10" registers and deletes event-time timers; a timer at 50 chains."""

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[Any]:
        timers = ctx.timer_service()
        for order in value.text.split():
            at = int(order[1:])
            if order[0] == "+":
                timers.register_event_time_timer(at)
            else:
                timers.delete_event_time_timer(at)
        yield ("element", value.key, ctx.timestamp(), timers.current_watermark())

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Any]:
        timers = ctx.timer_service()
        if timestamp == 50:
            timers.register_event_time_timer(55)
        yield (
            "timer",
            ctx.get_current_key(),
            timestamp,
            ctx.timestamp(),
            timers.current_watermark(),
            ctx.time_domain().name,
        )


class Countdown(KeyedProcessFunction):
    """Processing-time timers that are due at once, one of them registered while another fires."""

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[Any]:
        timers = ctx.timer_service()
        for at in (10, 5, 7, 5, 8):
            timers.register_processing_time_timer(at)
        timers.delete_processing_time_timer(8)
        yield ("element", value.key)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Any]:
        if timestamp == 5:
            ctx.timer_service().register_processing_time_timer(6)
        yield ("timer", timestamp, ctx.timestamp(), ctx.time_domain().name)


class Visits(KeyedProcessFunction):
    """Value state: a pickled list that is mutated after it was stored, and a plain count."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self.seen = runtime_context.get_state(
            ValueStateDescriptor("seen", Types.PICKLED_BYTE_ARRAY())
        )
        self.count = runtime_context.get_state(ValueStateDescriptor("count", Types.LONG()))

    def process_element(self, value: Row, _: KeyedProcessFunction.Context) -> Iterator[Any]:
        if value.text == "forget":
            self.seen.clear()
            self.count.clear()
        else:
            seen = self.seen.value() or []
            seen.append(value.text)
            self.seen.update(seen)
            seen.append("never stored")
            self.count.update((self.count.value() or 0) + 1)
        yield (value.key, self.seen.value(), self.count.value())


class Basket(KeyedProcessFunction):
    """Map state: "put a", "remove a", "get a", "clear"; every answer shows the whole of it."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self.items = runtime_context.get_map_state(
            MapStateDescriptor("items", Types.STRING(), Types.PICKLED_BYTE_ARRAY())
        )

    def process_element(self, value: Row, _: KeyedProcessFunction.Context) -> Iterator[Any]:
        order, _, item = value.text.partition(" ")
        if order == "put":
            self.items.put(item, {item: 1})
        elif order == "put_all":
            self.items.put_all({part: {part: 2} for part in item.split()})
        elif order == "remove":
            self.items.remove(item)
        elif order == "clear":
            self.items.clear()
        yield (
            order,
            self.items.get(item),
            self.items.contains(item),
            item in self.items,
            self.items.is_empty(),
            sorted(self.items.keys()),
            sorted(map(str, self.items.values())),
            sorted(key for key, _ in self.items.items()),
        )


class Log(KeyedProcessFunction):
    """List state: the text's words, by add, add_all and update."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self.words = runtime_context.get_list_state(ListStateDescriptor("words", Types.STRING()))

    def process_element(self, value: Row, _: KeyedProcessFunction.Context) -> Iterator[Any]:
        order, *words = value.text.split()
        if order == "add":
            for word in words:
                self.words.add(word)
        elif order == "add_all":
            self.words.add_all(words)
        elif order == "update":
            self.words.update(words)
        elif order == "clear":
            self.words.clear()
        yield (order, list(self.words.get()), list(self.words))


class Longest(ReduceFunction):
    def reduce(self, value1: str, value2: str) -> str:
        return max(value1, value2, key=len)


class Average(AggregateFunction):
    def create_accumulator(self) -> tuple[int, int]:
        return 0, 0

    def add(self, value: int, accumulator: tuple[int, int]) -> tuple[int, int]:
        return accumulator[0] + value, accumulator[1] + 1

    def get_result(self, accumulator: tuple[int, int]) -> float:
        return accumulator[0] / accumulator[1]

    def merge(self, acc_a: tuple[int, int], acc_b: tuple[int, int]) -> tuple[int, int]:
        return acc_a[0] + acc_b[0], acc_a[1] + acc_b[1]


class Statistics(KeyedProcessFunction):
    """Reducing and aggregating state over the texts."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self.longest = runtime_context.get_reducing_state(
            ReducingStateDescriptor("longest", Longest(), Types.STRING())
        )
        self.average = runtime_context.get_aggregating_state(
            AggregatingStateDescriptor("average", Average(), Types.PICKLED_BYTE_ARRAY())
        )

    def process_element(self, value: Row, _: KeyedProcessFunction.Context) -> Iterator[Any]:
        yield (self.longest.get(), self.average.get())
        if value.text == "clear":
            self.longest.clear()
            self.average.clear()
        else:
            self.longest.add(value.text)
            self.average.add(len(value.text))
        yield (self.longest.get(), self.average.get())


class Sorter(KeyedProcessFunction):
    """Side outputs from an element and from a timer, beside the main output."""

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[Any]:
        ctx.timer_service().register_event_time_timer(ctx.timestamp() + 1)
        if ctx.timestamp() <= ctx.timer_service().current_watermark():
            yield LATE, value.text
        else:
            yield value.text

    def on_timer(self, timestamp: int, _: KeyedProcessFunction.OnTimerContext) -> Iterator[Any]:
        yield WOKEN, f"at {timestamp}"
