"""The steps of handing in the form of an entry: which are done, which is next, which are open again after 退回修改."""

from dataclasses import dataclass

from xtbang.models import Document, DocumentVersion


@dataclass(frozen=True)
class FormStep:
    """One step as the page of the form shows it."""

    key: str  # fill, print, scan, hand_in
    title: str
    text: str
    done: bool
    now: bool = False  # whether it is the next one
    again: bool = False  # whether it had been done before the form was returned, and can be done again


def steps_of(document: Document, missing: int, returned: DocumentVersion | None, *, scan: bool) -> list[FormStep]:
    """Return the steps, with a stamped scan where the edition asks for one; none while a form without it is first filled in.

    ``missing`` counts the fields that are blank or wrong, ``returned`` is the version that an office has returned.
    """
    if not scan and returned is None:
        return []
    changed = returned is not None and document.draft != returned.data
    scanned = document.scan_id is not None
    filled = not missing and (changed or returned is None)
    found = [("fill", "按退回意见修改" if returned else "填写完整", _filled(missing, returned, changed), filled)]
    if scan:
        found.append(("print", "打印并盖章", _printed(scanned, returned), scanned))
        found.append(("scan", "上传盖章扫描件", _scan_text(document), scanned))
    fixed = "提交后取得受理回执，填报内容即行固定"
    found.append(("hand_in", "重新提交" if returned else "提交", fixed, False))
    following = next(n for n, (*_step, done) in enumerate(found) if not done)
    return [
        FormStep(key, title, text, done, now=n == following, again=returned is not None)
        for n, (key, title, text, done) in enumerate(found)
    ]


def _filled(missing: int, returned: DocumentVersion | None, changed: bool) -> str:
    if missing:
        return f"还有 {missing} 处未填写或须改正"
    if returned is None:
        return "各项填写完整"
    return "退回后已有改动，各项填写完整" if changed else "各项均可修改；退回后还没有改动"


def _printed(scanned: bool, returned: DocumentVersion | None) -> str:
    if returned is not None and scanned:
        return "退回前的盖章件与当前内容一致，仍可使用；改动填报内容后，须重新打印盖章"
    if returned is not None:
        return "内容已有改动，退回前的盖章件不再有效：打印当前内容（页脚带二维码），加盖单位公章"
    return "打印当前内容（页脚带二维码），加盖单位公章；盖章后再改动填报内容，须重新打印盖章"


def _scan_text(document: Document) -> str:
    if document.scan_id is None:
        return "系统读取页脚二维码，核对是否与当前填报内容一致"
    if document.scan_note == "read":
        return "已上传，二维码与当前填报内容一致"
    return f"已上传，由受理人员人工核对：{document.scan_note}"
