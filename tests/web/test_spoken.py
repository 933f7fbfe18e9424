"""Messages in templates: said when the template is compiled, just as they would be said when a page is made."""

from collections.abc import Callable

import pytest
from jinja2 import DictLoader, Environment
from jinja2.ext import Extension

from fundcall.web.language import LANGUAGES, translations
from fundcall.web.pages import environment
from fundcall.web.spoken import Spoken


def _says(message: str) -> str:
    return f"<b>{message}</b>"


def _says_many(one: str, many: str, number: int) -> str:
    return one if number == 1 else many


def _made(*extensions: type[Extension], says: Callable[[str], str] = _says) -> Environment:
    made = Environment(autoescape=True, extensions=["jinja2.ext.i18n", *extensions])
    made.install_gettext_callables(_says, _says_many, newstyle=True)  # type: ignore[attr-defined]
    made.extend(says=says)
    return made


@pytest.mark.parametrize(
    "source",
    [
        '{{ _("a < b") }}',
        '<p title="{{ _("50%% & more") }}">{{ _("x")|length }}</p>',
        '{% for key, words in [("k", _("one")), ("l", _("two"))] %}{{ key }}{{ words }}{% endfor %}',
        '{{ _("yes") if n else _("no") }} {{ _("a") ~ message }}',
        '{{ _("%(n)s found", n=n) }} {{ _(message) }} {{ gettext("plain") }} {{ ngettext("one", "many", 1) }}',
        "{% raw %}{{ _(\"as it is\") }}{% endraw %} {{ '_' }} {{ '(' }}",
    ],
)  # fmt: skip
def test_a_template_says_the_same_whenever_its_messages_are_put_into_words(source: str) -> None:
    values = {"n": 3, "message": "given <later>"}
    found = [made.from_string(source).render(values) for made in (_made(), _made(Spoken))]
    assert found[1] == found[0]


def test_a_message_without_values_is_looked_up_once_however_often_the_page_is_made() -> None:
    asked: list[str] = []

    def says(message: str) -> str:
        asked.append(message)
        return message

    made = _made(Spoken, says=says)
    made.loader = DictLoader({"page": '{{ _("Find") }}{{ _("Clear") }}'})
    pages = [made.get_template("page").render() for _ in range(3)]
    assert (pages, asked) == (["FindClear"] * 3, ["Find", "Clear"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_speak_their_language_from_the_start(language: str) -> None:
    found = environment(language, {}).from_string('{{ _("Find") }}').render()
    assert found == translations(language).gettext("Find")
