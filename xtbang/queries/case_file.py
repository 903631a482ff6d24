"""The case file (案卷) of a project: its papers and files in the order in which they came, as far as a reader may open them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePath

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from xtbang.models import NoticeItem, Organisation, Paper, Person, Project, StoredFile
from xtbang.queries.caller import Caller
from xtbang.queries.rights.files import may_open_file
from xtbang.queries.rights.project_parts import of_bid, sees_paper, sight_of
from xtbang.queries.rights.sealed_bids import visible_to
from xtbang.rules.dates import day_of
from xtbang.rules.file_names import NEVER

NOTES = {"current": "", "superseded": "已被新版本取代", "cancelled": "已作废"}
ISSUER, BIDDER = ("form", "application"), ("report", "acceptance", "midterm")  # papers by the party that writes them
BOTH = ("contract", "supplement")
LONGEST = 60  # characters of a title in the name of a file
SHORT = 30  # of who made it


@dataclass(frozen=True)
class CaseItem:
    """A paper or an uploaded file in its place; a paper that is not rendered yet has no digest."""

    place: int
    on: date
    title: str
    number: str  # 文号, or the number of the project
    maker: str  # 责任者
    note: str
    ending: str  # of the name of the file: .pdf
    paper_id: int | None
    sha256: str
    alike: bool = False  # whether others have the same title

    @property
    def file_name(self) -> str:
        """Return a name by which files sort in their order, without characters that a file system refuses.

        Of those with one title it says who made each.
        """
        maker = f"（{plain(self.maker)[:SHORT]}）" if self.alike and self.maker else ""
        return f"{self.place:03} {self.on} {plain(self.title)}{maker}{self.ending}"


@dataclass(frozen=True)
class CaseFile:
    """The case file of one project."""

    project_id: int
    number: str
    title: str
    issuer: str
    bidder: str  # "" before one is agreed
    region: str
    state: str
    items: tuple[CaseItem, ...]

    @property
    def folder(self) -> str:
        """Return the name of its folder."""
        return plain(f"{self.number or f'草稿{self.project_id}'} {self.title}").strip()


def plain(text: str) -> str:
    """Return a text as part of the name of a file, shortened."""
    return NEVER.sub("_", text)[:LONGEST].strip(" .")


def case_file(caller: Caller, project: Project) -> CaseFile:
    """Return the case file of a project with what the caller may open, the oldest first; the same content once."""
    bidder = project.agreed_bid.lead.name if project.agreed_bid else ""
    found = sorted([*_papers(caller, project, bidder), *_files(caller, project)], key=lambda pair: pair[0])
    return CaseFile(
        project_id=project.id,
        number=project.number or "",
        title=project.title,
        issuer=project.issuer.name,
        bidder=bidder,
        region=project.region or "",
        state=project.state,
        items=tuple(_numbered(item for _moment, item in found)),
    )


def _numbered(items: Iterable[CaseItem]) -> Iterator[CaseItem]:
    seen: set[str] = set()
    place, every = 0, list(items)
    titles = Counter(item.title for item in every)
    for item in every:
        if item.sha256 and item.sha256 in seen:
            continue
        seen.add(item.sha256)
        place += 1
        yield replace(item, place=place, alike=titles[item.title] > 1)


def _papers(caller: Caller, project: Project, bidder: str) -> Iterator[tuple[datetime, CaseItem]]:
    session = caller.session
    sight, bids = sight_of(session, project, caller.actor), visible_to(session, project, caller.actor, caller.collected)
    leads = {f"bid:{bid.id}": bid.lead.name for bid in bids}
    on_notices = select(NoticeItem.notice_id).where(NoticeItem.project_id == project.id)
    query = select(Paper).where(or_(Paper.project_id == project.id, Paper.notice_id.in_(on_notices)))
    for paper in session.scalars(query.order_by(Paper.id)):
        if sees_paper(sight, paper, bids if of_bid(paper) else []):
            maker = leads.get(paper.subject) or _maker(caller, project, paper.name, bidder)
            version = f" 第{paper.version}版" if paper.version > 1 else ""
            item = CaseItem(
                place=0,
                on=day_of(paper.made_at),
                title=f"{paper.title}{version}",
                number=paper.number,
                maker=maker,
                note=NOTES[paper.state],
                ending=".pdf",
                paper_id=paper.id,
                sha256=paper.file.sha256 if paper.file else "",
            )
            yield paper.made_at, item


def _maker(caller: Caller, project: Project, name: str, bidder: str) -> str:
    if name in ISSUER:
        return project.issuer.name
    if name in BIDDER and bidder:
        return bidder
    return f"{project.issuer.name}、{bidder}" if name in BOTH else caller.policy.city.lead.name


def _files(caller: Caller, project: Project) -> Iterator[tuple[datetime, CaseItem]]:
    printed = select(Paper.file_id).where(Paper.project_id == project.id, Paper.file_id.is_not(None))
    query = select(StoredFile).where(StoredFile.project_id == project.id, StoredFile.id.not_in(printed))
    for row in caller.session.scalars(query.order_by(StoredFile.id)):
        if may_open_file(caller, row):
            name = PurePath(row.name)
            item = CaseItem(
                place=0,
                on=day_of(row.uploaded_at),
                title=name.stem,
                number="",
                maker=_uploader(caller.session, row),
                note="附件",
                ending=name.suffix,
                paper_id=None,
                sha256=row.sha256,
            )
            yield row.uploaded_at, item


def _uploader(session: Session, row: StoredFile) -> str:
    if row.organisation_id:
        return session.get_one(Organisation, row.organisation_id).name
    return session.get_one(Person, row.uploaded_by_id).name if row.uploaded_by_id else ""
