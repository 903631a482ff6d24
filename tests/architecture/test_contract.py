"""The checker of every other test's requests: what a server would answer with 500, or mangle, fails the test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response

from xtbang import create_app
from xtbang.config import ROOT
from xtbang.web.frame.access import ANYONE, access
from xtbang.web.frame.file_names import sent_as

CHINESE = "附件2 技术需求项目表（空白）.pdf"


class Unclosed:
    """A body that fails when it is closed."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"body"

    def close(self) -> None:
        raise AssertionError("close is called")


def answer(content: Any = b"body", status: Any = 200, **headers: str) -> Callable[[], Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: Response(content, status, headers=named, mimetype="text/plain")


def raw(response: Response) -> Response:
    """Sent as it is, without what werkzeug mends."""
    response.get_wsgi_headers = lambda _environ: response.headers  # type: ignore[method-assign]
    return response


def twice() -> Response:
    response = answer()()
    response.headers.add("Location", "/a")
    response.headers.add("Location", "/b")
    return raw(response)


def lying(length: str) -> Callable[[], Response]:
    def view() -> Response:
        response = answer()()
        response.headers["Content-Length"] = length
        return raw(response)

    return view


def sending(body: Any) -> Callable[[], Response]:
    """Whatever is asked for and whatever it is."""

    def view() -> Response:
        response = answer()()
        response.get_app_iter = lambda _environ: body  # type: ignore[method-assign]
        return response

    return view


def ask(folder: Path, view: Callable[[], Any], method: str = "GET") -> Any:
    """Of the application as every test makes it, with one view more."""
    app: Flask = create_app({"INSTANCE": folder, "SECRET_KEY": "test"})
    app.add_url_rule("/planted", "planted", access(ANYONE)(view), methods=["GET"])
    return app.test_client().open("/planted", method=method, buffered=True)


@pytest.mark.parametrize(
    ("view", "told"),
    [
        (answer(Content_Disposition=f"attachment; filename={CHINESE}"), "latin-1"),
        (answer(X_Title="题目"), "latin-1"),
        (answer(status="200 好"), "latin-1"),
        (answer(X_Title="del\x7f"), "control character"),
        (answer(X_Title="tab\t"), "Bad header value"),
        (answer(Bad_Name_="x"), "Names may not end"),
        (answer(Connection="close"), "the server's own"),
        (answer(Transfer_Encoding="chunked"), "the server's own"),
        (lying("3"), "4 bytes sent"),
        (lying("5"), "4 bytes sent"),
        (lying("four"), "no length"),
        (twice, "said twice"),
        (lambda: raw(answer(status=304)()), "must not return content"),
        (sending(["text"]), "non-bytestring"),
        (lambda: Response(Unclosed(), mimetype="text/plain"), "close is called"),
    ],
)
def test_what_a_server_may_not_be_handed_fails_the_test(
    tmp_path: Path, view: Callable[[], Response], told: str
) -> None:
    with pytest.raises(AssertionError, match=told):
        ask(tmp_path, view)


def test_a_body_where_there_is_none_fails_the_test(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="4 bytes in answer to HEAD"):
        ask(tmp_path, sending([b"body"]), "HEAD")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_may_be_sent_is_let_through(tmp_path: Path, method: str) -> None:
    sent = ask(tmp_path, lambda: Response(b"body", headers=sent_as(CHINESE), mimetype="text/plain"), method)
    assert (sent.status_code, sent.data) == (200, b"" if method == "HEAD" else b"body")


# ---------------------------------------------------------------- the names of files


@pytest.mark.parametrize(
    ("name", "inline", "header"),
    [
        ("calendar.ics", False, 'attachment; filename="calendar.ics"'),
        ("preview.pdf", True, 'inline; filename="preview.pdf"'),
        ("凭证.pdf", False, "attachment; filename=\"file.pdf\"; filename*=UTF-8''%E5%87%AD%E8%AF%81.pdf"),
        ("附件1 表.pdf", False, "attachment; filename=\"1.pdf\"; filename*=UTF-8''%E9%99%84%E4%BB%B61%20%E8%A1%A8.pdf"),
        ('a"b\r\nc/d.pdf', False, 'attachment; filename="a_b__c_d.pdf"'),
        ("..", False, "attachment; filename=\"file\"; filename*=UTF-8''.."),
        ("é.é", True, "inline; filename=\"file._\"; filename*=UTF-8''%C3%A9.%C3%A9"),
    ],
)
def test_a_name_is_told_in_both_ways(name: str, inline: bool, header: str) -> None:
    assert sent_as(name, inline) == {"Content-Disposition": header}


def test_the_name_of_a_file_is_written_in_one_place() -> None:
    written = ("Content-Disposition", "download_name", "send_file(")
    found = {
        path.name
        for path in (ROOT / "xtbang").rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in written)
    }
    assert found == {"file_names.py"}
