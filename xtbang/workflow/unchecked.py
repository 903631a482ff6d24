"""A guard or form that fails by a fault of the program (暂时无法核对) closes its own action, and nothing else."""

import logging
import secrets
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from xtbang.errors import Blocked, Refusal, places_of
from xtbang.models.writing import UnannouncedWriteError
from xtbang.rules.reasons import Reason

Answer = TypeVar("Answer")
LOG = logging.getLogger("xtbang.workflow")
TEXT = "暂时无法核对（错误编号 {number}）。请稍后再试；仍然如此，请把编号告诉系统维护人员。"


def answer_of(ask: Callable[[], Answer], name: str, project_id: int) -> Answer:
    """Return the answer of ``ask``. Raise Blocked with one reason when it fails by a fault of the program.

    The reason has a number; the log entry with this number has the place of the fault and the project, but nothing that
    was filled in. Refusals and errors of the database are raised as they are.
    """
    try:
        return ask()
    except (Refusal, SQLAlchemyError, UnannouncedWriteError):
        raise
    except Exception as error:
        number = secrets.token_hex(4)
        where = " > ".join(places_of(error))
        LOG.error("%s: %s of project %s: %s at %s", number, name, project_id, type(error).__name__, where)
        raise Blocked([Reason("unchecked", TEXT.format(number=number))]) from None
