"""What is no mistake and still seldom meant: said by ``sallyport check``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.catalogue import Catalogue
from gateway.config import Config
from gateway.errors import Mistake
from gateway.in_force import Written
from gateway.policy.build import read_once
from gateway.policy.law import Rule, facts_of
from gateway.policy.pack import Library

__all__ = ["worth_a_look"]


def worth_a_look(config: Config, written: Written) -> Iterator[Mistake]:
    """Yield what somebody should look at before these files are put into force.

    Raises:
        InvalidFile: when the rules have mistakes; ``read_files`` names them first.
    """
    yield from _signatures(config)
    yield from _misnamed(config)
    jurisdiction = config.jurisdiction
    library = read_once(config.policies, jurisdiction.packs, jurisdiction.overlay)
    yield from _stack(config, library)
    chosen = library.chosen(jurisdiction.packs, jurisdiction.overlay)
    yield from _unread(written.catalogue, list(library.rules(chosen)))


def _signatures(config: Config) -> Iterator[Mistake]:
    """Yield that checkpoints rest on one kind of signature."""
    if config.log.keys.mldsa is None:
        yield Mistake(
            path=f"{config.path.name}:log.keys.mldsa",
            problem="is missing: checkpoints are signed with Ed25519 alone",
            advice="a new log takes one at once; one that has begun, by rotate-keys",
        )


def _misnamed(config: Config) -> Iterator[Mistake]:
    """Yield each file that looks like a dataset's and is not read."""
    for path in sorted(config.catalogue.glob("*.y*ml*")):
        if path.suffix != ".yaml":
            yield Mistake(
                path=str(path),
                problem="is not read: dataset files are *.yaml",
                advice="rename it, or move it away",
            )


def _stack(config: Config, library: Library) -> Iterator[Mistake]:
    """Yield that packs of two states are named, or that the federal law is not."""
    path = f"{config.path.name}:jurisdiction.packs"
    kinds = {pack: library.packs[pack].text.kind for pack in config.jurisdiction.packs}
    states = [pack for pack, kind in kinds.items() if kind == "state"]
    if len(states) > 1:
        yield Mistake(
            path=path,
            problem=f"names the law of {len(states)} states: {', '.join(states)}",
            advice="one state's law applies to a custodian",
        )
    if not states or "federal" in kinds.values():
        return
    every = read_once(config.policies).packs  # those of the stack were read alone
    if federal := sorted(p for p, x in every.items() if x.text.kind == "federal"):
        yield Mistake(
            path=path,
            problem="names a state's law without the federal one, whose ceilings hold"
            " in every state",
            advice=f"add {', '.join(federal)}",
        )


def _unread(catalogue: Catalogue, rules: Iterable[Rule]) -> Iterator[Mistake]:
    """Yield, for each dataset, the mapped facts that no rule in force looks at."""
    read: dict[str, set[str]] = {}
    for rule in rules:
        conditions = [*rule.when, *(item for case in rule.cases for item in case.when)]
        facts = {fact for item in conditions for fact in facts_of(item)}
        for kind in rule.reach.datasets:
            read.setdefault(kind, set()).update(facts)
    for dataset in catalogue.datasets.values():
        mapped = dict.fromkeys(fact.name for fact in dataset.facts)
        unread = [name for name in mapped if name not in read.get(dataset.kind, ())]
        if unread:
            yield Mistake(
                path=f"dataset {dataset.id}",
                problem=f"maps {', '.join(unread)}, which no rule in force reads for"
                f" the kind {dataset.kind}",
                advice="it changes nothing; look whether the fact or the pack is meant",
            )
