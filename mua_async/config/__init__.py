"""The configuration: read whole, checked at once, changed with care; and where its secrets are kept."""
