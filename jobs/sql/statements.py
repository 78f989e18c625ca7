"""SQL files as tokens and statements, by the lexer of sqlfluff's `flink` dialect.

The gate lints with sqlfluff anyway, so what separates statements and what is linted agree on what a
comment, a quoted text and a backticked name are, without a second SQL library beside it. Flink's
own parser does not offer its tokens, and gives positions in errors only.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from sqlfluff.core import FluffConfig, Lexer

PARAMETER = re.compile(r"\$\{([^}\n]*)\}")

_QUOTES = {"single_quote", "double_quote", "back_quote"}
_COMMENTS = {"inline_comment", "block_comment"}
# What ends the list of tables that FROM began.
_AFTER_FROM = {"SELECT", "WHERE", "GROUP", "HAVING", "ORDER", "WINDOW", "UNION", "INTERSECT"}


class SqlError(Exception):
    """What is wrong with a file, as a sentence, and at which offset of its text."""

    def __init__(self, sentence: str, offset: int = 0):
        super().__init__(sentence)
        self.sentence = sentence
        self.offset = offset


@dataclass(frozen=True)
class Token:
    """A piece of a file: `kind` as sqlfluff names it, at `start` to `stop` of the file's text."""

    kind: str
    text: str
    start: int
    stop: int

    @property
    def is_code(self) -> bool:
        return self.kind not in _COMMENTS and self.kind not in {"whitespace", "newline"}

    @property
    def is_comment(self) -> bool:
        return self.kind in _COMMENTS

    @property
    def is_quoted(self) -> bool:
        return self.kind in _QUOTES

    @property
    def word(self) -> str:
        """Upper-cased, to compare with a keyword; a quoted text is none."""
        return "" if self.is_quoted else self.text.upper()

    @property
    def name(self) -> str:
        """As an identifier: without its backticks."""
        return self.text[1:-1].replace("``", "`") if self.kind == "back_quote" else self.text


@dataclass(frozen=True)
class Statement:
    """One statement: its kind (TABLE, VIEW or INSERT), the table it makes or feeds, its tokens."""

    kind: str
    target: str
    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def stop(self) -> int:
        return self.tokens[-1].stop

    def names_used(self) -> frozenset[str]:
        """What stands where a table is named: after FROM, JOIN or TABLE, or in FROM's list;
        what an INSERT feeds is not used."""
        return frozenset(_tables(self.tokens)) - {self.target}


def tokenize(text: str) -> list[Token]:
    """All tokens of a file. A parameter `${name}` is one word of the same length.

    Raises SqlError at what no token begins with, such as a quote that is not closed.
    """
    masked = PARAMETER.sub(lambda match: f"__{_as_word(match[1])}_", text)
    raw, _ = _lexer().lex(masked)
    tokens = []
    for piece in raw:
        if not piece.raw:
            continue
        start = piece.pos_marker.source_slice.start
        token = Token(piece.get_type(), piece.raw, start, start + len(piece.raw))
        if "unlexable" in token.kind:
            said = f"{text[start : start + 20].splitlines()[0]!r}"
            raise SqlError(f"{said} begins nothing in SQL; is a quote not closed?", start)
        tokens.append(token)
    return tokens


def statements(tokens: Sequence[Token]) -> list[Statement]:
    """The statements of a file; those of EXECUTE STATEMENT SET BEGIN ... END come one by one.

    Raises SqlError for a statement that is neither CREATE TABLE, CREATE VIEW nor INSERT INTO.
    """
    found = []
    open_set: Token | None = None
    for code in _between_semicolons(tokens):
        words = [token.word for token in code]
        for opening in (["EXECUTE", "STATEMENT", "SET", "BEGIN"], ["BEGIN", "STATEMENT", "SET"]):
            if words[: len(opening)] == opening:
                open_set = code[0]
                code, words = code[len(opening) :], words[len(opening) :]
        if open_set and words == ["END"]:
            open_set = None
        elif code:
            found.append(_statement(code, words))
    if open_set:
        raise SqlError("this statement set has no END", open_set.start)
    return found


def _statement(code: list[Token], words: list[str]) -> Statement:
    if words[:2] == ["INSERT", "INTO"]:
        return Statement("INSERT", _named(code, 2), tuple(code))
    if words[:1] == ["CREATE"]:
        rest = words[2:] if words[1:2] == ["TEMPORARY"] else words[1:]
        if rest[:1] in (["TABLE"], ["VIEW"]):
            at = len(words) - len(rest) + 1
            if rest[1:4] == ["IF", "NOT", "EXISTS"]:
                at += 3
            return Statement(rest[0], _named(code, at), tuple(code))
    raise SqlError(
        "expected CREATE TABLE, CREATE TEMPORARY VIEW or INSERT INTO, came "
        f"{' '.join(token.text for token in code[:3])}",
        code[0].start,
    )


def _named(code: list[Token], at: int) -> str:
    if at >= len(code):
        raise SqlError("the statement ends before it names a table", code[-1].start)
    while at + 2 < len(code) and code[at + 1].text == ".":
        at += 2
    return code[at].name


def _between_semicolons(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    code: list[Token] = []
    for token in tokens:
        if token.kind == "semicolon":
            yield code
            code = []
        elif token.is_code:
            code.append(token)
    yield code


def _tables(tokens: Sequence[Token]) -> Iterator[str]:
    """`FROM a, b` lists tables at the depth of its brackets, until another clause begins."""
    listing = {0: False}
    depth = 0
    before = ""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        word = token.word
        named = before in {"FROM", "JOIN", "TABLE"} or (before == "," and listing.get(depth, False))
        called = following is not None and following.text == "("
        if word == "(":
            depth += 1
            listing[depth] = False
        elif word == ")":
            depth -= 1
        elif word == "FROM":
            listing[depth] = True
        elif word in _AFTER_FROM:
            listing[depth] = False
        elif named and not called and word != "TABLE" and token.kind in {"word", "back_quote"}:
            yield token.name
        before = word


def _as_word(name: str) -> str:
    return re.sub(r"\W", "_", name)


@cache
def _lexer() -> Lexer:
    return Lexer(config=FluffConfig(overrides={"dialect": "flink"}))
