"""Error pages: what happened, what was saved, what to do, and a number that is also in the log."""

import logging
import secrets
from collections.abc import Sequence

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.extensions import db
from xtbang.web.frame.shell import policy

LOG = logging.getLogger("xtbang.web")
KEPT_NOTHING = "没有任何内容被改动。"
TEXTS = {
    400: ("请求无法识别", "服务器看不懂这次请求。", "请返回上一页，检查后重试。"),
    401: ("请先登录", "登录已过期或尚未登录。", "请登录后重新办理；浏览器后退可找回刚才填写的内容。"),
    403: ("无权办理", "这件事不由您的账号办理。", "如认为有误，请联系本单位管理员或{office}。"),
    404: ("没有找到", "页面不存在，或不对您的账号开放。", "请从首页或“我的待办”进入。"),
    405: ("请求方式不对", "这个地址不接受这种请求。", "请从页面上的按钮办理。"),
    409: ("情况已有变化", "您打开页面之后，事情有了变化。", "请返回刷新页面，核对后重新办理。"),
    413: (
        "提交的内容太大",
        "上传的文件合计超过 25 MB，或填写的内容过多。",
        "请压缩扫描件或分次上传；单个文件不超过 20 MB。",
    ),
    429: ("次数过多", "短时间内提交的次数过多。", "请稍后再试。"),
    500: ("系统出错", "服务器处理时出了意外。", "请稍后重试；如再次出现，请把下面的编号告诉系统管理员。"),
    503: ("系统繁忙", "数据库正忙，这次没有办成。", "请稍等几秒后重试。"),
}


def error_page(code: int, happened: str = "", todo: str = "", links: Sequence[tuple[str, str]] = ()) -> tuple[str, int]:
    """Return the page for a status code; ``happened`` and ``todo`` replace the general sentences, ``links`` the links."""
    title, general, usual = TEXTS.get(code, TEXTS[500])
    number = secrets.token_hex(4)
    level = logging.ERROR if code >= 500 else logging.INFO
    LOG.log(level, "error page %s: %s %s -> %s %s", number, request.method, request.path, code, happened)
    page = render_template(
        "errors/error.html",
        code=code,
        title=title,
        happened=happened or general,
        kept=KEPT_NOTHING,
        todo=todo or usual.format(office=policy().city.lead.short),
        number=number,
        links=links,
    )
    return page, code


def add_error_pages(app: Flask) -> None:
    """Add a page for every error that a person can get."""

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[str, int]:
        return error_page(error.code or 500)

    @app.errorhandler(CSRFError)
    def csrf(_error: CSRFError) -> tuple[str, int]:
        return error_page(400, "页面停留过久或来自别处，安全校验没有通过。")

    @app.errorhandler(NotFound)
    def missing(_error: NotFound) -> tuple[str, int]:
        return error_page(404)

    @app.errorhandler(Forbidden)
    def forbidden(error: Forbidden) -> tuple[str, int]:
        return error_page(403, str(error))

    @app.errorhandler(Blocked)
    def blocked(error: Blocked) -> tuple[str, int]:
        return error_page(409, str(error))

    @app.errorhandler(OperationalError)
    def busy(error: OperationalError) -> tuple[str, int]:
        db.session.rollback()
        LOG.exception("database", exc_info=error)
        return error_page(503)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> tuple[str, int]:
        db.session.rollback()
        LOG.exception("unexpected", exc_info=error)
        return error_page(500)
