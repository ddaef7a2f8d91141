"""What the gateway writes into the log: one leaf model, one builder per event."""

from gateway.entries.basis import Basis
from gateway.entries.exchange import Outcome, exchange_entry
from gateway.entries.leaf import LEAF_MEMBERS, bucket, cfg, leaf, leaf_schema

__all__ = [
    "LEAF_MEMBERS",
    "Basis",
    "Outcome",
    "bucket",
    "cfg",
    "exchange_entry",
    "leaf",
    "leaf_schema",
]
