"""Records of an Avro schema, for property tests."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

PRIMITIVES = {
    "null": st.none(),
    "string": st.text(st.characters(exclude_categories=["Cs"])),
    "bytes": st.binary(),
    "boolean": st.booleans(),
    "int": st.integers(-(1 << 31), (1 << 31) - 1),
    "long": st.integers(-(1 << 63), (1 << 63) - 1),
    "double": st.floats(allow_nan=False),
}


def values_of(schema: Any) -> st.SearchStrategy[Any]:
    """Values of any type that the project's schemas use."""
    return _values_of(schema, {})


def _values_of(schema: Any, named: dict[str, Any]) -> st.SearchStrategy[Any]:
    def values_of(inner: Any) -> st.SearchStrategy[Any]:
        return _values_of(inner, named)

    if isinstance(schema, list):
        return st.one_of([values_of(branch) for branch in schema])
    if isinstance(schema, Mapping):
        match schema["type"]:
            case "record":
                named[schema["name"]] = schema
                return st.fixed_dictionaries(
                    {field["name"]: values_of(field["type"]) for field in schema["fields"]}
                )
            case "array":
                return st.lists(values_of(schema["items"]))
            case "map":
                return st.dictionaries(PRIMITIVES["string"], values_of(schema["values"]))
            case inner:
                return values_of(inner)
    return values_of(named[schema]) if schema in named else PRIMITIVES[schema]
