"""The adapters: one class for each site, the families they share, and the embedded sandbox site."""

__distribution__ = "mua-async"
