"""Who may see what: projects, the parts of a project's page, sealed bids."""
