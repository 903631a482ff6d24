"""Sums of entries and of deals that are kept, those of the ledger by call as well, filled from what there is."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

YEAR = {"sqlite": "CAST(strftime('%Y', {day}) AS INTEGER)", "postgresql": "CAST(extract(year FROM {day}) AS INTEGER)"}
NET = "CASE WHEN l.reverses_id IS NULL THEN l.amount ELSE -l.amount END"
PAID = "l.project_id = p.id AND l.kind = 'instalment' AND l.source = 'city'"
LEDGER = (
    "INSERT INTO ledger_total SELECT p.region, {line}, l.kind, l.source{call}, count(*), sum({net}) "
    "FROM ledger_entry l JOIN project p ON p.id = l.project_id GROUP BY p.region, {line}, l.kind, l.source{call}"
)
GRANTS = (
    "INSERT INTO grant_total SELECT region, state, count(*), sum(coalesce(total_investment, 0)), sum(subsidy_city), "
    "sum(coalesce(subsidy_county, 0)) FROM project WHERE subsidy_city IS NOT NULL GROUP BY region, state"
)
ENTRIES = """
INSERT INTO entry_total
SELECT region, state, call_id, domain, kind, bidder, subsidised, documented, count(*), sum(invested), sum(city),
  sum(county), sum(paid), sum(CASE WHEN city >= paid THEN city ELSE paid END), sum(approved)
FROM (
  SELECT p.region, p.state, p.call_id, p.domain, p.kind,
    coalesce((SELECT o.kind FROM bid b JOIN organisation o ON o.id = b.lead_id WHERE b.id = p.agreed_bid_id), '') AS bidder,
    p.subsidy_city IS NOT NULL AS subsidised,
    EXISTS (SELECT 1 FROM funding_document f WHERE f.project_id = p.id) AS documented,
    coalesce(p.total_investment, 0) AS invested, coalesce(p.subsidy_city, 0) AS city,
    coalesce(p.subsidy_county, 0) AS county,
    (SELECT coalesce(sum({net}), 0) FROM ledger_entry l WHERE {paid}) AS paid,
    (SELECT coalesce(sum(a.amount), 0) FROM payment_approval a WHERE a.project_id = p.id AND a.voided_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM ledger_entry l WHERE {paid} AND l.instalment = a.instalment
        AND coalesce(l.reverses_id, 0) = 0 AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.reverses_id = l.id))) AS approved
  FROM project p WHERE p.number IS NOT NULL
) each
GROUP BY region, state, call_id, domain, kind, bidder, subsidised, documented
"""
DEALS = (
    "INSERT INTO deal_total SELECT p.region, {found}, p.call_id, p.subsidy_city IS NOT NULL, count(*), "
    "sum(coalesce(p.contract_amount, 0)) FROM finding f JOIN project p ON p.id = f.project_id "
    "WHERE f.kind = 'deal' AND f.voided_at IS NULL AND p.number IS NOT NULL "
    "GROUP BY p.region, {found}, p.call_id, p.subsidy_city IS NOT NULL"
)


def key(*columns: tuple[str, type[sa.types.TypeEngine]]) -> list[sa.Column]:
    return [sa.Column(name, kind(), nullable=False, autoincrement=False) for name, kind in columns]


def sums(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def make(table: str, keys: list[sa.Column], *columns: sa.Column) -> None:
    names = [column.name for column in keys]
    of_call = [sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f(f"fk_{table}_call_id_call"))]
    rest = of_call if "call_id" in names else []
    op.create_table(table, *keys, *columns, sa.PrimaryKeyConstraint(*names, name=op.f(f"pk_{table}")), *rest)


def fill(statement: str, call: str = ", p.call_id") -> None:
    year = YEAR[op.get_bind().dialect.name]
    days = {"line": year.format(day="l.dated"), "found": year.format(day="f.dated")}
    op.execute(statement.format(net=NET, paid=PAID, call=call, **days))


BY_LINE = ("region", sa.String), ("year", sa.Integer), ("kind", sa.String), ("source", sa.String)
CALL, SUBSIDISED = ("call_id", sa.Integer), ("subsidised", sa.Boolean)
ALIKE = ("region", "state", "domain", "kind", "bidder")
MONEY = ("total_investment", "subsidy_city", "subsidy_county")


def number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


SOME = sa.text("subsidy_city IS NOT NULL")


def upgrade() -> None:
    op.drop_table("grant_total")
    op.drop_table("ledger_total")
    make("ledger_total", key(*BY_LINE, CALL), number("lines"), *sums("amount"))
    alike = key(*((name, sa.String) for name in ALIKE), SUBSIDISED, ("documented", sa.Boolean))
    alike.insert(2, *key(CALL))
    make("entry_total", alike, number("projects"), *sums(*MONEY, "city_paid", "most", "approved"))
    make("deal_total", key(BY_LINE[0], BY_LINE[1], CALL, SUBSIDISED), number("deals"), *sums("amount"))
    for statement in (LEDGER, ENTRIES, DEALS):
        fill(statement)
    in_order = ["call_id", "number"]
    op.create_index("ix_project_call_number", "project", in_order, sqlite_where=SOME, postgresql_where=SOME)


def downgrade() -> None:
    op.drop_index("ix_project_call_number", "project")
    for table in ("deal_total", "entry_total", "ledger_total"):
        op.drop_table(table)
    make("ledger_total", key(*BY_LINE), number("lines"), *sums("amount"))
    make("grant_total", key(("region", sa.String), ("state", sa.String)), number("projects"), *sums(*MONEY))
    fill(LEDGER, call="")
    fill(GRANTS)
