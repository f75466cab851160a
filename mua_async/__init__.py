"""The program: arguments, configuration and display around the pipeline and the trackers."""

__distribution__ = "mua-async"
__version__ = "0.1.0"
