"""Builds a bundle from a policies folder, or says everything that is wrong in it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.canonical import canonical
from gateway.errors import Cause, InvalidFile, Unavailable
from gateway.policy.bundle import Bundle, with_revision
from gateway.policy.compile import Compiled, compile_rules
from gateway.policy.conformance import FILE, UNKNOWN, agrees, digest_of, plain_answer
from gateway.policy.conformancequestions import conformance_questions, every_question
from gateway.policy.contradictions import contradictions
from gateway.policy.embedded import EmbeddedEngine, have_embedded
from gateway.policy.header import NEVER
from gateway.policy.law import Rule
from gateway.policy.memo import Memo
from gateway.policy.never import invariants_in
from gateway.policy.pack import (
    DEFAULT_PACK,
    Library,
    Pack,
    load_library,
)
from gateway.policy.plain import Plain
from gateway.policy.proofs import with_kept_proofs
from gateway.policy.table import table_document
from gateway.policy.vocabulary import Vocabulary
from gateway.policy.written import written_files

__all__ = ["assemble", "build", "draft", "read_once"]


def build(root: Path, packs: Sequence[str], overlay: str | None = None) -> Bundle:
    """Build the bundle of a stack from a policies folder, with the proofs kept there.

    Args:
        root: the folder with vocabulary, packs, overlays and rego.
        packs: ids of packs; the agency default always lies below.
        overlay: id of an overlay on top, if any.

    Raises:
        InvalidFile: with every mistake and contradiction in the files.
        Unavailable: when the embedded engine does not say what the rules say.
    """
    # To check, to activate and to start read the same files within seconds; a bundle is
    # frozen, so all three may share it.
    only = _stack(packs, overlay)
    digest = _digest(root, only)
    key = (digest, tuple(packs), overlay)
    kept = _BUILT.get(key)
    if kept is None:
        library = _read(root, digest, only)
        kept = assemble(library, packs, overlay)
        if _READ.get((root, digest)) is library:
            _BUILT.keep(key, kept)
    return with_kept_proofs(kept, root)  # they may be written later


def read_once(
    root: Path, packs: Sequence[str] | None = None, overlay: str | None = None
) -> Library:
    """Return a policies folder; it is read again only where a file is another.

    ``packs`` and ``overlay`` are the stack that is wanted; by default all there is.

    Raises:
        InvalidFile: with every mistake in the files.
    """
    only = None if packs is None else _stack(packs, overlay)
    return _read(root, _digest(root, only), only)


def _stack(packs: Sequence[str], overlay: str | None) -> frozenset[str]:
    """Return the packs and overlay that a stack is made of."""
    return frozenset({DEFAULT_PACK, *packs, *([overlay] if overlay else [])})


def _read(root: Path, digest: str, only: Collection[str] | None = None) -> Library:
    """Return a folder that had a digest; it is kept unless somebody wrote meanwhile."""
    library = _READ.get((root, digest))
    if library is None:
        library = load_library(root, only)
        if _digest(root, only) == digest:
            _READ.keep((root, digest), library)
    return library


_BUILT: Memo[tuple[str, tuple[str, ...], str | None], Bundle] = Memo(most=4)
_READ: Memo[tuple[Path, str], Library] = Memo(most=1)


def _digest(root: Path, only: Collection[str] | None = None) -> str:
    """Return the digest of every file that could matter, by name and content.

    Which other packs there are matters too: an overlay may name their rules.
    """
    found = hashlib.sha256()
    for name, data in written_files(root, only).items():
        found.update(f"{name}\n{len(data)}\n".encode() + data)
    for header in sorted(root.glob("*/*/pack.yaml")):
        found.update(f"{header.parent.name}\n".encode())
    return found.hexdigest()


def assemble(
    library: Library, packs: Sequence[str], overlay: str | None = None
) -> Bundle:
    """Build the bundle of a stack from a library that is read already.

    Raises:
        InvalidFile: with every mistake and contradiction in the rules.
        Unavailable: when the embedded engine does not say what the rules say.
    """
    rules = _consistent(library, packs, overlay)
    files = _files(library, library.chosen(packs, overlay), rules)
    return _with_conformance(files, library.vocabulary, rules)


def draft(library: Library, packs: Sequence[str], overlay: str | None = None) -> Bundle:
    """Build what decides cases: no conformance questions, so no engine starts on it.

    Raises:
        InvalidFile: with every mistake and contradiction in the rules.
    """
    rules = _consistent(library, packs, overlay)
    return with_revision(_files(library, library.chosen(packs, overlay), rules))


def _consistent(
    library: Library, packs: Sequence[str], overlay: str | None
) -> list[Rule]:
    """Return the rules of a stack, or say what they say against each other."""
    rules = library.rules(library.chosen(packs, overlay))
    if mistakes := contradictions(rules, library.vocabulary):
        raise InvalidFile(mistakes)
    return rules


def _files(
    library: Library, chosen: Sequence[Pack], rules: Sequence[Rule]
) -> dict[str, bytes]:
    compiled = compile_rules(library.vocabulary, rules)
    files = {
        "compiled/data.json": canonical(compiled.data),
        "table/data.json": canonical(_table(rules, compiled)),
        "vocabulary/data.json": _plain(library.vocabulary),
        **dict(_sources(library, chosen)),
    }
    invariants_in(files, library.vocabulary)  # names their mistakes
    return files


def _with_conformance(
    files: Mapping[str, bytes], vocabulary: Vocabulary, rules: Sequence[Rule]
) -> Bundle:
    """Return the bundle with conformance questions and what must be answered.

    A question for every rule is asked first: an evaluator that does not say what the
    rules say makes no bundle. Where there is no embedded engine there is nobody to
    ask yet; then only the plain answers are in the bundle, and it has another revision.
    """
    plain = Plain(vocabulary, rules)
    every = every_question(vocabulary, rules)
    questions = conformance_questions(plain, rules, every)
    answers = UNKNOWN
    if have_embedded():
        engine = EmbeddedEngine(with_revision(files))
        each = {id(question): question for question in (*every, *questions)}
        asked = _asked(engine, plain, [*each.values()])
        answers = digest_of(asked[id(question)] for question in questions)
    expected = [plain_answer(plain, question) for question in questions]
    document = {"questions": questions, "answers": answers, "plain": expected}
    return with_revision({**files, FILE: canonical(document)})


def _asked(
    engine: EmbeddedEngine, plain: Plain, every: Sequence[dict[str, Any]]
) -> dict[int, bytes]:
    """Return the evaluator's answers by question, each what the rules say.

    Raises:
        Unavailable: when it answers one otherwise.
    """
    answers: dict[bytes, bytes] = {}  # cases that only a record tells apart ask alike
    asked: dict[int, bytes] = {}
    for question in every:
        data = canonical(question)
        if data not in answers:
            answers[data] = engine.answer(data)
        asked[id(question)] = answers[data]
    for question in every:
        if not agrees(asked[id(question)], plain_answer(plain, question)):
            detail = "the evaluator does not say what the rules say"
            raise Unavailable(Cause.POLICY_UNAVAILABLE, detail)
    return asked


def _table(rules: Sequence[Rule], compiled: Compiled) -> dict[str, object]:
    pending = compiled.data["pending"]
    return table_document(
        rules, compiled.clauses, pending if isinstance(pending, dict) else {}
    )


def _plain(vocabulary: Vocabulary) -> bytes:
    return canonical(
        vocabulary.model_dump(mode="json", by_alias=True, exclude_none=True)
    )


def _sources(library: Library, packs: Sequence[Pack]) -> Iterator[tuple[str, bytes]]:
    """Yield the evaluator and the written law, each under its path in the folder."""
    for name, data in library.files.items():
        if name.endswith(".rego"):
            yield f"sallyport/{name.removeprefix('rego/')}", data
    for name in ("vocabulary.yaml", NEVER):
        if name in library.files:
            yield f"sources/{name}", library.files[name]
    for pack in packs:
        folder = pack.folder.relative_to(library.root).as_posix()
        for name, data in library.files.items():
            if name.startswith(f"{folder}/"):
                yield f"sources/{name}", data
