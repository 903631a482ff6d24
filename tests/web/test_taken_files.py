"""A file field may take fewer types of file than all; whoever sends another one is told which."""

from io import BytesIO

from flask import Flask
from werkzeug.datastructures import FileStorage

from xtbang.rules.fields import Field, FieldKind
from xtbang.web.frame.inputs import take_uploads

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def test_a_type_that_the_field_does_not_take_is_refused_with_those_that_it_takes(app: Flask) -> None:
    field = Field("text", "合同文本", FieldKind.FILE, takes=("pdf",))
    with app.test_request_context():
        sent = {"text": FileStorage(BytesIO(PNG), "合同.png")}
        uploads, (reason,) = take_uploads([field], sent, {})
    assert uploads == {}
    assert reason.text == "“合同文本”只接受 PDF 文件（按内容识别，与扩展名无关）。"
    assert Field("text", "合同文本", FieldKind.FILE).takes_in_words == "PDF、JPG 或 PNG"
