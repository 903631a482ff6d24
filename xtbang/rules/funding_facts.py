"""The money and the term in an application (项目申报书), as the rules about money need them."""

from datetime import date
from decimal import Decimal
from typing import Any

from xtbang.rules.fields import FormDefinition
from xtbang.rules.money import yuan_from_wan
from xtbang.rules.needs import reads


def yuan(text: Any) -> Decimal | None:
    """Return an amount in 万元 as typed in yuan; None when it is blank or cannot be read."""
    try:
        return yuan_from_wan(text)
    except ValueError:
        return None


def day(text: Any) -> date | None:
    """Return a date as typed; None when it is blank or cannot be read."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


@reads(
    "total_investment:money src_issuer_own:money src_paid_to_bidder:money src_city:money src_county:money "
    "term_start:date term_end:date new_tax:money",
    "application",
)
def funding_facts(values: dict[str, Any], form: FormDefinition) -> dict[str, Any] | None:
    """Return the facts of an application that the rules about money need, in yuan; None while an amount is missing."""
    if "src_county" not in {field.key for field in form.fields}:
        values = values | {"src_county": "0"}
    keys = ("total_investment", "src_issuer_own", "src_paid_to_bidder", "src_city", "src_county")
    amounts = [amount for key in keys if (amount := yuan(values.get(key))) is not None and amount >= 0]
    if len(amounts) < len(keys):
        return None
    total, own, paid, city, county = amounts
    new_tax = yuan(values.get("new_tax"))
    return {
        "total": total,
        "self_raised": own + paid,
        "subsidy": city,
        "county": county,
        "term_start": day(values.get("term_start")),
        "term_end": day(values.get("term_end")),
        "new_tax": new_tax if new_tax is None or new_tax >= 0 else None,
    }
