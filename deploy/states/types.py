"""msgspec types as text, so that a list of them can be read, compared and committed.

A type reads as it would be written: `dict[str, Shelf]`, `'SENT' | 'SUPPRESSED' | null`. Structs
are named, and described once: how they are encoded, and their fields in order.
"""

import json
from typing import Any

from msgspec import inspect

Structs = dict[str, dict[str, Any]]
_PLAIN = {
    inspect.AnyType: "any",
    inspect.NoneType: "null",
    inspect.BoolType: "bool",
    inspect.IntType: "int",
    inspect.FloatType: "float",
    inspect.StrType: "str",
    inspect.BytesType: "bytes",
}
OPTIONAL = " = default"
_BOUNDS = ("gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length")


def described(kind: Any, structs: Structs) -> str:
    """`kind` as text; the Structs in it are added to `structs` by name.

    Raises TypeError for a kind of type that no state of the suite has.
    """
    return _text(inspect.type_info(kind), structs)


def _text(found: inspect.Type, structs: Structs) -> str:
    match found:
        case inspect.UnionType(types):
            return " | ".join(_text(member, structs) for member in types)
        case inspect.LiteralType(values):
            return " | ".join(map(json.dumps, values))
        case inspect.EnumType(kind):
            return " | ".join(json.dumps(member.value) for member in kind)
        case inspect.ListType():
            return f"list[{_text(found.item_type, structs)}]"
        case inspect.VarTupleType():
            return f"tuple[{_text(found.item_type, structs)}, ...]"
        case inspect.TupleType(types):
            return f"tuple[{', '.join(_text(item, structs) for item in types)}]"
        case inspect.DictType():
            return f"dict[{_text(found.key_type, structs)}, {_text(found.value_type, structs)}]"
        case inspect.StructType():
            return _named(found, structs)
    plain = _PLAIN.get(type(found))
    if plain is None:
        raise TypeError(f"no text for {found!r}: say in {__name__} how it is stored")
    return plain + _bounds(found)


def _bounds(found: inspect.Type) -> str:
    bounds = {name: getattr(found, name, None) for name in _BOUNDS}
    said = ", ".join(f"{name}={bound!r}" for name, bound in bounds.items() if bound is not None)
    return f"({said})" if said else ""


def _named(found: inspect.StructType, structs: Structs) -> str:
    name = found.cls.__name__
    if name not in structs:
        entry: dict[str, Any] = {"encoded": "array" if found.array_like else "map"}
        structs[name] = entry
        if found.tag is not None:
            entry["tag"] = f"{found.tag_field}={found.tag!r}" if found.tag_field else found.tag
        entry["fields"] = {
            field.encode_name: _text(field.type, structs) + ("" if field.required else OPTIONAL)
            for field in found.fields
        }
    return name
