"""Freezing editions (版本): at its first use an edition is stored in the database, and its projects live by that copy."""

import logging

from sqlalchemy import select

from xtbang.models import Call, FrozenEdition, Project
from xtbang.models.writing import INSERTS, writing
from xtbang.queries.caller import Caller
from xtbang.rules.edition import Edition
from xtbang.rules.frozen import FORMAT, content_of, digest_of, edition_of

LOG = logging.getLogger("xtbang.policy")


def freeze(caller: Caller, edition: Edition) -> Edition:
    """Keep an edition at its first use, within a writing transaction; return it as the site has frozen it.

    Where it was frozen with another content, by another process or before its file was changed, that one holds, from
    now on also for this process.
    """
    content = content_of(edition)
    row = {"key": edition.key, "format": FORMAT, "digest": digest_of(content), "content": content}
    insert = INSERTS[caller.session.get_bind().dialect.name](FrozenEdition).on_conflict_do_nothing()
    caller.session.connection().execute(insert, [row | {"frozen_at": caller.now}])
    query = select(FrozenEdition.digest, FrozenEdition.format).where(FrozenEdition.key == edition.key)
    digest, format_then = caller.session.execute(query).one()
    if digest == row["digest"] or format_then < FORMAT:  # by an earlier release: this process runs on it from its start
        return edition
    kept = caller.session.scalars(select(FrozenEdition).where(FrozenEdition.key == edition.key)).one()
    held = edition_of(kept.content, kept.format)
    if held != edition:
        LOG.warning("版本 %s 已冻结的内容与文件不同，按已冻结的办理。", edition.label)
        caller.policy.editions[edition.key] = held
    return held


def freeze_used(caller: Caller) -> list[str]:
    """Freeze every edition that is in use and not frozen yet, as after an upgrade; return their keys."""
    session = caller.session
    frozen = set(session.scalars(select(FrozenEdition.key)))
    used = set(session.scalars(select(Project.edition).distinct()))
    for name in session.scalars(select(Call.edition).where(Call.published_at.is_not(None)).distinct()):
        known = name in caller.policy.names
        used.add(caller.policy.newest(name, caller.today).key if known else name)
    missing = sorted(used - frozen)
    if unknown := [key for key in missing if key not in caller.policy.editions]:
        LOG.error("版本 %s 有项目在使用，但是没有它的文件，也没有冻结过。", "、".join(unknown))
    found = [key for key in missing if key in caller.policy.editions]
    if found:
        with writing(session):
            for key in found:
                freeze(caller, caller.policy.editions[key])
    return found
