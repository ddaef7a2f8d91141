"""A synthetic county that shows the main job on real input, within a minute.

Everything here is invented; everything it runs is the gateway itself.
"""

__all__: list[str] = []
