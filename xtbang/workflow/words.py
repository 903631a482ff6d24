"""``stored_words.toml``: the words that were stored for choices before choices had keys (选项的旧文字).

Stored versions, events and drafts are never rewritten: a field reads these words as the keys of its choices.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from xtbang.rules.edition import Edition
from xtbang.rules.fields import Choice, Field, FormDefinition
from xtbang.workflow.reading import Reader, Table

Words = Mapping[str, Mapping[str, str]]  # key of a field → word → key of the choice


class WordsReader(Reader):
    """Reader of ``stored_words.toml``."""

    def words(self) -> Words:
        """Return the words of every field; mistakes are in `mistakes`."""
        self.data = self._load()
        tables = {name: self._typed(self.data, name, dict, Table()) for name in self.data}
        return {name: {word: self._text(table, word) for word in table} for name, table in tables.items()}

    def compare(self, fields: Iterable[Field]) -> None:
        """Add a mistake for each word whose field or choice is gone: what was stored could not be read any more."""
        known: dict[str, set[str]] = {}
        for field in fields:
            for item in (field, *field.columns):
                known.setdefault(item.key, set()).update(item.keys)
        for name, table in self.data.items():
            if not known.get(name):
                self._among(name, [key for key, keys in known.items() if keys], "一个有选项的填写项", self.data, name)
                continue
            for word in table:
                self._among(table[word], sorted(known[name]), f" {name} 的选项的代号", table, word)


def rekeyed(edition: Edition, words: Words) -> Edition:
    """Return an edition that was frozen before choices had keys, with the keys of its words."""
    forms, documents = (
        {kind: _form(form, words) for kind, form in forms.items()} for forms in (edition.forms, edition.documents)
    )
    return replace(edition, forms=forms, documents=documents)


def _form(form: FormDefinition, words: Words) -> FormDefinition:
    sections = tuple(
        replace(section, fields=tuple(_field(field, words) for field in section.fields)) for section in form.sections
    )
    return replace(form, sections=sections)


def _field(field: Field, words: Words) -> Field:
    known = words.get(field.key, {})
    columns = tuple(_field(column, words) for column in field.columns)
    if not field.choices or any(key != label or key not in known for key, label in field.choices):
        return replace(field, columns=columns)
    choices = tuple(Choice(known[label], label) for _key, label in field.choices)
    former = words_of(words, field.key, (choice.key for choice in choices))
    return replace(field, columns=columns, choices=choices, former=former)


def words_of(words: Words, field: str, keys: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the words that were stored for choices of a field, each with its key."""
    known = set(keys)
    return tuple((word, key) for word, key in words.get(field, {}).items() if key in known)
