"""Functions of two inputs, as users write them."""

from collections.abc import Iterator
from typing import Any

from pyflink.common import Row, Types
from pyflink.datastream import (
    CoProcessFunction,
    KeyedCoProcessFunction,
    RuntimeContext,
)
from pyflink.datastream.functions import BroadcastProcessFunction, KeyedBroadcastProcessFunction
from pyflink.datastream.state import (
    ListStateDescriptor,
    MapStateDescriptor,
)

RULES = MapStateDescriptor("rules", Types.STRING(), Types.PICKLED_BYTE_ARRAY())


class KeyedRules(KeyedBroadcastProcessFunction):
    """Looks the rule up when its timer fires, by when the rules have arrived."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self.texts = runtime_context.get_map_state(
            MapStateDescriptor("texts", Types.STRING(), Types.LONG())
        )

    def process_element(
        self, value: Row, ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
    ) -> list[Any]:
        self.texts.put(value.text, ctx.timestamp())
        ctx.timer_service().register_event_time_timer(ctx.timestamp() + 100)
        return []

    def process_broadcast_element(
        self, value: Row, ctx: KeyedBroadcastProcessFunction.Context
    ) -> Iterator[Any]:
        rules = ctx.get_broadcast_state(RULES)
        name, _, rule = value.text.partition("=")
        if rule:
            rules.put(name, [rule])
        else:
            rules.remove(name)
        yield ("rule", value.text, ctx.timestamp(), rules.contains(name))

    def on_timer(
        self, timestamp: int, ctx: KeyedBroadcastProcessFunction.OnTimerContext
    ) -> Iterator[Any]:
        rules = ctx.get_broadcast_state(RULES)
        for text, at in sorted(self.texts.items()):
            found = rules.get(text)
            yield (ctx.get_current_key(), text, at, found, timestamp, ctx.time_domain().name)
        self.texts.clear()
        yield (sorted(rules.items()), hasattr(rules, "put"), "a" in rules)


class UnkeyedRules(BroadcastProcessFunction):
    """Both sides report what they are; no order is promised between them."""

    def process_element(
        self, value: Row, ctx: BroadcastProcessFunction.ReadOnlyContext
    ) -> Iterator[Any]:
        yield ("element", value.text, ctx.timestamp(), ctx.current_processing_time() > 0)

    def process_broadcast_element(
        self, value: Row, ctx: BroadcastProcessFunction.Context
    ) -> Iterator[Any]:
        ctx.get_broadcast_state(RULES).put(value.text, value.key)
        yield ("rules", sorted(ctx.get_broadcast_state(RULES).items()), ctx.timestamp())


class Joined(KeyedCoProcessFunction):
    """Collects both sides under the key until a timer, which needs both watermarks."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self.both = runtime_context.get_list_state(ListStateDescriptor("both", Types.STRING()))

    def process_element1(self, value: Row, ctx: KeyedCoProcessFunction.Context) -> None:
        self.both.add(f"left {value.text}")
        ctx.timer_service().register_event_time_timer(ctx.timestamp() + 100)

    def process_element2(self, value: Row, ctx: KeyedCoProcessFunction.Context) -> None:
        self.both.add(f"right {value.text}")
        ctx.timer_service().register_event_time_timer(ctx.timestamp() + 100)

    def on_timer(self, timestamp: int, ctx: KeyedCoProcessFunction.OnTimerContext) -> Iterator[Any]:
        in_time = ctx.timer_service().current_watermark() >= timestamp
        yield (ctx.get_current_key(), timestamp, sorted(self.both.get()), in_time)
        self.both.clear()


class Merged(CoProcessFunction):
    def process_element1(self, value: Row, ctx: CoProcessFunction.Context) -> Iterator[Any]:
        yield ("left", value.text, ctx.timestamp())

    def process_element2(self, value: Row, ctx: CoProcessFunction.Context) -> Iterator[Any]:
        yield ("right", value.text, ctx.timestamp())
