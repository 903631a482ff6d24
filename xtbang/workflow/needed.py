"""The fields that the program reads: every form needs them, of the right kind.

They are written as ``key:kind``; in brackets the columns of a table, or the choices that the program compares with. A
form may have more fields and more choices; without one of these the program would silently take it as left blank.
"""

import re
from collections.abc import Iterator

from xtbang.rules.fields import Field, FieldKind

PANEL = "technical:whole financial:whole legal:whole"
ENTRY = "title:text domain:choice region:choice"
FIELDS_OF_ENTRIES = {
    "tech_demand": f"{ENTRY} term_start:date term_end:date",
    "tech_supply": ENTRY,
    "scene_demand": f"{ENTRY} term_start:date term_end:date",
    "scene_supply": ENTRY,
}
FIELDS_OF_DOCUMENTS = {
    "bid": (
        "lead_task:text lead_share:percent members:rows(name uscc kind task share) leader_name:text "
        "leader_title:text leader_mobile:mobile team:rows(name title organisation role) response:rows(indicator "
        "requirement commitment method) route:long milestones:rows(date content indicator money) price:money "
        "results:long"
    ),
    "application": (
        "contract_number:text contract_registration:text contract_signed_on:date contract_amount:money "
        "contract_file:file ip_ownership:long ip_sharing:long total_investment:money src_issuer_own:money "
        "src_paid_to_bidder:money src_city:money src_county:money use_equipment:money use_material:money "
        "use_testing:money use_fuel:money use_travel:money use_publication:money use_labour:money use_expert:money "
        "use_other:money goals:long route:long term_start:date term_end:date milestones:rows(date content "
        "indicator money) indicators:rows(name unit today target proof) new_tax:money team:rows(name title "
        "organisation role)"
    ),
    "contract": (
        "number:text issuer_contact:text issuer_phone:phone bidder_contact:text bidder_phone:phone payee_name:text "
        "payee_bank:text payee_account:text bidder_bank:text bidder_account:text confidential_years:whole "
        "dispute:choice copies:whole supplement:long"
    ),
    "report": (
        "summary:long milestones:rows(content state note) indicators:rows(name target reached) spent_own:money "
        "spent_city:money spent_county:money"
    ),
    "acceptance": (
        "indicators:rows(name target reached proof) results:long new_tax:money spent_own:money spent_city:money "
        "spent_county:money self_grade:choice(未达到考核要求) self_text:long"
    ),
}
FIELDS_OF_ACTIONS = {
    "withdraw": "reason:long",
    "upload_scan": "scan:file",
    "send_back": "reason:long remarks:rows(field text) correct_by:date",
    "accept": "checklist:choices scan_looked_at:flag",
    "refuse": "rule:text reason:long",
    "convene_appraisal": PANEL,
    "draw_more": PANEL,
    "answer_invitation": "answer:choice(接受 谢绝 申请回避) no_conflict:flag note:text",
    "conclude_panel": "favourable:choice(通过 不通过) opinion:long responsible:choice(发榜方 揭榜方 双方)",
    "list_major": "bids_from:datetime bids_until:datetime notice_number:document_number",
    "drop": "reason:long",
    "extend_bids": "bids_until:datetime reason:long",
    "agree": "bid:choice satisfaction:choice reason:long",
    "reopen": "reason:long bids_until:datetime",
    "register_deal": (
        "contract_number:text contract_signed_on:date contract_amount:money ip_clause:long contract_file:file"
    ),
    "schedule_roadshow": "title:text starts_at:datetime place:text minutes:whole",
    "convene_roadshow": PANEL,
    "record_inspection": "dated:date text:long file:file",
    "record_opinion": "favourable:choice(同意立项 不同意立项) text:long",
    "recommend": "resolution_date:date resolution_number:text minutes:file subsidy_city:money reason:long",
    "decline": "resolution_date:date resolution_number:text minutes:file reason:long",
    "publish_notice": "title:text body:long notice_number:document_number",
    "file_objection": "name:text contact:text facts:long evidence:file",
    "decide_objection": "objection:choice outcome:choice(异议成立 异议不成立) finding:long",
    "uphold": "reason:long",
    "sign_contract": "signed_on:date scan:file",
    "withdraw_voucher": "voucher:choice",
    "withdraw_report": "report:choice",
    "look_at_signature": "party:choice outcome:choice(与当前版本一致)",
    "record_funding_document": "number:text dated:date file:file",
    "conclude": "notice_number:document_number",
    "submit_voucher": "number:text amount:money paid_on:date file:file",
    "check_voucher": "voucher:choice outcome:choice(真实有效，予以认定 不予认定) note:text",
    "record_waiver": "rule:choice reason:long",
    "confirm_county_match": "amount:money number:text dated:date file:file",
    "disburse_first": "amount:money paid_on:date note:text",
    "record_county_instalment": "instalment:choice amount:money dated:date note:text",
    "assign_agency": "agency:choice",
    "record_check": "dated:date favourable:choice(进展正常 需要关注) text:long file:file",
    "request_extension": "reason:long new_end:date audit_file:file",
    "grant_extension": "reason:long",
    "deny_extension": "reason:long",
    "convene_acceptance": PANEL,
    "rectify": "reason:long rectify_by:date",
    "pass_acceptance": "reason:long",
    "disburse_final": "amount:money paid_on:date note:text",
    "convene_liability": PANEL,
    "terminate": (
        "cause:choice(客观原因或不可抗力 发榜方或揭榜方主观原因) reason:long audit_file:file recover_by:date restrict_until:date "
        "notice_number:document_number"
    ),
    "declare_county_unpaid": "instalment:choice reason:long",
    "record_recovery": "source:choice(市级财政 县市区（园区）财政) amount:money dated:date note:text file:file",
    "settle": "reason:long",
    "withhold": "signature:choice reason:long",
}
FIELD = re.compile(r"(\w+):(\w+)(?:\(([^)]*)\))?(?= |$)")
TEXTS = frozenset(
    {FieldKind.TEXT, FieldKind.LONG, FieldKind.PHONE, FieldKind.MOBILE, FieldKind.EMAIL, FieldKind.DOCUMENT_NUMBER}
)


def lacking(needed: str, fields: tuple[Field, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield each field that is not as the program needs it: its key, the name of the wrong value, a sentence."""
    known = {field.key: field for field in fields}
    for key, kind, parts in FIELD.findall(needed):
        field = known.get(key)
        if field is None:
            yield key, "", f"：缺填写项 {key}（{kind}）。程序要用它，不能删去或改名。"
        elif field.kind != kind and not (field.kind in TEXTS and kind in TEXTS):
            yield key, "kind", f"写的是 {field.kind}，程序要用的是 {kind}。"
        elif not field.options:
            have = [column.key for column in field.columns] if kind == "rows" else field.choices
            what, name = ("列", "column") if kind == "rows" else ("选项", "choices")
            if missing := [part for part in parts.split() if part not in have]:
                yield key, name, f"缺{what} {'、'.join(missing)}：程序要用它，不能删去或改写。"
