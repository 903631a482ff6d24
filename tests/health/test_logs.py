"""The log as JSON: one object a line, with numbers and places, and nothing that was typed."""

import json
import logging
import sys

from xtbang.logs import JsonFormatter


def test_a_line_of_the_log_is_json_with_the_place_of_an_exception_and_nothing_that_was_typed() -> None:
    try:
        int("typed by somebody")
    except ValueError:
        record = logging.getLogger("xtbang.web").makeRecord(
            "xtbang.web", logging.ERROR, __file__, 1, "failed %s", ("here",), sys.exc_info()
        )
    text = JsonFormatter().format(record)
    line = json.loads(text)
    assert "\n" not in text and "typed by somebody" not in text
    assert line["message"] == "failed here" and line["exception"]["type"] == "ValueError"
    assert "test_logs.py" in line["exception"]["at"][-1]
