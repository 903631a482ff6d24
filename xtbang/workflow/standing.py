"""Tell where the editions of a site stand: frozen or not, and whether the files still say what was frozen."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from xtbang.errors import DefinitionError
from xtbang.queries.frozen_editions import Kept
from xtbang.rules.dates import day_of
from xtbang.rules.edition import Edition
from xtbang.rules.policy import Policy
from xtbang.rules.term import in_chinese
from xtbang.workflow.definition import Reading, policy_of
from xtbang.workflow.differences import Difference, differences
from xtbang.workflow.words import rekeyed

LOG = logging.getLogger("xtbang.policy")
RUNS = "系统仍按冻结的内容办理，已有的项目不受影响。"


@dataclass(frozen=True)
class Standing:
    """One revision of an edition as the site runs it."""

    edition: Edition
    frozen_at: datetime | None  # when it was first used; None: not yet, its file may still be changed
    file: str  # what is said of its file
    wrong: bool = False  # whether the file is not what was frozen
    differences: tuple[Difference, ...] = ()  # from what was frozen to the file

    @property
    def sentences(self) -> list[str]:
        """Return what is wrong, in sentences."""
        return [self.file, *(f"  【{item.group}】{item.sentence}" for item in self.differences)]


def site_policy(reading: Reading, kept: Iterable[Kept]) -> Policy:
    """Return the policy that a site runs on: frozen editions as they were frozen, all others as their files say.

    Raise DefinitionError with every mistake in the files. Once an edition is frozen only a mistake in the life of a project
    stops the site: an edition with another one is left out, unless it is frozen, and the log says so.
    """
    frozen = as_run(reading, kept)
    stop = reading.life_mistakes if frozen else reading.mistakes
    if stop:
        raise DefinitionError(list(reading.mistakes))
    for sentence in DefinitionError(list(reading.mistakes)).sentences:
        LOG.warning("%s", sentence)
    return policy_of(reading, (reading.editions | frozen).values())


def as_run(reading: Reading, kept: Iterable[Kept]) -> dict[str, Edition]:
    """Return the frozen editions as this release runs them, by their keys.

    Choices that had no keys have them, and what was frozen before editions held all citations cites as the city does.
    """
    found = (rekeyed(item.edition, reading.words) for item in kept)
    cites = reading.city.cites if reading.city else {}
    return {edition.key: replace(edition, cites=cites | edition.cites) for edition in found}


def standings(reading: Reading, kept: Iterable[Kept]) -> list[Standing]:
    """Return where each edition stands, the oldest first: those that are frozen, and those that have only a file."""
    kept = list(kept)
    editions = as_run(reading, kept)
    frozen = {item.edition.key: replace(item, edition=editions[item.edition.key]) for item in kept}
    found = [_frozen(item, reading, frozen) for item in frozen.values()]
    for edition in reading.editions.values():
        if edition.key not in frozen:
            found.append(Standing(edition, None, "尚未使用，文件还可以修改；首次使用时冻结。"))
    return sorted(found, key=lambda one: (one.edition.name, one.edition.revision))


def _frozen(item: Kept, reading: Reading, frozen: Mapping[str, Kept]) -> Standing:
    edition, name = item.edition, item.edition.name
    since = f"版本 {edition.label} 已于{in_chinese(day_of(item.frozen_at))}首次使用时冻结"
    if not item.whole:
        return Standing(edition, item.frozen_at, f"{since}，但是数据库里冻结的内容与其校验值不符，请从备份核对。", True)
    file = next((one for one in reading.editions.values() if one.name == name), None)
    later = [one for one in frozen.values() if one.edition.name == name and one.edition.revision > edition.revision]
    if file and file.revision > edition.revision:
        return Standing(edition, item.frozen_at, f"已由第 {file.revision - 1} 次修订代替，原有项目仍按本版办理。")
    if later:
        return Standing(edition, item.frozen_at, "已由后来的修订代替，原有项目仍按本版办理。")
    if name not in reading.files:
        return Standing(edition, item.frozen_at, f"{since}，但是文件 editions/{name}.toml 没有了。{RUNS}", True)
    if file is None:
        said = f"{since}，但是文件 editions/{name}.toml 或者它用的表格现在有错误，不能核对。{RUNS}"
        return Standing(edition, item.frozen_at, said, True)
    if file == edition:
        return Standing(edition, item.frozen_at, "文件与冻结的内容一致。")
    if file.revision < edition.revision:
        said = f"{since}，但是文件 editions/{name}.toml 写的是更早的一版（revision = {file.revision}）。{RUNS}"
        return Standing(edition, item.frozen_at, said, True)
    asked = f"要修订，请写 revision = {edition.revision + 1}，并写明 amended_on 和 amended_by；不修订的，请改回。"
    said = f"{since}，现在文件的内容不同。{RUNS}{asked}"
    return Standing(edition, item.frozen_at, said, True, tuple(differences(edition, file)))


def faults(found: Iterable[Standing]) -> list[str]:
    """Return every sentence about files that are not what was frozen."""
    return [sentence for standing in found if standing.wrong for sentence in standing.sentences]
