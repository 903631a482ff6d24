"""Statistics (统计): pages of charts, each with its table; a call's page is printed as the half-yearly report."""

from typing import Any

from flask import Blueprint, abort, render_template

from xtbang.extensions import db
from xtbang.models import Call
from xtbang.queries.office_list import calls
from xtbang.queries.rights.lists import SEE_MONEY, SEE_OFFICE_WORK, EntriesSeen, money_seen_by
from xtbang.queries.statistics import groups, milestones, money, panels, progress
from xtbang.queries.statistics.chart import Chart, Maker, Question
from xtbang.rules.actor import Actor
from xtbang.rules.sheet import Column, Kind, Sheet
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.exports import file_of
from xtbang.web.frame.shell import caller

statistics = Blueprint("statistics", __name__)

# of a call, in the order of its page
OF_CALL: dict[str, Maker] = {
    "funnel": progress.funnel,
    "now": progress.stages_now,
    "days": progress.days,
    "slowest": progress.slowest,
    "domains": groups.by_domain,
    "counties": groups.by_county,
    "kinds": groups.by_kind,
    "bidders": groups.by_bidder,
    "losses": progress.losses,
    "deals": money.deals,
    "money": money.by_years,
    "experts": panels.experts,
    "milestones": milestones.milestones,
}
# files of a call without a picture on its page
FILES: dict[str, Maker] = {"all_milestones": milestones.all_milestones}
# of all calls together: what is read from few rows
OF_ALL: dict[str, Maker] = {key: OF_CALL[key] for key in ("now", "counties", "domains", "bidders", "money", "deals")}


@statistics.get("/statistics")
@access(*SEE_MONEY)
def index() -> str:
    """Show the charts of all calls together, and the calls."""
    return _page(OF_ALL, None)


@statistics.get("/statistics/calls/<int:call_id>")
@access(*SEE_MONEY)
def call(call_id: int) -> str:
    """Show the charts of one call."""
    return _page(OF_CALL, call_id)


@statistics.get("/statistics/<key>/export")
@access(*SEE_MONEY)
def export(key: str) -> Any:
    """Send the table of a chart of all calls."""
    return _file(OF_ALL, key, None)


@statistics.get("/statistics/calls/<int:call_id>/<key>/export")
@access(*SEE_MONEY)
def export_of_call(call_id: int, key: str) -> Any:
    """Send the table of a chart of one call."""
    if db.session.get(Call, call_id) is None:
        abort(404)
    return _file(OF_CALL | FILES, key, call_id)


def _page(makers: dict[str, Maker], about: int | None) -> str:
    titles = {row.id: row.title for row in calls(db.session())}
    if about is not None and about not in titles:
        abort(404)
    who, asked = actor(), _question(about)
    charts = [maker(asked) for key, maker in makers.items() if _open(key, who)]
    region = who.region if who.roles & frozenset(SEE_MONEY) == {"county"} else ""
    return render_template(
        "statistics/page.html",
        charts=charts,
        call_id=about,
        title="" if about is None else titles[about],
        region=region,
        calls=list(titles.items()),
    )


def _file(makers: dict[str, Maker], key: str, about: int | None) -> Any:
    maker = makers.get(key)
    if maker is None or not _open(key, actor()):
        abort(404)
    chart: Chart = maker(_question(about))
    columns = [Column(head, Kind.ANY) for head in chart.heads]
    return file_of(Sheet(chart.title, columns, chart.rows), "xlsx")


def _open(key: str, who: Actor) -> bool:
    return key != "experts" or bool(who.roles & frozenset(SEE_OFFICE_WORK))


def _question(about: int | None) -> Question:
    who = actor()
    whole_city = who.roles & frozenset(SEE_MONEY) != {"county"}
    return Question(caller(), money_seen_by(who), EntriesSeen.by(who), about, whole_city)
