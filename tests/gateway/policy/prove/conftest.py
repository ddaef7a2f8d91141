"""The solver's modules are loaded late; here, where their coverage is measured.

Whichever test asks for a proof first would load them, and may be one of those in which
nothing is measured.
"""

from __future__ import annotations

import importlib
import pkgutil

from gateway.policy import prove

for _module in pkgutil.iter_modules(prove.__path__, f"{prove.__name__}."):
    importlib.import_module(_module.name)
