"""Telephones and e-mail addresses in files that experts examine: who hands such a file in and who convenes the panel is advised."""

from collections.abc import Iterable, Iterator

from xtbang.actions.context import Context
from xtbang.actions.registry import form_guard, guard
from xtbang.models import Acceptance, StoredFile
from xtbang.rules.contacts import kept_from_experts
from xtbang.rules.fields import FieldKind
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Force, Reason


def _advice(context: Context, files: Iterable[tuple[str, str, str]]) -> Iterator[Reason]:
    """Yield the advice on each of these files (name, pages with contacts, field) that has contacts."""
    for name, pages, field in files:
        if pages:
            text = f"{quoted(name)}{kept_from_experts(pages)}。"
            yield Reason("A9.contacts", text, context.cite("examination"), Force.ADVICE, field=field)


@form_guard
def no_contacts_in_files(context: Context) -> Iterator[Reason]:
    """Yield as advice which pages of the files that are handed in have a telephone or an e-mail address."""
    fields = context.life.actions[context.trigger].form.fields
    digests = {str(context.data.get(item.key) or ""): item.key for item in fields if item.kind is FieldKind.FILE}
    known = (context.uploads.get(digest) or context.files.get(digest) for digest in digests)
    yield from _advice(context, [(row.name, row.contacts, digests[row.sha256]) for row in known if row])


@guard
def no_contacts_in_request(context: Context) -> Iterator[Reason]:
    """Yield as advice which files of the request for acceptance no expert opens, as they have contacts."""
    row = next((row for row in reversed(context.rows.of(Acceptance)) if row.status in ("draft", "open")), None)
    if row is None:
        return
    keys = context.edition.documents["acceptance"].examined
    digests = {row.document.draft.get(key) for key in keys}
    stored = (file for file in context.rows.of(StoredFile) if file.sha256 in digests)
    files = {file.sha256: (file.name, file.contacts, "") for file in stored}
    yield from _advice(context, files.values())
