"""The template of the table from which past projects come in (导入), as a spreadsheet: heads to fill in under, and how."""

from io import BytesIO

from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.import_table import head_of

HOW = {
    FieldKind.MONEY: "万元；也可以写明单位，例如 500,000元",
    FieldKind.DATE: "例如 2021-11-23，或者 2021年11月23日",
    FieldKind.USCC: "18 位",
}
AS_TEXT = (FieldKind.TEXT, FieldKind.USCC, FieldKind.DATE)  # codes keep their digits


def template_of(form: FormDefinition, most: int) -> bytes:
    """Return the xlsx for that many lines: the heads in the first sheet, what to fill in under each in the second one."""
    from openpyxl import Workbook  # imported here to keep the start fast
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet.title = "项目"
    notes = book.create_sheet("填写说明")
    notes.append(["列", "须填", "怎样填写"])
    for place, field in enumerate(form.fields, start=1):
        letter = get_column_letter(place)
        head = sheet.cell(1, place, head_of(field))
        head.font, head.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[letter].width = 22 if field.kind is FieldKind.TEXT else 14
        if field.kind in AS_TEXT:
            sheet.column_dimensions[letter].number_format = "@"
        if field.choices:
            said = ",".join(choice.label for choice in field.choices)
            offered = DataValidation(type="list", formula1=f'"{said}"', allow_blank=True)
            sheet.add_data_validation(offered)
            offered.add(f"{letter}2:{letter}{most + 1}")
        notes.append([field.label, "须填" if field.required else "", _how(field)])
    sheet.row_dimensions[1].height = 48
    sheet.freeze_panes = "C2"
    for letter, width in (("A", 26), ("B", 8), ("C", 60)):
        notes.column_dimensions[letter].width = width
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _how(field: Field) -> str:
    """Return what to fill in under a head."""
    if field.choices:
        return "、".join(choice.label for choice in field.choices)
    if "." in field.key:
        return "没有的三列都不填；凭证号同一财政不能重复"
    return field.hint or HOW.get(field.kind, "")
