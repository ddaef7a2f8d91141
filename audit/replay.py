"""Asks a policy bundle again what an entry says it was asked, and compares.

The entry's sealed part ``replay`` holds the question, the facts of the records, and a
digest of each answer. The leaf names the bundle's revision, which its files give. So
whoever opens the part can show that this law, asked this, answers this.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from audit.bundle import META, BadBundle, read_archive, replay, revision
from audit.encoding import Json, encode_plain
from audit.errors import CannotTell
from audit.reading import Source

__all__ = ["Replayed", "bundle_of", "replayed"]

_AT_ONCE = 32
"""Records asked about at a time, as the gateway does."""


@dataclass(kw_only=True, slots=True)
class Replayed:
    """What asking again came to."""

    records: int
    differences: list[str] = field(default_factory=list)


def bundle_of(source: Source, policy: str) -> dict[str, bytes]:
    """Return the files of the bundle whose revision a leaf names.

    Raises:
        CannotTell: no archive there has this revision.
    """
    for name in source.files():
        if name.startswith("policy/"):
            data = source.read(name) or b""
            try:
                files = read_archive(data)
                said = json.loads(files[META])
            except (BadBundle, KeyError, ValueError):
                continue
            # The revision leaves this one file out, so it may say nothing else.
            if revision(files) == policy and said == {"revision": policy}:
                return files
    raise CannotTell(f"no archive under policy/ is of the revision {policy}")


def replayed(files: Mapping[str, bytes], part: Mapping[str, Json]) -> Replayed:
    """Ask a bundle what an opened ``replay`` part says it was asked; compare.

    Raises:
        CannotTell: the part records no answer, is not in its form, or there is no
            engine here (extra ``replay``).
    """
    question, vectors, answers = _asked(part)
    document = json.loads(question)
    found = Replayed(records=len(vectors))
    [said] = _answers(files, document, "pending")
    if said != answers["screen"]:
        found.differences.append("the screen's answer is another one")
    again = _answers(files, document, [json.loads(vector) for vector in vectors])
    for place, (one, other) in enumerate(zip(again, answers["records"], strict=True)):
        if one != other:
            found.differences.append(f"the answer to record {place} is another one")
    return found


def _asked(part: Mapping[str, Json]) -> tuple[str, list[str], dict[str, Json]]:
    """Return question, facts and digests of answers, if they are in their form."""
    try:
        question, vectors, answers = (
            part[name] for name in ("question", "vectors", "answers")
        )
        records = answers["records"]
        if len(records) != len(vectors) or not isinstance(answers["screen"], str):
            raise CannotTell("the part replay has not one answer for each record")
        for text in (question, *vectors):
            if not isinstance(json.loads(text), dict):
                raise CannotTell("the part replay holds no questions")
    except KeyError:
        raise CannotTell("no rule decided this: the entry records no answer") from None
    except (TypeError, ValueError):
        raise CannotTell("the part replay does not read") from None
    return question, vectors, answers


def _answers(
    files: Mapping[str, bytes], document: Mapping[str, Json], records: Json
) -> Iterator[str]:
    """Yield the digest of each answer: of the screen, or of each record."""
    pending = records == "pending"
    parts = (
        [records]
        if pending
        else [records[i : i + _AT_ONCE] for i in range(0, len(records), _AT_ONCE)]
    )
    for part in parts:
        asked = encode_plain({**document, "records": part})
        try:
            answer = json.loads(replay(files, asked))
            rows = [answer] if pending else answer["records"]
            yield from (sha256(encode_plain(row["asks"])).hexdigest() for row in rows)
        except ImportError:
            raise CannotTell("there is no engine here: the extra replay") from None
        except (BadBundle, KeyError, TypeError) as error:
            raise CannotTell(f"the bundle gives no answer: {error}") from None
