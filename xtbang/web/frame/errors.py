"""Error pages: what happened, what was saved, what to do, and a number that is also in the log."""

import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, jsonify, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from werkzeug.exceptions import HTTPException

from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.extensions import db
from xtbang.rules.quotation import quoted
from xtbang.web.frame import outages
from xtbang.web.frame.access import ANYONE, rule_of
from xtbang.web.frame.filters import moment
from xtbang.web.frame.page_of import own_id, page_person
from xtbang.web.frame.refused import Kept, keep_for_page
from xtbang.web.frame.request_number import request_number, route
from xtbang.web.frame.shell import policy

LOG = logging.getLogger("xtbang.web")
KEPT_NOTHING = "没有任何内容被改动。"
TEXTS = {
    400: ("请求无法识别", "服务器看不懂这次请求。", "请返回上一页，检查后重试。"),
    401: ("请先登录", "登录已过期，或者您已在别处退出登录，这次没有办成。", "请重新登录，登录后接着办理。"),
    403: ("无权办理", "这件事不由您的账号办理。", "如认为有误，请联系本单位管理员或{office}。"),
    404: ("没有找到", "页面不存在，或不对您的账号开放。", "请从首页或“我的待办”进入。"),
    405: ("请求方式不对", "这个地址不接受这种请求。", "请从页面上的按钮办理。"),
    409: ("情况已有变化", "您打开页面之后，事情有了变化。", "请返回刷新页面，核对后重新办理。"),
    413: (
        "提交的内容太大",
        "上传的文件合计超过 25 MB，或填写的内容过多。",
        "请删减内容，或压缩扫描件、分次上传；单个文件不超过 20 MB。",
    ),
    429: ("次数过多", "短时间内提交的次数过多。", "请稍后再试。"),
    500: ("系统出错", "服务器处理时出了意外。", "请稍后重试；如再次出现，请把下面的编号告诉系统管理员。"),
    503: ("暂时不能办理", outages.BUSY.happened, "请稍等几秒后重试。"),
}


def error_page(code: int, happened: str = "", todo: str = "", links: Sequence[tuple[str, str]] = ()) -> tuple[Any, int]:
    """Return the page for a status code; ``happened`` and ``todo`` replace the general sentences, ``links`` the links.

    What a refused form held is shown and kept. A script that saves a draft gets the same sentences as JSON.
    """
    title, general, usual = TEXTS.get(code, TEXTS[500])
    todo, number = todo or usual.format(office=policy().city.lead.short), request_number()
    level = logging.ERROR if code >= 500 else logging.INFO
    LOG.log(level, "error page %s: %s %s -> %s", number, request.method, route(), code)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(
            ok=False, message=happened or general, todo=todo, number=number, other=code == 400 and of_another_person()
        ), code
    kept = keep_for_page(code, happened or general)
    page = render_template(
        "errors/error.html",
        code=code,
        title=title,
        happened=happened or general,
        kept=what_is_kept(kept),
        todo=todo,
        number=number,
        links=[*links_to(code, kept), *links],
        said=kept.said if kept and not of_another_person() else [],
    )
    return page, code


def what_is_kept(kept: Kept | None) -> list[str]:
    """Return sentences on what became of a refused form."""
    if kept is None:
        return [KEPT_NOTHING]
    files = "、".join(map(quoted, kept.files))
    until = f"保留到 {moment(kept.until)}，只有您本人能看到。"
    if kept.url and of_another_person():
        found = [f"这一页填写的内容已为打开它的账号{until}"]
    elif kept.url:
        found = [f"您填写的内容{f'和附件{files}' if files else ''}已{until}"]
    else:
        found = ["您填写的内容列在下面，系统没有存下，请先复制到别处。"]
    if kept.lost:
        found.append(f"附件{'、'.join(map(quoted, kept.lost))}没有保留，届时请重新选择。")
    return [KEPT_NOTHING, *found]


def links_to(code: int, kept: Kept | None) -> list[tuple[str, str]]:
    """Return the link to the refused form, by way of the sign-in page if need be."""
    if code == 401:
        here = request.full_path.rstrip("?") if request.method == "GET" else urlsplit(request.referrer or "").path
        return [("重新登录，接着办理", url_for("account.login", next=(kept and kept.url) or here or None))]
    return [("接着填写", kept.url)] if kept and kept.url and not of_another_person() else []


def is_open() -> bool:
    """Return whether anybody may use the address of this request."""
    return request.endpoint in current_app.view_functions and ANYONE in rule_of(current_app, request.endpoint)


def of_another_person() -> bool:
    """Return whether the form comes from a page of another person than the signed-in one."""
    return request.method == "POST" and own_id() is not None and page_person() not in (None, own_id())


def add_error_pages(app: Flask) -> None:
    """Add a page for every error that a person can get."""

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[Any, int]:
        return error_page(error.code or 500)

    @app.errorhandler(CSRFError)
    def csrf(_error: CSRFError) -> tuple[Any, int]:
        if of_another_person():
            todo = "请退出登录，再用原来的账号登录；内容会接着显示。"
            return error_page(400, "这一页是用另一个账号打开的，现在登录的不是同一个人。", todo)
        if own_id() is None and not is_open():
            return error_page(401)
        return error_page(400, "页面停留过久或来自别处，安全校验没有通过。", "请按“接着填写”，核对后再提交一次。")

    @app.errorhandler(NotFound)
    def missing(_error: NotFound) -> tuple[Any, int]:
        return error_page(404)

    @app.errorhandler(Forbidden)
    def forbidden(error: Forbidden) -> tuple[Any, int]:
        return error_page(403, str(error))

    @app.errorhandler(Blocked)
    def blocked(error: Blocked) -> tuple[Any, int]:
        return error_page(409, str(error))

    @app.errorhandler(OperationalError)
    @app.errorhandler(InternalError)
    def of_the_database(error: DBAPIError) -> tuple[Any, int]:
        found = outages.of_database(error)
        LOG.exception("database", exc_info=error)
        return error_page(503, found.happened, found.todo)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> tuple[Any, int]:
        db.session.rollback()
        found = outages.of_system(error)
        LOG.exception("outage" if found else "unexpected", exc_info=error)
        return error_page(503, found.happened, found.todo) if found else error_page(500)
