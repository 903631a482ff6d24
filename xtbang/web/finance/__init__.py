"""Pages about money: payments, ledger, recovery."""
