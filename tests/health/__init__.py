"""Tests of the checks of an installation and of the alarms."""
