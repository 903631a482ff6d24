"""Pages for organisations: their projects and bids, filling in documents."""
