"""The public files beside chosen entries: what their names say, and all there.

A whole log names each of them in some entry. Here most of those entries are missing, so
a file is compared with the digest in its own name, and what the entries that are here
name must be among them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from audit.act import parse_act
from audit.bundle import BadBundle, read_archive, revision
from audit.encoding import Json
from audit.errors import ActRefused, ActUnsigned
from audit.finding import Kind
from audit.reading import Source
from audit.report import Report
from audit.rotation import ACT as ROTATION

__all__ = ["ChosenFiles", "Found"]

_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NAMED = re.compile(
    r"(?:(?:acts|keys|manifest)/[0-9a-f]{64}|schema/[0-9a-f]{64}\.json"
    r"|policy/[0-9a-f]{64}\.tar\.gz)",
    re.ASCII,
)
_APART = ("checkpoint", "handover/")
"""Public files that are not named by a digest of their bytes."""
_ELSEWHERE = "an export of chosen entries does not show whether the log names them"


class Found(Protocol):
    """Is told what was found."""

    def __call__(
        self, where: str, reason: str, index: int | None = None, kind: Kind = ...
    ) -> None:
        """Tell what was found."""


@dataclass(kw_only=True, slots=True)
class ChosenFiles:
    """The files of one export of chosen entries."""

    source: Source
    report: Report
    found: Found
    _there: dict[str, bool] = field(default_factory=dict)
    """The files that lie there, and whether each has the bytes it is named after."""
    _wanted: dict[str, int] = field(default_factory=dict)
    """What entries name, with the first that does."""
    _policies: dict[str, int] = field(default_factory=dict)
    """The revisions of rules that entries name, with the first that does."""
    _listed: bool = False

    def compare(self) -> None:
        """Compare each file with the digest that it is named by.

        Raises:
            SourceUnreadable: what lies there could not be listed.
        """
        for name in self.source.files():
            if _NAMED.fullmatch(name):
                self._compare(name, None)
            elif not name.startswith(_APART):
                said = "no digest is its name, so it was compared with nothing"
                self.report.notices.append(f"{name}: {said}")
        self._listed = True

    def _compare(self, name: str, index: int | None) -> None:
        """Compare one file, of which an entry may be known that names it."""
        self._there[name] = False
        kind = Kind.ACT_FORGED if name.startswith("acts/") else Kind.FILE_CHANGED
        with self.report.doubting():
            data = self.source.read(name)
            if data is None:
                self.found(name, "missing", index, kind)
            elif sha256(data).hexdigest() not in name:
                reason = "its bytes are not those that it is named after"
                self.found(name, reason, index, kind)
            else:
                self._there[name] = True

    def add(self, index: int, leaf: Mapping[str, Json]) -> None:
        """Take in what an entry that holds names."""
        for name in _names_of(leaf):
            self._wanted.setdefault(name, index)
        policy = leaf.get("policy")
        if _is_digest(policy):
            self._policies.setdefault(str(policy), index)

    def end(self, handovers: Collection[str]) -> None:
        """Say what is missing that the entries name, or the acts that they name.

        ``handovers`` are those that the keys of the log lead on by.
        """
        waiting = [*self._wanted.items()]
        for name, index in waiting:
            if name not in self._there:
                self._compare(name, index)
            if name.startswith("acts/") and self._there[name]:
                with self.report.doubting():
                    waiting += [(more, index) for more in self._names_in(name)]
        self._wanted = dict(waiting)
        known = self._rules() if self._listed else set()
        strays = self._there.keys() - self._wanted.keys() - known
        if strays:
            said = "beside these entries lie files that none of them names"
            self.report.notices.append(f"{said} ({len(strays)}): {_ELSEWHERE}")
        for name in self.source.files() if self._listed else ():
            if name.startswith("handover/") and name not in handovers:
                said = "leads on from a key that was not given"
                self.report.notices.append(f"{name}: {said}")

    def _rules(self) -> set[str]:
        """Say which rules are missing; return the archives of those that are there."""
        archives = [each for each in self._there if each.startswith("policy/")]
        of = {self._revision(name): name for name in archives if self._policies}
        for policy, index in self._policies.items():
            # An archive that was altered may have been the one: that is said already.
            if policy not in of and all(self._there[each] for each in archives):
                reason = f"the archive of its rules, of revision {policy}, is missing"
                self.found("policy", reason, index)
        return {name for policy, name in of.items() if policy in self._policies}

    def _names_in(self, act: str) -> Iterator[str]:
        """Yield the files that an act brought."""
        with suppress(ActRefused, ActUnsigned):
            statement = parse_act(self.source.read(act) or b"").statement
            if statement.act == "activation":
                yield f"policy/{statement['bundle']}.tar.gz"
                yield f"manifest/{statement['manifest']}"
            if statement.act == ROTATION:
                yield f"keys/{statement['keys']}"

    def _revision(self, name: str) -> str | None:
        """Return the revision of the rules in an archive; none if it is no archive."""
        with self.report.doubting(), suppress(BadBundle):
            return revision(read_archive(self.source.read(name) or b""))
        return None


def _is_digest(value: Json) -> bool:
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def _names_of(leaf: Mapping[str, Json]) -> Iterator[str]:
    """Yield the files that a leaf names by their digests."""
    places = {"act": "acts/{}", "manifest": "manifest/{}", "cfg": "schema/{}.json"}
    for member, place in places.items():
        digest = leaf.get(member)
        if _is_digest(digest):
            yield place.format(digest)
