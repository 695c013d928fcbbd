"""Reads JavaScript source as tokens: enough to find imports, calls and the texts in htm`...`.

Owns the one place that knows comments, strings, regular expressions and nested templates apart.
Knows nothing of floors or translations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_NUMBER = re.compile(r"\d[\w.]*")
_SPACE = re.compile(r"\s+")
_STRING = re.compile(r"'(?:[^'\\\n]|\\[\s\S])*'|\"(?:[^\"\\\n]|\\[\s\S])*\"")
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\n|[\s\S])")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
# After these words a slash opens a regular expression; after another word it divides.
_BEFORE_REGEX = {"return", "typeof", "case", "in", "of", "delete", "void", "do", "else", "await"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token: kind is word, number, string, regex, template or mark; strings are unescaped.

    A template's `chunks` are its literal parts; the tokens inside its `${}` follow it in the
    stream, between the marks `${` and `}$`.
    """

    kind: str
    text: str
    line: int
    chunks: tuple[str, ...] = field(default=())
    tag: str = ""


class SourceError(ValueError):
    """The source cannot be read as JavaScript; the text names the line."""


def tokens(source: str) -> list[Token]:
    """Every token of a module in order, without comments."""
    reader = _Reader(source)
    reader.read(until_brace=False)
    return reader.found


def imports(source: str) -> list[tuple[int, str]]:
    """Line and address of each import or re-export, the dynamic ones with a literal too."""
    stream = tokens(source)
    found = []
    for index, token in enumerate(stream):
        if token.kind != "string" or not index:
            continue
        before = stream[index - 1]
        dynamic = before.text == "(" and index > 1 and _is_word(stream[index - 2], "import")
        if _is_word(before, "from") or _is_word(before, "import") or dynamic:
            found.append((token.line, token.text))
    return found


def calls(source: str, names: set[str]) -> Iterator[tuple[int, str, list[str | None]]]:
    """Line, name and leading arguments of each call; an argument that is no literal is None."""
    stream = tokens(source)
    for index, token in enumerate(stream[:-1]):
        if token.kind != "word" or token.text not in names or stream[index + 1].text != "(":
            continue
        if index and (stream[index - 1].text == "." or _is_word(stream[index - 1], "function")):
            continue
        yield token.line, token.text, _arguments(stream, index + 2)


def _is_word(token: Token, text: str) -> bool:
    return token.kind == "word" and token.text == text


def _arguments(stream: list[Token], index: int) -> list[str | None]:
    """Literal arguments from just after the bracket; strings joined by + count as one."""
    arguments: list[str | None] = []
    parts: list[str] | None = []
    depth = 0
    for token in stream[index:]:
        if depth == 0 and token.text in {",", ")"} and token.kind == "mark":
            arguments.append("".join(parts) if parts else None)
            parts = []
            if token.text == ")":
                break
            continue
        if token.kind == "mark":
            depth += (token.text in {"(", "[", "{", "${"}) - (token.text in {")", "]", "}", "}$"})
        if token.kind == "string" and parts is not None and depth == 0:
            parts.append(token.text)
        elif token.kind == "template" and len(token.chunks) == 1 and parts is not None:
            parts.append(token.chunks[0])
        elif token.text != "+":
            parts = None
    return arguments


class _Reader:
    """Walks the source once; templates recurse into the code between their braces."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.found: list[Token] = []

    def line(self) -> int:
        return self.source.count("\n", 0, self.at) + 1

    def add(self, kind: str, text: str, end: int) -> None:
        self.found.append(Token(kind, text, self.line()))
        self.at = end

    def read(self, *, until_brace: bool) -> None:
        depth = 0
        while self.at < len(self.source):
            if self.skip():
                continue
            character = self.source[self.at]
            if until_brace and character == "}" and depth == 0:
                self.add("mark", "}$", self.at + 1)
                return
            if character == "`":
                self.template()
                continue
            depth += (character == "{") - (character == "}")
            self.plain(character)
        if until_brace:
            raise SourceError(f"a template is not closed before line {self.line()}")

    def skip(self) -> bool:
        """Move past white space or one comment; False when there is none."""
        if space := _SPACE.match(self.source, self.at):
            self.at = space.end()
        elif self.source.startswith("//", self.at):
            end = self.source.find("\n", self.at)
            self.at = len(self.source) if end < 0 else end
        elif self.source.startswith("/*", self.at):
            end = self.source.find("*/", self.at + 2)
            if end < 0:
                raise SourceError(f"a comment is not closed, line {self.line()}")
            self.at = end + 2
        else:
            return False
        return True

    def plain(self, character: str) -> None:
        if character in "\"'":
            match = _STRING.match(self.source, self.at)
            if not match:
                raise SourceError(f"a string is not closed, line {self.line()}")
            self.add("string", _unescape(match.group()[1:-1]), match.end())
        elif match := _WORD.match(self.source, self.at):
            self.add("word", match.group(), match.end())
        elif match := _NUMBER.match(self.source, self.at):
            self.add("number", match.group(), match.end())
        elif (
            character == "/"
            and self.regex_may_start()
            and (match := _REGEX.match(self.source, self.at))
        ):
            self.add("regex", match.group(), match.end())
        else:
            self.add("mark", character, self.at + 1)

    def regex_may_start(self) -> bool:
        if not self.found:
            return True
        before = self.found[-1]
        if before.kind == "word":
            return before.text in _BEFORE_REGEX
        return before.kind == "mark" and before.text not in {")", "]", "}", "}$"}

    def template(self) -> None:
        before = self.found[-1] if self.found else None
        tag = before.text if before and before.kind == "word" and self.touches(before) else ""
        place, line = len(self.found), self.line()
        chunks, start = [], self.at + 1
        self.at += 1
        while self.at < len(self.source):
            if self.source[self.at] == "\\":
                self.at += 2
            elif self.source[self.at] == "`":
                chunks.append(self.source[start : self.at])
                self.at += 1
                cooked = tuple(_unescape(chunk) for chunk in chunks)
                self.found.insert(place, Token("template", "", line, cooked, tag))
                return
            elif self.source.startswith("${", self.at):
                chunks.append(self.source[start : self.at])
                self.add("mark", "${", self.at + 2)
                self.read(until_brace=True)
                start = self.at
            else:
                self.at += 1
        raise SourceError(f"a template is not closed, line {line}")

    def touches(self, before: Token) -> bool:
        return self.source.endswith(before.text, 0, self.at)


def _unescape(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        code = match.group(1)
        if code[0] in "ux" and len(code) > 1:
            return chr(int(code.strip("ux{}"), 16))
        return _SIMPLE.get(code, code)

    return _ESCAPE.sub(replace, text)
