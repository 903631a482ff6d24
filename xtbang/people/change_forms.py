"""The forms by which changes of an organisation are asked for or recorded, one for each kind of change."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from xtbang.enums import CHANGE_LABELS, CHANGES_BY_TWO, SUCCESSIONS, TAKING_BACK
from xtbang.models import Organisation
from xtbang.people.account_forms import identity
from xtbang.rules.city import City
from xtbang.rules.fields import Field, FieldKind, FormDefinition, choices, one_section

CHANGES = {
    "rename": ("name",),
    "code": ("uscc",),
    "move": ("region",),
    "correction": ("name", "uscc", "kind", "region"),
    "dissolution": (),
    "revival": (),
    "merger": (),
    "division": (),
    "taking_back": (),
}
OF_THE_OFFICE = ("revival", *CHANGES_BY_TWO)  # kinds that no organisation asks for
EXPLAINED = {
    "rename": "登记机关已经核准新名称的，在此登记。此前签订的合同、出具的文书和提交的材料保留当时的名称；合同签订以后出具的文书写明“（原……）”。",
    "code": "登记机关换发了统一社会信用代码的，在此登记。按原代码仍可查到本单位。",
    "move": "登记地迁到其他县市区（园区）的，在此登记。已提交的项目仍由提交时的县市区（园区）配套，此后提交的按新登记地办理。",
    "correction": "注册时填错的名称、代码、类别或登记地，在此更正。不是登记错误而是后来变更的，请按更名、换码或迁移登记。",
    "dissolution": "登记机关已经准予注销的，在此登记。登记后该单位人员不能再办理事项；未办结的项目由主管部门按规定处理。",
    "merger": "本单位并入另一单位的，在此登记，由另一人确认后生效。承继单位须已注册并经确认；"
    "下列事项、本单位受到的限制和代表本单位的账号全部转到承继单位，本单位即登记注销。",
    "division": "本单位分立、部分项目由另一单位承继的，在此登记，由另一人确认后生效。承继单位须已注册并经确认；"
    "选中的事项转到承继单位，本单位受到的限制对其同样有效。",
    "revival": "误登记注销的，在此撤销。撤销后该单位人员可以继续办理事项。",
    "taking_back": "误登记合并、分立的，在此撤销，由另一人确认后生效。转到承继单位的事项、账号转回，承继的限制解除；"
    "此后已经办理过的事项仍由承继单位办理，确需转回的，登记承继单位的分立。",
}
DATED = {
    "correction": Field("dated", "发现日期", FieldKind.DATE),
    "revival": Field("dated", "发现日期", FieldKind.DATE),
    "taking_back": Field("dated", "发现日期", FieldKind.DATE),
    "dissolution": Field("dated", "准予注销日期", FieldKind.DATE, hint="登记机关注销通知书上的日期"),
}
_DATED = Field("dated", "核准变更日期", FieldKind.DATE, hint="登记机关变更通知书上的日期")
SUCCESSOR = (
    Field("successor", "承继单位的统一社会信用代码", FieldKind.USCC),
    Field("successor_name", "承继单位名称", FieldKind.TEXT, limit=60, hint="与登记的名称核对，不一致的不办理"),
)
_LABELS = {"name": "新名称", "uscc": "新代码", "region": "新登记地"}
_REASON = Field("reason", "变更原因", FieldKind.LONG, limit=300)
_FILE = Field(
    "file", "证明材料", FieldKind.FILE, hint="登记机关的变更或注销通知书、新的营业执照或登记证书；更正的附现有证照"
)


def succession_form(kind: str, parts: Mapping[str, str]) -> FormDefinition:
    """Return the form of a merger or division; ``parts`` are what can be taken over by a division."""
    what = (Field("parts", "由承继单位承继", FieldKind.CHOICES, choices=choices(parts)),) if kind == "division" else ()
    about = (*SUCCESSOR, *what, replace(_DATED, label="登记日期"), _REASON, _FILE)
    return one_section(kind, CHANGE_LABELS[kind], about)


def change_form(city: City, kind: str) -> FormDefinition:
    """Return the form of that kind of change. Raise KeyError for another kind."""
    known = {field.key: field for field in identity(city)}
    told = _LABELS if kind != "correction" else {}
    fields = [replace(known[key], label=told.get(key, known[key].label)) for key in CHANGES[kind]]
    parts = (*fields, DATED.get(kind, _DATED), _REASON, _FILE)
    return one_section(kind, CHANGE_LABELS[kind], parts)


def offered(row: Organisation, *, by_office: bool, succeeded: bool) -> dict[str, str]:
    """Return the kinds of change that can be asked for or recorded now, with their names.

    ``succeeded``: whether another organisation has taken over from it, which can be taken back.
    """
    kinds = [key for key in CHANGES if key not in OF_THE_OFFICE]
    if row.dissolved_on:
        kinds = ["revival"] if by_office and not succeeded else []
    elif by_office and row.status == "confirmed":
        kinds += SUCCESSIONS
    kinds += [TAKING_BACK] if by_office and succeeded else []
    return {key: CHANGE_LABELS[key] for key in kinds}


def present_values(row: Organisation, kind: str) -> dict[str, Any]:
    """Return what the form shows at first: for a correction what is registered now, otherwise nothing."""
    return {key: getattr(row, key) for key in CHANGES[kind]} if kind == "correction" else {}


def differences(row: Organisation, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are not as registered now."""
    return {key: values[key] for key in CHANGES[kind] if values[key] != getattr(row, key)}


def labels(city: City) -> dict[str, str]:
    """Return key → label of everything that a change may change."""
    return {field.key: field.label for field in identity(city)}
