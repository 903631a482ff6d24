"""Organisations, their people, the officers, restrictions (第十三条), passwords, the inbox: commands without Flask."""
