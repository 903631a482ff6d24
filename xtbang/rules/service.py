"""Prior notices (告知书) and their service (送达): titles, manners, when one counts as served, until when to answer."""

from datetime import date, timedelta

from xtbang.rules.workdays import Arrangements, add_workdays

MANNERS = {"in_person": "直接送达", "post": "邮寄送达", "electronic": "电子送达", "announced": "公告送达"}
ANNOUNCED_DAYS = 30  # after which what is announced counts as served (Civil Procedure Law 95)


def notice_title(*, restricts: bool, completed: bool) -> str:
    """Return the title of a prior notice: of a termination, or of a claim after the project was 办结; with a restriction or without."""
    return f"拟作出{'追回财政资金' if completed else '终止'}{'及限制申报' if restricts else ''}决定告知书"


def served_on(manner: str, dated: date) -> date:
    """Return the day on which a paper counts as served that was signed for, received or announced on that day."""
    return dated + timedelta(days=ANNOUNCED_DAYS) if manner == "announced" else dated


def last_day_to_answer(served: date, days: int, arrangements: Arrangements = ()) -> date:
    """Return the last of so many working days after the day of service. Raise ValueError when `days` is less than 1."""
    return add_workdays(served, days, arrangements)
