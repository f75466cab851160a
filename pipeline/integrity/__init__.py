"""Whether the audio of an album is whole, and what it claims to be."""
