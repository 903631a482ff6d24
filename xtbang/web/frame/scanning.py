"""The virus scanner asked about an uploaded file, where one is configured (``XTBANG_CLAMD``)."""

import logging

from flask import current_app

from xtbang.papers.scan.virus import ScannerError, harmful

LOG = logging.getLogger("xtbang.web")


def against_file(name: str, content: bytes) -> tuple[str, bool]:
    """Return what is said against a file, which the sentence calls ``name``, and whether it may be judged later; "" for none."""
    address = current_app.config["CLAMD"]
    try:
        found = harmful(content, address) if address else ""
    except ScannerError as failure:
        LOG.error("the virus scanner did not judge a file: %s", failure)
        return f"{name}现在不能查毒，没有收下", True
    if found:
        LOG.warning("the virus scanner found %s in a file", found)
        return f"{name}被查出恶意内容（{found}），请换成没有问题的文件。", False
    return "", False


def against_table(content: bytes) -> str:
    """Return what is said against a table that is read and not stored; "" for none."""
    against, later = against_file("表格", content)
    return f"{against}，请稍后再传。" if later else against
