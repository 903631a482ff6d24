"""Pages, a package for each room; what is listed here is served."""

from xtbang.web.account.pages import account

from xtbang.web.account import organisation, password  # isort: skip  # pages of the same blueprint
from xtbang.web.admin.home import admin

from xtbang.web.admin import audit, backup, identity, mails, organisations, people, restrictions  # isort: skip
from xtbang.web.applicant.documents import documents
from xtbang.web.applicant.own_projects import applicant
from xtbang.web.expert.reviews import expert
from xtbang.web.finance.pages import finance
from xtbang.web.office.calls import calls
from xtbang.web.office.desk import desk
from xtbang.web.office.notices import notices_admin
from xtbang.web.office.projects import bureau
from xtbang.web.office.roadshows import roadshows
from xtbang.web.project.actions import actions
from xtbang.web.project.files import files
from xtbang.web.project.page import projects
from xtbang.web.public.objections import objecting
from xtbang.web.public.pages import public
from xtbang.web.public.verify import verify

PAGES_OF_BLUEPRINTS = (organisation, password, audit, backup, identity, mails, organisations, people, restrictions)
BLUEPRINTS = (
    account,
    actions,
    admin,
    applicant,
    bureau,
    calls,
    desk,
    documents,
    expert,
    files,
    finance,
    notices_admin,
    objecting,
    projects,
    public,
    roadshows,
    verify,
)
