"""What reads a type of msgspec, made by one thread at a time.

At the first use of a Struct, msgspec works out its fields and keeps on the class what it has found
so far. A thread that uses the class meanwhile follows a null pointer, and its process dies (0.22).
All subtasks and jobs of a TaskManager start side by side in one interpreter and share the classes
of their release, so every type is worked out here before it is used.
"""

import threading
from collections.abc import Callable
from typing import Any, get_args

import msgspec

_WORKING_OUT = threading.Lock()


def reader_of(kind: Any) -> Callable[[bytes], Any]:
    """What makes `kind` of MessagePack."""
    with _WORKING_OUT:
        return msgspec.msgpack.Decoder(kind).decode


def typing_of(kind: Any) -> Callable[[dict[str, Any]], Any]:
    """What makes `kind` of a record: a Struct, or one of a union of tagged Structs.

    msgspec analyses a union anew at every conversion, which takes 20 times as long as converting
    to the Struct that the tag names. A tag of none is left to msgspec, which says what it expected.
    """
    reader_of(kind)  # which works out all Structs in it
    members = get_args(kind)
    if not members:
        return lambda record: msgspec.convert(record, kind)
    by_tag = {member.__struct_config__.tag: member for member in members}
    tag_field = members[0].__struct_config__.tag_field
    return lambda record: msgspec.convert(record, by_tag.get(record.get(tag_field), kind))
