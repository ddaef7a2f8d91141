"""Sallyport: asks who and why, decides by written law, redacts, records, releases.

Start reading in :mod:`gateway.app`, then :mod:`gateway.exchange`.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
