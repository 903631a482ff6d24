"""Hold what every action uses: context, registry of guards and effects, relations, audit trail, papers, mails, documents."""
