"""A program: `first_use_by_threads.py USE`: threads evaluate USE with a `kind` that none has used.

What USE is given besides: `record`, one of that kind, and `packed`, the same in MessagePack.
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from jobs.runtime.typed import reader_of, typing_of

KINDS, THREADS = 1_000, 4
RECORD = {"type": "Order", "lines": [{"sku": "a", "note": None}], "by_sku": {}}
NAMES = {"msgspec": msgspec, "reader_of": reader_of, "typing_of": typing_of}


def new_kind() -> type[msgspec.Struct]:
    line = msgspec.defstruct("Line", [("sku", str), ("note", str | None)])
    fields = [("lines", list[line]), ("by_sku", dict[str, line]), ("amount", float | None, None)]
    return msgspec.defstruct("Order", fields, tag=True)


def main(use: str) -> None:
    sys.setswitchinterval(1e-6)
    packed = msgspec.msgpack.encode(RECORD)
    code = compile(use, "use", "eval")
    together = threading.Barrier(THREADS)

    def evaluate(given: dict[str, Any]) -> Any:
        together.wait()
        return eval(code, NAMES, given)

    with ThreadPoolExecutor(THREADS) as threads:
        for _ in range(KINDS):
            given = {"kind": new_kind(), "record": RECORD, "packed": packed}
            list(threads.map(evaluate, [given] * THREADS))


main(sys.argv[1])
