"""Sites that nobody wrote code for: what the user says of them, and a tracker that goes by it."""
