"""What every action uses: its context, the registry of guards and effects, relations, audit trail, papers, mails, documents."""
