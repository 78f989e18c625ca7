"""Whether what was written as one msgspec type reads as another, both as `types.py` has them."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.states.types import OPTIONAL


class Reading:
    """Reads Structs of `before` as Structs of `after`.

    Fields may be appended with defaults, and unions, literals and enumerations may widen.
    """

    def __init__(self, before: Mapping[str, Any], after: Mapping[str, Any]):
        self._before = before
        self._after = after
        self._met: set[tuple[str, str]] = set()

    def complaints(self, written: str, reader: str) -> list[str]:
        """Why the Struct `written` cannot be read as `reader`, one line a reason."""
        if (written, reader) in self._met:
            return []
        self._met.add((written, reader))
        old, new = self._before[written], self._after[reader]
        if (old["encoded"], old.get("tag")) != (new["encoded"], new.get("tag")):
            return [f"{reader} is encoded otherwise than {written} was"]
        names, fields = list(old["fields"]), list(new["fields"])
        if new["encoded"] == "array":
            for place, name in enumerate(names):
                if fields[place : place + 1] != [name]:
                    came = fields[place] if place < len(fields) else "nothing"
                    return [f"{reader} has {came} where {written} had {name}"]
        found = [f"{reader} has no {name} any more" for name in names if name not in fields]
        for name, text in new["fields"].items():
            kind, is_optional = text.removesuffix(OPTIONAL), text.endswith(OPTIONAL)
            if name in names:
                was = old["fields"][name].removesuffix(OPTIONAL)
                found += self._misfits(f"{reader}.{name}", _parsed(was), _parsed(kind))
            elif not is_optional:
                found.append(f"{reader}.{name} is new and has no default")
        return found

    def _misfits(self, where: str, was: ast.expr, now: ast.expr) -> list[str]:
        """Each member of what may be a union must find one that reads it."""
        found = []
        for member in _members(was):
            readers = sorted(_members(now), key=lambda one: ast.dump(one) != ast.dump(member))
            answers = [self._fits(where, member, reader) for reader in readers]
            if [] not in answers:
                told = next((answer for answer in answers if answer), None)
                found += told or [f"{where} was {ast.unparse(was)}, is {ast.unparse(now)}"]
        return found

    def _fits(self, where: str, was: ast.expr, now: ast.expr) -> list[str] | None:
        """Complaints about two types of the same make; None if they have nothing in common."""
        match was, now:
            case ast.Name(old), ast.Name(new) if old in self._before and new in self._after:
                return self.complaints(old, new)
            case ast.Subscript(ast.Name(old)), ast.Subscript(ast.Name(new)) if old == new:
                olds, news = _items(was), _items(now)
                if len(olds) == len(news):
                    pairs = zip(olds, news, strict=True)
                    return [each for one in pairs for each in self._misfits(where, *one)]
        return [] if ast.dump(was) == ast.dump(now) else None


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _members(kind: ast.expr) -> Iterator[ast.expr]:
    if isinstance(kind, ast.BinOp):
        yield from _members(kind.left)
        yield from _members(kind.right)
    else:
        yield kind


def _items(kind: ast.Subscript) -> list[ast.expr]:
    return kind.slice.elts if isinstance(kind.slice, ast.Tuple) else [kind.slice]
