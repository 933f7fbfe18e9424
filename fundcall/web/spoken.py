"""Messages of templates that are put into words when a template is compiled, and not each time a page is made."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

_CALL = ("name", "lparen", "string", "rparen")


class Spoken(Extension):
    """Sets what `environment.says` makes of a message in the place of `_("a message")`, where nothing is set into the message.

    It foresees the calls of `jinja2.ext.i18n` in its newer style: what is said is not escaped, and %% is a percent sign.
    (Two constants joined by ~ become plain text when Jinja compiles them, and are escaped then.)
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The tokens of a template with each such call replaced."""
        held: list[Token] = []
        for token in stream:
            held.append(token)
            if token.type != _CALL[len(held) - 1] or held[0].value != "_":
                yield from held
                held.clear()
            elif len(held) == len(_CALL):
                yield from self._said(held[2])
                held.clear()
        yield from held

    def _said(self, message: Token) -> Iterator[Token]:
        words = self.environment.says(message.value) % {}  # type: ignore[attr-defined] # by `extend`
        for kind, value in (("lparen", "("), ("string", words), ("pipe", "|"), ("name", "safe"), ("rparen", ")")):
            yield Token(message.lineno, kind, value)
