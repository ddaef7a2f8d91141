"""What an activation would put into force, and what goes into the log with it."""

from __future__ import annotations

from gateway.control import Proposal
from gateway.manifest import Manifest


def test_the_manifest_goes_with_the_archive() -> None:
    """Both are public, each under the digest of its bytes."""
    manifest = Manifest(files=(("agencies.yaml", "1" * 64),))
    proposal = Proposal(
        policy="a" * 64,
        bundle="b" * 64,
        manifest=manifest,
        witness="none",
        attachments={"policy/x.tar.gz": b"x"},
    )
    assert (proposal.basis.policy, proposal.basis.manifest) == (
        "a" * 64,
        manifest.digest,
    )
    assert proposal.files == {
        "policy/x.tar.gz": b"x",
        f"manifest/{manifest.digest}": manifest.text.encode(),
    }
