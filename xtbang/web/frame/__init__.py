"""What all pages share: access rules, errors, formats, input, navigation, throttling."""
