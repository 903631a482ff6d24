"""Changes of one's own organisation (更名、换码、迁移、更正、注销), asked for by its manager."""

from functools import partial
from typing import Any

from flask import abort, url_for

from xtbang.people.change_forms import change_form
from xtbang.people.organisation_changes import ask_change
from xtbang.web.account.organisation import own
from xtbang.web.account.pages import account
from xtbang.web.frame.access import SIGNED_IN, access
from xtbang.web.frame.organisation_changes import change_page, kinds_for
from xtbang.web.frame.shell import caller, policy


@account.route("/organisation/changes/<kind>", methods=["GET", "POST"])
@access(SIGNED_IN)
def organisation_change(kind: str) -> Any:
    """Show the form of that kind of change to the manager; on POST ask for it. Answer 404 to what cannot be asked for now."""
    me, row = own()
    if not me.manager or row.status != "confirmed" or kind not in kinds_for(row, by_office=False):
        abort(404)
    done = f"变更申请已提交{policy().city.lead.short}确认，结果将发送到您的邮箱。"
    asks = partial(_ask, kind)
    return change_page(row, change_form(policy().city, kind), asks, url_for("account.organisation"), done)


def _ask(kind: str, seen: int, values: dict[str, Any], upload: Any) -> object:
    return ask_change(caller(), seen, kind, values, upload)
