"""The watermarks of an operator's inputs, combined as Flink does."""

from dataclasses import dataclass

from flinkharness.timers import MIN_TIME


@dataclass
class _Input:
    watermark: int = MIN_TIME
    idle: bool = False


class Inputs:
    """Time is the slowest of the inputs that are not idle; it never goes back."""

    def __init__(self, count: int) -> None:
        self._inputs = [_Input() for _ in range(count)]
        self._combined = MIN_TIME

    def __len__(self) -> int:
        return len(self._inputs)

    def watermark(self, index: int, time: int) -> None:
        self.active(index)
        self._inputs[index].watermark = max(self._inputs[index].watermark, time)

    def active(self, index: int) -> None:
        self._inputs[index].idle = False

    def idle(self, index: int) -> None:
        self._inputs[index].idle = True

    def combined(self) -> int:
        """The operator's watermark (epoch ms); with every input idle it stays where it is."""
        active = [entry.watermark for entry in self._inputs if not entry.idle]
        self._combined = max(self._combined, min(active, default=self._combined))
        return self._combined
