"""Organisations, their people, the officers, restrictions, passwords, the inbox: commands without Flask."""
