"""The forms by which changes of an organisation are asked for or recorded, one for each kind of change."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from xtbang.enums import CHANGE_LABELS
from xtbang.models import Organisation
from xtbang.people.account_forms import identity
from xtbang.rules.city import City
from xtbang.rules.fields import Field, FieldKind, FormDefinition, Section

CHANGES = {
    "rename": ("name",),
    "code": ("uscc",),
    "move": ("region",),
    "correction": ("name", "uscc", "kind", "region"),
    "dissolution": (),
    "revival": (),
}
OF_THE_OFFICE = ("revival",)  # kinds that no organisation asks for
EXPLAINED = {
    "rename": "登记机关已经核准新名称的，在此登记。此前签订的合同、出具的文书和提交的材料保留当时的名称；合同签订以后出具的文书写明“（原……）”。",
    "code": "登记机关换发了统一社会信用代码的，在此登记。按原代码仍可查到本单位。",
    "move": "登记地迁到其他县市区（园区）的，在此登记。已提交的项目仍由提交时的县市区（园区）配套，此后提交的按新登记地办理。",
    "correction": "注册时填错的名称、代码、类别或登记地，在此更正。不是登记错误而是后来变更的，请按更名、换码或迁移登记。",
    "dissolution": "登记机关已经准予注销的，在此登记。登记后该单位人员不能再办理事项；未办结的项目由主管部门按规定处理。",
    "revival": "误登记注销的，在此撤销。撤销后该单位人员可以继续办理事项。",
}
DATED = {
    "correction": Field("dated", "发现日期", FieldKind.DATE),
    "revival": Field("dated", "发现日期", FieldKind.DATE),
    "dissolution": Field("dated", "准予注销日期", FieldKind.DATE, hint="登记机关注销通知书上的日期"),
}
_DATED = Field("dated", "核准变更日期", FieldKind.DATE, hint="登记机关变更通知书上的日期")
_LABELS = {"name": "新名称", "uscc": "新代码", "region": "新登记地"}
_REASON = Field("reason", "变更原因", FieldKind.LONG, limit=300)
_FILE = Field(
    "file", "证明材料", FieldKind.FILE, hint="登记机关的变更或注销通知书、新的营业执照或登记证书；更正的附现有证照"
)


def change_form(city: City, kind: str) -> FormDefinition:
    """Return the form of that kind of change. Raise KeyError for another kind."""
    known = {field.key: field for field in identity(city)}
    told = _LABELS if kind != "correction" else {}
    fields = [replace(known[key], label=told.get(key, known[key].label)) for key in CHANGES[kind]]
    parts = (*fields, DATED.get(kind, _DATED), _REASON, _FILE)
    return FormDefinition(kind, CHANGE_LABELS[kind], sections=(Section("", parts),))


def offered(row: Organisation, *, by_office: bool) -> dict[str, str]:
    """Return the kinds of change that can be asked for or recorded now, with their names."""
    if row.dissolved_on:
        return {key: CHANGE_LABELS[key] for key in OF_THE_OFFICE} if by_office else {}
    return {key: label for key, label in CHANGE_LABELS.items() if key not in OF_THE_OFFICE}


def present_values(row: Organisation, kind: str) -> dict[str, Any]:
    """Return what the form shows at first: for a correction what is registered now, otherwise nothing."""
    return {key: getattr(row, key) for key in CHANGES[kind]} if kind == "correction" else {}


def differences(row: Organisation, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are not as registered now."""
    return {key: values[key] for key in CHANGES[kind] if values[key] != getattr(row, key)}


def labels(city: City) -> dict[str, str]:
    """Return key → label of everything that a change may change."""
    return {field.key: field.label for field in identity(city)}
