"""File names of downloads: the only module that writes Content-Disposition."""

import re
from functools import lru_cache
from os.path import splitext
from urllib.parse import quote

from xtbang.rules.file_names import NEVER

_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


@lru_cache(256)
def sent_as(name: str, inline: bool = False) -> dict[str, str]:
    """Return the header for a file of that name, to be saved or, if ``inline``, opened by the browser (RFC 6266).

    Headers are sent in latin-1, which has no Chinese: the name is sent as ``filename*``, in UTF-8 and percent-encoded.
    """
    name = NEVER.sub("_", name)
    stem, ending = splitext(name)
    plain = (_PLAIN.sub("_", stem).strip("_.") or "file") + _PLAIN.sub("_", ending)
    how = "inline" if inline else "attachment"
    in_utf8 = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": f'{how}; filename="{plain}"{in_utf8}'}
