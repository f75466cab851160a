"""The core: albums flow from scan to upload; knows no site, no terminal and no configuration file."""

__distribution__ = "mua-async"
