"""The log and what its acts come to, opened together and kept in step.

One process at a time holds the log: the running gateway, or a command while none
runs. Both write acts through the same :class:`Registrar`.
"""

from gateway.ledger.changes import changed_names, require_files
from gateway.ledger.opening import Ledger, log_keys, open_ledger
from gateway.ledger.registrar import Basis, Registrar
from gateway.ledger.rotating import rotate_keys
from gateway.ledger.witnesses import trust_policy
from gateway.ledger.witnessing import Witnessing

__all__ = [
    "Basis",
    "Ledger",
    "Registrar",
    "Witnessing",
    "changed_names",
    "log_keys",
    "open_ledger",
    "require_files",
    "rotate_keys",
    "trust_policy",
]
