"""Limits of concurrent printing: few requests in all and fewer of one person; further ones are refused at once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from flask import Flask, current_app, request, url_for

from xtbang.web.frame.access import actor
from xtbang.web.frame.errors import error_page

AGAIN = "再试一次"


class Crowded(Exception):
    """Too many requests print papers. ``code`` is the HTTP status, ``seconds`` the value of Retry-After."""

    def __init__(self, code: int, seconds: int, happened: str, todo: str) -> None:
        super().__init__(happened)
        self.code, self.seconds, self.todo = code, seconds, todo


class Places:
    """The requests that print now. One object for the process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken: Counter[str] = Counter()

    @contextmanager
    def take(self, who: str, most: int, each: int) -> Iterator[None]:
        """Hold one of ``most`` places, of which a person has at most ``each``. Raise Crowded."""
        with self._lock:
            if self._taken[who] >= each:
                happened = f"您已有 {each} 份文书正在排版打印，没有再增加。"
                raise Crowded(429, 20, happened, "请等前面的文书打开后再打印；二十秒后也可以按“再试一次”。")
            if self._taken.total() >= most:
                happened = "打印排队的人较多，这份文书暂时没有打印。"
                raise Crowded(503, 60, happened, "请一分钟后再试；填报内容和已出具的文书都没有丢失。")
            self._taken[who] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[who] -= 1
                self._taken += Counter()  # drops counts of zero


@contextmanager
def place() -> Iterator[None]:
    """Hold a place for the sender of this request while a paper is printed. Raise Crowded."""
    who = actor()
    name = f"person {who.person_id}" if who.person_id else f"address {request.remote_addr}"
    places: Places = current_app.extensions["places"]
    with places.take(name, current_app.config["PRINT_QUEUE"], current_app.config["PRINT_EACH"]):
        yield


def add_places(app: Flask) -> None:
    """Add the error page: answer 429 or 503 with Retry-After and a link to try again."""
    app.extensions["places"] = Places()

    @app.errorhandler(Crowded)
    def crowded(error: Crowded) -> tuple[str, int, dict[str, str]]:
        links = [(AGAIN, request.full_path.rstrip("?")), ("回到首页", url_for("public.home"))]
        page, code = error_page(error.code, str(error), error.todo, links)
        return page, code, {"Retry-After": str(error.seconds)}
