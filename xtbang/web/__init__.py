"""Pages: one package for each group of readers. Only the modules imported here are served."""

from xtbang.web.account import (  # noqa: F401  (pages of the same blueprint)
    by_mail,
    deputies,
    entering,
    kept,
    organisation,
    organisation_changes,
    password,
    proof,
    restriction_notices,
    second_factor,
    sign_ins,
)
from xtbang.web.account import pages as account_pages
from xtbang.web.admin import (  # noqa: F401
    audit,
    backup,
    changes,
    editions,
    holidays,
    home,
    jobs,
    mails,
    organisations,
    people,
    restriction_acts,
    restrictions,
)
from xtbang.web.admin import restriction_notices as admin_notices  # noqa: F401
from xtbang.web.applicant import documents, own_projects
from xtbang.web.expert import reviews
from xtbang.web.finance import budgets, lines, plan, slips, statement  # noqa: F401
from xtbang.web.finance import pages as finance_pages
from xtbang.web.office import (  # noqa: F401
    batch_results,
    batches,
    calendar,
    call_changes,
    calls,
    desk,
    downloads,
    imports,
    list_files,
    meeting_papers,
    meeting_plans,
    meetings,
    notices,
    register_actions,
    signatures,
    statistics,
    takeaways,
    views,
)
from xtbang.web.office import projects as office_projects
from xtbang.web.office import search as office_search
from xtbang.web.project import actions, files, page
from xtbang.web.public import objections, probes, verify
from xtbang.web.public import pages as public_pages

BLUEPRINTS = (
    account_pages.account,
    home.admin,
    own_projects.applicant,
    documents.documents,
    desk.desk,
    downloads.downloads,
    views.views,
    calendar.calendar,
    batches.batches,
    imports.imports,
    office_projects.bureau,
    office_search.search,
    calls.calls,
    notices.notices_admin,
    meetings.meetings,
    page.projects,
    actions.actions,
    files.files,
    probes.probes,
    public_pages.public,
    objections.objecting,
    verify.verify,
    finance_pages.finance,
    statistics.statistics,
    reviews.expert,
)
