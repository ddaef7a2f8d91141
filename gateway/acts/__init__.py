"""Acts: what needs named people's signatures, as public statements in the log.

Each act is a statement of a few lines, stored at ``acts/<sha256>`` and named in its
leaf. It is a signed note without signatures yet: readers call it ``unsigned act``.
"""

from gateway.acts.activation import Activation, NotActivated, require_active
from gateway.acts.builders import (
    activation,
    closing,
    cutoff,
    cutoff_lift,
    genesis,
    paper,
    paper_commitment,
    reopening,
    start,
    stop,
)
from gateway.acts.fold import (
    ActEvent,
    ActOutOfOrder,
    ActsInForce,
    CutOffAct,
    PaperAct,
    fold,
)
from gateway.acts.statement import (
    ACTS,
    CUTOFF_SCOPES,
    PAPER_STATES,
    REASONS,
    ActMalformed,
    Statement,
    parse_note,
)

__all__ = [
    "ACTS",
    "CUTOFF_SCOPES",
    "PAPER_STATES",
    "REASONS",
    "ActEvent",
    "ActMalformed",
    "ActOutOfOrder",
    "Activation",
    "ActsInForce",
    "CutOffAct",
    "NotActivated",
    "PaperAct",
    "Statement",
    "activation",
    "closing",
    "cutoff",
    "cutoff_lift",
    "fold",
    "genesis",
    "paper",
    "paper_commitment",
    "parse_note",
    "reopening",
    "require_active",
    "start",
    "stop",
]
