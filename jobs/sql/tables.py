"""A `CREATE TABLE` statement taken apart, so that parts of it can be replaced where they stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jobs.sql.statements import Token, tokenize

_CONSTRAINTS = {"WATERMARK", "PRIMARY", "CONSTRAINT", "UNIQUE"}
_GENERIC = {"ROW", "ARRAY", "MAP", "MULTISET"}


class Edit(NamedTuple):
    """What stands from `start` to `stop` of a text becomes `text`."""

    start: int
    stop: int
    text: str


class Element(NamedTuple):
    """An element of the list of columns: a column, a watermark or a constraint."""

    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def stop(self) -> int:
        return self.tokens[-1].stop

    @property
    def kind(self) -> str:
        """WATERMARK, PRIMARY, ... ; empty for a column."""
        word = self.tokens[0].word
        return word if word in _CONSTRAINTS else ""

    @property
    def name(self) -> str:
        """Of a column, or of the one that a watermark is for."""
        return self.tokens[2 if self.kind == "WATERMARK" else 0].name

    @property
    def is_physical(self) -> bool:
        """Whether it is a column of the record itself, neither metadata nor computed."""
        return not self.kind and not {"METADATA", "AS"} & {token.word for token in self.tokens}

    @property
    def metadata(self) -> str:
        """The metadata that it is of, such as `offset`; empty for what is none."""
        words = [token.word for token in self.tokens]
        if self.kind or "METADATA" not in words:
            return ""
        following = words.index("METADATA") + 1
        from_key = words[following : following + 1] == ["FROM"]
        return _text(self.tokens[following + 1]) if from_key else self.name


class Option(NamedTuple):
    """A pair of WITH."""

    key: str
    value: str
    key_token: Token
    value_token: Token


@dataclass(frozen=True)
class TableStatement:
    """A statement and where its parts are. Offsets are those of `sql`."""

    sql: str
    target: Token
    elements: tuple[Element, ...]
    columns_end: int
    options: tuple[Option, ...]
    options_end: int

    @classmethod
    def of(cls, sql: str) -> "TableStatement | None":
        """None for what is no list of columns with options, such as CREATE TABLE ... LIKE."""
        code = [token for token in tokenize(sql) if token.is_code]
        words = [token.word for token in code]
        if "WITH" not in words or "(" not in words:
            return None
        opens = words.index("(")
        closes = _closing(code, opens)
        if words[closes + 1 : closes + 3] != ["WITH", "("]:
            return None
        ends = _closing(code, closes + 2)
        return cls(
            sql,
            code[opens - 1],
            tuple(_elements(code[opens + 1 : closes])),
            code[closes].start,
            tuple(_options(code[closes + 3 : ends])),
            code[ends].start,
        )

    def option(self, key: str) -> str | None:
        return next((option.value for option in self.options if option.key == key), None)

    def element(self, kind: str) -> Element | None:
        return next((element for element in self.elements if element.kind == kind), None)

    def column(self, name: str) -> Element | None:
        columns = (element for element in self.elements if not element.kind)
        return next((column for column in columns if column.name == name), None)

    def without(self, element: Element) -> Edit:
        """Takes an element out, and a comma with it; not the first of all."""
        before = self.elements[self.elements.index(element) - 1]
        return self._blank(before.stop, element.stop)

    def with_option(self, key: str, value: str) -> Edit:
        """Sets an option, whether it is there or not."""
        quoted = "'" + value.replace("'", "''") + "'"
        for option in self.options:
            if option.key == key:
                return Edit(option.value_token.start, option.value_token.stop, quoted)
        return Edit(self.options_end, self.options_end, f", '{key}' = {quoted}")

    def without_option(self, option: Option) -> Edit:
        """Takes an option out; not the first of all."""
        before = self.options[self.options.index(option) - 1]
        return self._blank(before.value_token.stop, option.value_token.stop)

    def _blank(self, start: int, stop: int) -> Edit:
        return Edit(start, stop, "\n" * self.sql.count("\n", start, stop))

    def edited(self, edits: Sequence[Edit]) -> str:
        """The statement with its edits; no line of it moves."""
        text = self.sql
        for edit in sorted(edits, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.stop :]
        return text


def _closing(code: Sequence[Token], opening: int) -> int:
    depth = 0
    for at in range(opening, len(code)):
        depth += (code[at].text == "(") - (code[at].text == ")")
        if depth == 0:
            return at
    return len(code) - 1


def _elements(code: Sequence[Token]) -> Iterator[Element]:
    """Commas within brackets, and within `<>` of a type, separate nothing."""
    found: list[Token] = []
    depth = angles = 0
    for token in code:
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "<" and found and found[-1].word in _GENERIC:
            angles += 1
        elif angles and set(token.text) == {">"}:
            angles -= len(token.text)
        if token.text == "," and not depth and not angles:
            yield Element(tuple(found))
            found = []
        else:
            found.append(token)
    if found:
        yield Element(tuple(found))


def _options(code: Sequence[Token]) -> Iterator[Option]:
    for at in range(0, len(code) - 2, 4):
        key, value = code[at], code[at + 2]
        yield Option(_text(key), _text(value), key, value)


def _text(token: Token) -> str:
    return token.text[1:-1].replace("''", "'")
