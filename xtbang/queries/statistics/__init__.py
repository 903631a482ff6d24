"""Statistics (统计): what a call, and all calls together, have come to. Each chart is its table."""

from xtbang.queries.statistics import groups, milestones, money, panels, progress
from xtbang.queries.statistics.chart import Maker

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
