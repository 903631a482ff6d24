"""Statistics (统计): pages of charts, each with its table; a call's page is printed as the half-yearly report."""

from typing import Any

from flask import Blueprint, abort, render_template

from xtbang.extensions import db
from xtbang.models import Call
from xtbang.queries.office_list import calls
from xtbang.queries.rights.lists import SEE_MONEY
from xtbang.queries.statistics import FILES, OF_ALL, OF_CALL
from xtbang.queries.statistics.chart import Maker, Question
from xtbang.queries.statistics.kept import LARGE, KeptCharts, kept_charts, may_open, part_of
from xtbang.rules.sheet import Column, Kind, Sheet
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.exports import file_of
from xtbang.web.frame.shell import caller

statistics = Blueprint("statistics", __name__)


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
    who, asked = actor(), Question.by(caller(), about)
    kept, large = _kept(asked) if about is not None else (None, False)
    mine = () if large else [maker(asked) for key, maker in makers.items() if may_open(key, who)]
    region = who.region if who.roles & frozenset(SEE_MONEY) == {"county"} else ""
    return render_template(
        "statistics/page.html",
        charts=kept.charts if kept else mine,
        call_id=about,
        title="" if about is None else titles[about],
        region=region,
        calls=list(titles.items()),
        made_at=kept.at if kept else None,
        awaited=large and kept is None,
    )


def _file(makers: dict[str, Maker], key: str, about: int | None) -> Any:
    maker, asked = makers.get(key), Question.by(caller(), about)
    if maker is None or not may_open(key, actor()):
        abort(404)
    kept, large = _kept(asked) if about is not None and key in OF_CALL else (None, False)
    if large and kept is None:
        abort(404)
    chart = next(item for item in kept.charts if item.key == key) if kept else maker(asked)
    columns = [Column(head, Kind.ANY) for head in chart.heads]
    return file_of(Sheet(chart.title, columns, chart.rows), "xlsx")


def _kept(asked: Question) -> tuple[KeptCharts | None, bool]:
    """Return the charts that the worker has made of a call with very many entries, and whether it is one."""
    part = part_of(asked.caller.actor)
    if part is None or asked.call_id is None or asked.entries <= LARGE:
        return None, False
    return kept_charts(asked.caller.session, asked.call_id, part), True
