"""Pages for administration: people, organisations, restrictions, mails, audit trail."""
