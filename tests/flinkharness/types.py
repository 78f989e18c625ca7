"""Values as they come out on the other side of a declared type, or a refusal that says where.

Python is lenient, the JVM is not: an int where a DOUBLE is declared, a row that is one field short
or a 33-bit INT fail in a serializer far from the code that is wrong, or do not fail and change the
value. A Carrier checks a value against its `TypeInformation`, naming the field, what was expected
and what came, and returns what the function behind the type would be handed.
"""

import datetime
import decimal
import pickle
import struct
from collections.abc import Callable
from typing import Any

from pyflink.common import Row
from pyflink.common.time import Instant
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

_INTEGER_BITS = {BasicType.BYTE: 8, BasicType.SHORT: 16, BasicType.INT: 32, BasicType.LONG: 64}
_PYTHON_TYPE: dict[BasicType, type] = {
    BasicType.STRING: str,
    BasicType.CHAR: str,
    BasicType.BOOLEAN: bool,
    BasicType.FLOAT: float,
    BasicType.DOUBLE: float,
    BasicType.BIG_INT: int,
    BasicType.BIG_DEC: decimal.Decimal,
    BasicType.INSTANT: Instant,
}
_NULLABLE_BASICS = {BasicType.STRING, BasicType.BIG_INT, BasicType.BIG_DEC, BasicType.INSTANT}


class Carrier:
    """Takes values over the border between Python and the JVM, as one mode does."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode

    def carry(self, declared: TypeInformation | None, value: Any, where: str) -> Any:
        """The value behind `declared`; None declared means PICKLED_BYTE_ARRAY, PyFlink's default.

        `where` names the place in messages ("output", "state 'stock'"). Raises RefusedError.
        """
        for kind, carry in _CARRIERS.items():
            if isinstance(declared or _PICKLED, kind):
                return carry(self, declared, value, where)
        raise RefusedError(
            f"{where}: {declared} is not a type that Python functions can be handed; convert it "
            "in SQL, or with to_append_stream(table, Types.ROW_NAMED(...))"
        )

    def _basic(self, declared: BasicTypeInfo, value: Any, where: str) -> Any:
        basic = declared._basic_type
        if value is None and basic in _NULLABLE_BASICS:
            return None
        if basic in _INTEGER_BITS:
            _exactly(int, declared, value, where)
            limit = 1 << (_INTEGER_BITS[basic] - 1)
            if not -limit <= value < limit:
                raise refusal(where, f"{declared} in [{-limit}, {limit - 1}]", value, "it wraps")
            return value
        if basic is BasicType.STRING and isinstance(value, str):
            return str.__str__(value)
        _exactly(_PYTHON_TYPE[basic], declared, value, where)
        if basic is BasicType.CHAR and len(value) != 1:
            raise refusal(where, "Char (one character)", value)
        return _narrowed(value, where) if basic is BasicType.FLOAT else value

    def _pickled(self, _: TypeInformation, value: Any, where: str) -> Any:
        if value is None:
            because = "None passes only while Python operators happen to be fused"
            raise refusal(where, "something to pickle", value, because)
        try:
            return pickle.loads(pickle.dumps(value))
        except Exception as error:
            raise refusal(where, "something that pickle can carry", value, str(error)) from error

    def _nullable(self, declared: TypeInformation, value: Any, where: str) -> Any:
        if value is not None:
            return self.carry(declared, value, where)
        arrays = BasicArrayTypeInfo | ObjectArrayTypeInfo
        if self.mode is Mode.THREAD and isinstance(declared, arrays):
            raise refusal(where, declared, value, "thread mode cannot read an array that is null")
        return None

    def _row(self, declared: RowTypeInfo, value: Any, where: str) -> Row:
        _exactly(Row, "Row", value, where)
        types, names = declared._field_types, declared._field_names
        if len(value) != len(types):
            because = "missing fields would silently keep the previous row's values"
            raise refusal(where, f"a Row of {len(types)} fields", value, because)
        came, kind = getattr(value, "_fields", None), value.get_row_kind()
        if names and came and list(came) != list(names):
            if self.mode is Mode.THREAD or set(came) != set(names):
                because = "thread mode goes by position, so these would be swapped"
                raise refusal(where, f"Row fields {list(names)} in this order", value, because)
            value = value.get_fields_by_names(names)
        labels = names or [f"f{i}" for i in range(len(types))]
        fields = zip(types, value, labels, strict=True)
        carried = Row(*(self._nullable(t, v, f"{where}.{label}") for t, v, label in fields))
        carried.set_row_kind(kind)
        if names or came:
            carried.set_field_names(list(labels))
        return carried

    def _tuple(self, declared: TupleTypeInfo, value: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise refusal(where, f"{declared} (tuple)", value)
        types = declared._field_types
        if len(value) != len(types):
            because = "missing fields would silently keep the previous tuple's values"
            raise refusal(where, f"a tuple of {len(types)} fields", value, because)
        fields = enumerate(zip(types, value, strict=True))
        return tuple(self.carry(t, v, f"{where}.f{i}") for i, (t, v) in fields)

    def _primitive_array(self, declared: PrimitiveArrayTypeInfo, value: Any, where: str) -> Any:
        element = declared._element_type
        if getattr(element, "_basic_type", None) is BasicType.BYTE:
            _exactly(bytes, "a byte array", value, where)
            return value
        return self._elements(element, value, where, self.carry)

    def _array(self, declared: Any, value: Any, where: str) -> Any:
        return self._elements(declared._element_type, value, where, self._nullable)

    def _elements(
        self, element: TypeInformation, value: Any, where: str, carry: Callable[..., Any]
    ) -> Any:
        """Thread mode hands arrays over as tuples, process mode as lists, whatever was sent."""
        if type(value) not in (list, tuple):
            raise refusal(where, f"an array of {element} (list or tuple)", value)
        carried = (carry(element, item, f"{where}[{i}]") for i, item in enumerate(value))
        return tuple(carried) if self.mode is Mode.THREAD else list(carried)

    def _list(self, declared: ListTypeInfo, value: Any, where: str) -> list[Any]:
        _exactly(list, declared, value, where)
        element = declared.elem_type
        return [self.carry(element, item, f"{where}[{i}]") for i, item in enumerate(value)]

    def _map(self, declared: MapTypeInfo, value: Any, where: str) -> dict[Any, Any]:
        _exactly(dict, declared, value, where)
        keys, values = declared._key_type_info, declared._value_type_info
        return {
            self.carry(keys, key, f"{where} key"): self._nullable(values, item, f"{where}[{key!r}]")
            for key, item in value.items()
        }

    def _date(self, declared: DateTypeInfo, value: Any, where: str) -> Any:
        return _temporal(datetime.date, declared, value, where)

    def _time(self, declared: TimeTypeInfo, value: Any, where: str) -> Any:
        carried = _temporal(datetime.time, declared, value, where)
        if carried is None:
            return None
        return carried.replace(microsecond=carried.microsecond // 1000 * 1000)  # java.sql.Time

    def _timestamp(self, declared: TimestampTypeInfo, value: Any, where: str) -> Any:
        carried = _temporal(datetime.datetime, declared, value, where)
        if carried is None or self.mode is Mode.THREAD:
            return carried
        return carried.replace(microsecond=carried.microsecond // 1000 * 1000)


def refusal(where: str, expected: Any, value: Any, because: str = "") -> RefusedError:
    """The error of a value that cannot pass: place, what was expected, what came, and why."""
    came = f"{type(value).__name__} {value!r:.80}"
    return RefusedError(f"{where}: expected {expected}, got {came}{because and '; ' + because}")


def _exactly(kind: type, declared: Any, value: Any, where: str) -> None:
    """Exact types: the JVM bridge knows no subclasses but those of str, so neither IntEnum nor
    numpy scalars nor bytearray."""
    if type(value) is not kind:
        raise refusal(where, f"{declared} ({kind.__name__})", value)


def _narrowed(value: float, where: str) -> float:
    """A 32-bit float keeps about seven digits: hand back what is left of the value."""
    try:
        return float(struct.unpack(">f", struct.pack(">f", value))[0])
    except OverflowError:
        raise refusal(where, "Float (32 bits)", value, "it becomes infinite") from None


def _temporal(kind: type, declared: TypeInformation, value: Any, where: str) -> Any:
    if value is None:
        return None
    _exactly(kind, declared, value, where)
    if getattr(value, "tzinfo", None) is not None:
        raise refusal(where, f"{declared} without a time zone", value, "it is dropped")
    return value


def freeze(value: Any) -> Any:
    """A hashable stand-in for a key, equal exactly when the keys are."""
    if isinstance(value, Row):
        return ("row", value.get_row_kind(), *map(freeze, value))
    if isinstance(value, list | tuple):
        return (type(value).__name__, *map(freeze, value))
    if isinstance(value, dict):
        return ("map", frozenset((freeze(k), freeze(v)) for k, v in value.items()))
    return (type(value).__name__, value)


_PICKLED = PickledBytesTypeInfo()
_CARRIERS: dict[type, Callable[[Carrier, Any, Any, str], Any]] = {
    PickledBytesTypeInfo: Carrier._pickled,
    BasicTypeInfo: Carrier._basic,
    RowTypeInfo: Carrier._row,
    TupleTypeInfo: Carrier._tuple,
    PrimitiveArrayTypeInfo: Carrier._primitive_array,
    BasicArrayTypeInfo: Carrier._array,
    ObjectArrayTypeInfo: Carrier._array,
    ListTypeInfo: Carrier._list,
    MapTypeInfo: Carrier._map,
    DateTypeInfo: Carrier._date,
    TimeTypeInfo: Carrier._time,
    TimestampTypeInfo: Carrier._timestamp,
}
