"""What a run looks like: each module holds one display, a subscriber of the core's events."""
