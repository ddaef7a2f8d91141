"""Acts: what needs named people's signatures, as public statements in the log.

Each act is a signed note of a few lines, stored at ``acts/<sha256>`` and named in its
leaf. Its form, and who must sign it, are the log's own (:mod:`audit.authority`), so
that everybody can check them; here is what an act means to a gateway.
"""

from gateway.acts.activation import Activation, NotActivated, require_active
from gateway.acts.builders import (
    activation,
    closing,
    cutoff,
    cutoff_lift,
    face_commitment,
    genesis,
    paper,
    paper_commitment,
    reopening,
    replay,
    roster,
    start,
    stop,
)
from gateway.acts.file import ActFile, ActFileMalformed
from gateway.acts.fold import (
    ActEvent,
    ActMalformed,
    ActOutOfOrder,
    ActsInForce,
    CutOffAct,
    PaperAct,
    fold,
    parse_note,
    why_not,
)

__all__ = [
    "ActEvent",
    "ActFile",
    "ActFileMalformed",
    "ActMalformed",
    "ActOutOfOrder",
    "Activation",
    "ActsInForce",
    "CutOffAct",
    "NotActivated",
    "PaperAct",
    "activation",
    "closing",
    "cutoff",
    "cutoff_lift",
    "face_commitment",
    "fold",
    "genesis",
    "paper",
    "paper_commitment",
    "parse_note",
    "reopening",
    "replay",
    "require_active",
    "roster",
    "start",
    "stop",
    "why_not",
]
