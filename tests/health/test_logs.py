"""The log: one line a record in both styles, with numbers and places, and nothing that was typed."""

import json
import logging
import sys
import unicodedata

import pytest

from xtbang.logs import JsonFormatter, TextFormatter

STYLES = {"json": JsonFormatter(), "text": TextFormatter()}


def record_of(said: str) -> logging.LogRecord:
    """Return what is logged of a value that cannot be read."""
    try:
        int(f"typed by somebody{said}")
    except ValueError:
        return logging.getLogger("xtbang.web").makeRecord(
            "xtbang.web", logging.ERROR, __file__, 1, "failed %s", (said,), sys.exc_info()
        )
    raise AssertionError


def test_a_line_of_the_log_is_json_with_the_place_of_an_exception_and_nothing_that_was_typed() -> None:
    line = json.loads(STYLES["json"].format(record_of("here")))
    assert line["message"] == "failed here" and line["exception"]["type"] == "ValueError"
    assert "test_logs.py" in line["exception"]["at"][-1]


def test_a_sentence_of_the_log_has_the_place_of_an_exception_at_its_end() -> None:
    line = STYLES["text"].format(record_of("here"))
    assert line.startswith("ERROR xtbang.web failed here | ValueError at ") and line.endswith(" record_of")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "said",
    ["\r\nERROR xtbang.accounts forged", "\x1b[2K\x1b[31m", "\x9b31m", "\x00\x07\x08", "\x0b\x0c\x1c\x85", "\u2028\u2029", "\u202e\u2066"],
)  # fmt: skip
def test_a_record_is_one_line_that_nobody_breaks_or_colours(style: str, said: str) -> None:
    line = STYLES[style].format(record_of(said))
    assert len(line.splitlines()) == 1
    assert [one for one in line if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp")] == []
    assert "failed" in line and "typed by somebody" not in line
    if style == "json":
        assert json.loads(line)["message"] == f"failed {said}"
