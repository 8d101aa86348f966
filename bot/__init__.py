"""Daily Papers: the platform-free core."""

__version__ = "0.1.0"
