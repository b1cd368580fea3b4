"""The version of the package; below everything, since tables and requests bear it."""

__version__ = "0.1.0"
