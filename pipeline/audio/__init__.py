"""What an audio file is, told from its bytes: containers, streams, fingerprints, and the names of tags."""
