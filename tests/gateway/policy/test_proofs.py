"""Proofs travel beside the law they are about; without them nothing is activated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.bundle import BadBundle, revision, verify
from gateway.policy import Bundle
from gateway.policy.build import assemble, build
from gateway.policy.pack import load_library
from gateway.policy.proofs import (
    CLAIMS,
    PROOFS,
    ProofRow,
    Unproved,
    keep_proofs,
    proofs_of,
    require_proofs,
    unproved,
    with_kept_proofs,
    with_proofs,
)
from gateway.policy.sign import signed
from tests.gateway.policy.prove.laws import bundle_of, never
from tests.gateway.policy.small import rule
from tests.gateway.policy.test_bundle import PEM, PUBLIC

NEVER = never(never={"outcomes": ["release"]}, where={"kinds": ["hold"]})


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """A bundle with one invariant."""
    return bundle_of(tmp_path, rule("st.a"), invariants=[NEVER])


def rows(**failing: bool) -> Iterator[ProofRow]:
    """Yield a row for each claim that must be proved; those named do not hold."""
    for claim in (*CLAIMS, "never.one"):
        name = claim.replace(".", "_")
        yield ProofRow(id=claim, says=f"{claim}.", holds=not failing.get(name))


def test_a_bundle_without_proofs_is_refused(bundle: Bundle) -> None:
    """In a sentence that says how it is proved."""
    with pytest.raises(Unproved) as refused:
        require_proofs(bundle)
    said = str(refused.value)
    assert (
        f"policy {bundle.revision[:12]} has no proofs, so it is not activated" in said
    )
    assert "with --policies and the folder" in said
    assert "sallyport policy prove --pack st --write" in said
    assert "extra prove" in said


def test_a_bundle_with_all_its_proofs_is_not_refused(bundle: Bundle) -> None:
    """The revision is the same, and an auditor's reader says so too."""
    proved = with_proofs(bundle, rows())
    require_proofs(proved)
    assert proved.revision == bundle.revision == revision(proved.files)


def test_a_proof_that_failed_is_named(bundle: Bundle) -> None:
    """Whatever else holds."""
    assert "does not keep to unknown, never.one." in unproved(
        with_proofs(bundle, rows(unknown=True, never_one=True))
    )


def test_a_claim_that_was_left_out_is_named(bundle: Bundle) -> None:
    """An invariant cannot be passed over by not proving it."""
    some = [row for row in rows() if row.id != "never.one"]
    assert "is not proved to keep to never.one." in unproved(with_proofs(bundle, some))


def test_proofs_of_another_revision_prove_nothing(
    tmp_path: Path, bundle: Bundle
) -> None:
    """They are told by the revision that they are of."""
    other = bundle_of(tmp_path / "other", rule("st.b"), overlay=[])
    borrowed = Bundle(
        files={**other.files, PROOFS: with_proofs(bundle, rows()).files[PROOFS]}
    )
    said = unproved(borrowed)
    assert f"are of {bundle.revision[:12]}" in said
    assert "--pack st --overlay county --write" in said


def test_proofs_are_signed_with_the_rest(bundle: Bundle) -> None:
    """Who changes them breaks the signature; who adds others must sign anew."""
    once = signed(with_proofs(bundle, rows()), pem=PEM, key_id="k")
    assert verify(once.files, public_key=PUBLIC) == bundle.revision
    changed = {**once.files, PROOFS: with_proofs(bundle, []).files[PROOFS]}
    with pytest.raises(BadBundle, match=f"{PROOFS} is not what was signed"):
        verify(changed, public_key=PUBLIC)
    assert ".signatures.json" not in with_proofs(once, rows()).files


def test_proofs_are_kept_by_revision(tmp_path: Path, bundle: Bundle) -> None:
    """In the folder, from which the next build takes them: no solver is needed."""
    assert build(tmp_path, ["st"]).files.get(PROOFS) is None
    path = keep_proofs(with_proofs(bundle, rows()), tmp_path)
    assert path == tmp_path / "proofs" / f"{bundle.revision}.json"
    require_proofs(build(tmp_path, ["st"]))
    assert json.loads(path.read_text())["revision"] == bundle.revision


def test_proofs_serve_where_no_engine_was_asked(
    tmp_path: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an embedded engine the same law has another revision, and is proved."""
    keep_proofs(with_proofs(bundle, rows()), tmp_path)
    monkeypatch.setattr("gateway.policy.build.have_embedded", lambda: False)
    other = assemble(load_library(tmp_path), ["st"])
    assert other.revision != bundle.revision
    require_proofs(with_kept_proofs(other, tmp_path))


def test_proofs_of_another_law_are_not_taken(tmp_path: Path, bundle: Bundle) -> None:
    """One rule more, and what is kept is of something else."""
    keep_proofs(with_proofs(bundle, rows()), tmp_path)
    more = bundle_of(tmp_path / "more", rule("st.a"), rule("st.b"), overlay=[])
    assert with_kept_proofs(more, tmp_path) == more


def test_a_file_of_proofs_that_cannot_be_read_is_none(
    tmp_path: Path, bundle: Bundle
) -> None:
    """The bundle is then unproved, and says so."""
    path = keep_proofs(with_proofs(bundle, rows()), tmp_path)
    path.write_text("{")
    assert with_kept_proofs(bundle, tmp_path) == bundle
    path.write_text("[]")
    assert with_kept_proofs(bundle, tmp_path) == bundle
    path.write_text('{"schema": "of something else"}')
    assert "has no proofs" in unproved(with_kept_proofs(bundle, tmp_path))


def test_what_was_looked_into(bundle: Bundle) -> None:
    """Each claim with whether it holds; nothing of none, or of other rules."""
    proved = with_proofs(bundle, rows(heard=True))
    found = proofs_of(proved)
    assert (found["heard"], found["never.one"]) == (False, True)
    assert {*found} == {*CLAIMS, "never.one"}
    assert proofs_of(bundle) == {}
    text = proved.files[PROOFS].replace(bundle.revision.encode(), b"0" * 64)
    assert proofs_of(Bundle(files={**bundle.files, PROOFS: text})) == {}
