"""The name under which a file is sent: the one place that writes Content-Disposition."""

import re
from functools import lru_cache
from os.path import splitext
from urllib.parse import quote

_NEVER = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')  # in the name of a file
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


@lru_cache(256)
def sent_as(name: str, inline: bool = False) -> dict[str, str]:
    """The header for a file of that name, to be kept or, ``inline``, opened by the browser (RFC 6266).

    A header is sent in latin-1, which has no Chinese: the name itself goes as ``filename*``, in UTF-8 and percent-encoded.
    """
    name = _NEVER.sub("_", name)
    stem, ending = splitext(name)
    plain = (_PLAIN.sub("_", stem).strip("_.") or "file") + _PLAIN.sub("_", ending)
    how = "inline" if inline else "attachment"
    in_utf8 = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": f'{how}; filename="{plain}"{in_utf8}'}
