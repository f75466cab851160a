"""From an album's bytes to the digests of its pieces: engines, the threads that run them, the async face."""
