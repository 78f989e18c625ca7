"""Declared types that a mode cannot carry: known from the declaration, before any value comes.

All of it was seen on PyFlink 2.3: what fails here fails there, mostly with a ClassCastException far
away, and with the heap backend only at the first checkpoint.
"""

from collections.abc import Iterator

from pyflink.common.typeinfo import (
    BasicArrayTypeInfo,
    BasicType,
    BasicTypeInfo,
    DateTypeInfo,
    ListTypeInfo,
    MapTypeInfo,
    ObjectArrayTypeInfo,
    PickledBytesTypeInfo,
    PrimitiveArrayTypeInfo,
    RowTypeInfo,
    TimestampTypeInfo,
    TimeTypeInfo,
    TupleTypeInfo,
    TypeInformation,
)

from flinkharness.errors import RefusedError
from flinkharness.modes import Mode

_ARRAYS = (PrimitiveArrayTypeInfo, BasicArrayTypeInfo, ObjectArrayTypeInfo)
_NOT_CONVERTED_IN_LISTS = (
    RowTypeInfo,
    TupleTypeInfo,
    PickledBytesTypeInfo,
    BasicArrayTypeInfo,
    ObjectArrayTypeInfo,
)
_NO_STATE_SERIALIZER = (ListTypeInfo, DateTypeInfo, TimeTypeInfo, TimestampTypeInfo)
_FLATTEN = "use parallel arrays of basic types, or pickle the whole"
_PICKLE_IT = "use Types.PICKLED_BYTE_ARRAY() and put something versioned in it"


def check_stream_type(declared: TypeInformation | None, mode: Mode, where: str) -> None:
    """Raise RefusedError if Python in this mode cannot be handed, or emit, this type."""
    if declared is None or mode is not Mode.THREAD:
        return
    if isinstance(declared, BasicTypeInfo):
        _check_basic(declared, {BasicType.CHAR, BasicType.BIG_INT, BasicType.INSTANT}, where)
    if isinstance(declared, PrimitiveArrayTypeInfo) and not _is_bytes(declared):
        raise RefusedError(
            f"{where}: thread mode converts no {declared} but bytes; use BASIC_ARRAY instead"
        )
    if isinstance(declared, ListTypeInfo) and isinstance(
        declared.elem_type, _NOT_CONVERTED_IN_LISTS
    ):
        raise RefusedError(
            f"{where}: thread mode does not convert the elements of {declared}; {_FLATTEN}"
        )
    if isinstance(_element_type(declared), RowTypeInfo | TupleTypeInfo):
        raise RefusedError(
            f"{where}: in thread mode all elements of {declared} become the last one (the "
            f"converter reuses one row); {_FLATTEN}"
        )
    for part in _parts(declared):
        check_stream_type(part, mode, where)


def check_state_type(declared: TypeInformation, mode: Mode, where: str) -> None:
    """Raise RefusedError for a type whose state cannot be read or written in this mode."""
    if mode is not Mode.THREAD:
        return
    if isinstance(declared, _ARRAYS):
        raise RefusedError(
            f"{where}: in thread mode reading {declared} fails where there is none yet "
            f"('NoneType' object is not iterable); {_PICKLE_IT}"
        )
    if isinstance(declared, _NO_STATE_SERIALIZER):
        raise RefusedError(
            f"{where}: thread mode gives {declared} a byte array's serializer; {_PICKLE_IT}"
        )
    if isinstance(declared, BasicTypeInfo):
        _check_basic(declared, {BasicType.BIG_INT, BasicType.INSTANT}, where)
    if isinstance(declared, MapTypeInfo):
        check_state_type(declared._key_type_info, mode, where)
        check_state_type(declared._value_type_info, mode, where)


def _check_basic(declared: BasicTypeInfo, refused: set[BasicType], where: str) -> None:
    if declared._basic_type in refused:
        raise RefusedError(
            f"{where}: thread mode does not convert {declared} between Python and the JVM; "
            "use STRING, LONG or BIG_DEC"
        )


def _is_bytes(declared: PrimitiveArrayTypeInfo) -> bool:
    return getattr(declared._element_type, "_basic_type", None) is BasicType.BYTE


def _element_type(declared: TypeInformation) -> TypeInformation | None:
    if isinstance(declared, ObjectArrayTypeInfo):
        return declared._element_type
    return declared._value_type_info if isinstance(declared, MapTypeInfo) else None


def _parts(declared: TypeInformation) -> Iterator[TypeInformation]:
    if isinstance(declared, RowTypeInfo | TupleTypeInfo):
        yield from declared._field_types
    elif isinstance(declared, MapTypeInfo):
        yield declared._key_type_info
        yield declared._value_type_info
    elif isinstance(declared, ListTypeInfo):
        yield declared.elem_type
    elif isinstance(declared, BasicArrayTypeInfo | ObjectArrayTypeInfo):
        yield declared._element_type
