"""Pages for experts: invitations and scoring."""
