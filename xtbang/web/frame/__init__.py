"""Functions shared by all pages: access rules, errors, formats, input, navigation, throttling."""
