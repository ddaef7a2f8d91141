"""``agencies.yaml``: the agencies, components, systems and papers the county knows.

The file belongs to the manifest: a change of it is an act. It is typed here and its
references are checked; :mod:`gateway.identity.registry` resolves requesters with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.errors import InvalidFile, Mistake
from gateway.identity.claims import MAX_CLIENT_ID
from gateway.identity.periods import Moment, instant_ms
from gateway.identity.requester import UNREGISTERED
from gateway.yamlfile import nearest, read_model

__all__ = [
    "AgenciesFile",
    "Agency",
    "AgreementEntry",
    "Assignment",
    "CertificationEntry",
    "Client",
    "Component",
    "RegistryWords",
    "read_agencies",
]

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Ori = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z0-9]{7}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]
ClientId = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CLIENT_ID)]


class _Entry(BaseModel):
    """Strict, frozen, no unknown key."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Component(_Entry):
    """A part of an agency with a requester class of its own.

    ``facts`` are what rules ask about such a part and the registry knows: the primary
    purpose of a task force, say. One that is left out is not known.
    """

    title: Text
    requester_class: Word = Field(alias="class")
    oris: list[Ori] = []
    facts: dict[Word, bool] = {}


class Client(_Entry):
    """One system of an agency, known by the issuer and its client id.

    ``people: none`` says that its tokens never name a person, whatever ``sub`` is;
    ``service_subjects`` are subjects that are machines.
    """

    issuer: Text
    client_id: ClientId
    component: Word | None = None
    people: Literal["named", "none"] = "named"
    service_subjects: list[Text] = []


class AgreementEntry(_Entry):
    """A written agreement; no components = all of the agency's."""

    id: Word
    components: list[Word] = []
    start: Moment = Field(alias="from")
    until: Moment | None = None


class CertificationEntry(_Entry):
    """A certification by its code; no components = all of the agency's."""

    code: Word
    components: list[Word] = []
    start: Moment = Field(alias="from")
    until: Moment | None = None


class Agency(_Entry):
    """One agency; ``client_ca`` names the only authority for its certificates."""

    title: Text
    family: Word
    client_ca: Text
    components: dict[Word, Component]
    clients: list[Client] = []
    agreements: list[AgreementEntry] = []
    certifications: list[CertificationEntry] = []
    revoked_certificates: list[Digest] = []


class Assignment(_Entry):
    """People of one agency acting for another: 287(g), or a task force.

    ``ori`` is what their tokens say as assignment. The people listed act under the
    assignment whatever their tokens say; with nobody listed, whoever names the ORI.
    ``facts`` count instead of those of their own component.
    """

    id: Word
    agency: Word
    to: Word
    ori: Ori
    requester_class: Word = Field(alias="class")
    acting_under: Literal["federal_287g", "task_force"]
    start: Moment = Field(alias="from")
    until: Moment | None = None
    people: list[Digest] = []
    facts: dict[Word, bool] = {}


class AgenciesFile(_Entry):
    """The whole file."""

    schema_name: Literal["sallyport.agencies/1"] = Field(alias="schema")
    agencies: dict[Word, Agency]
    assignments: list[Assignment] = []


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryWords:
    """Words that other files define; a list left out is not compared.

    ``classes`` maps each requester class to its family (vocabulary),
    ``certifications`` the codes of the ``certification.*`` facts, ``facts`` what the
    registry may state (both vocabulary); the others come from the configuration.
    """

    classes: Mapping[str, str] | None = None
    certifications: Collection[str] | None = None
    facts: Collection[str] | None = None
    issuers: Collection[str] | None = None
    client_cas: Collection[str] | None = None


def read_agencies(path: Path, words: RegistryWords) -> AgenciesFile:
    """Read and check the file.

    Raises:
        InvalidFile: with every mistake, its path and the nearest right word.
    """
    file = read_model(path, AgenciesFile)
    mistakes = [
        Mistake(path=f"{path}:{where}", problem=problem, advice=advice)
        for where, problem, advice in [*_words(file, words), *_references(file)]
    ]
    if mistakes:
        raise InvalidFile(mistakes)
    return file


Found = Iterator[tuple[str, str, str]]


def _known(where: str, word: str, words: Collection[str] | None, what: str) -> Found:
    """Yield a mistake for a word that is not on its list."""
    if words is not None and word not in words:
        yield where, f"no such {what}: {word}", nearest(word, words)


def _words(file: AgenciesFile, words: RegistryWords) -> Found:
    """Yield every word that another file does not define."""
    classes = words.classes
    families = None if classes is None else set(classes.values())
    for name, agency in file.agencies.items():
        at = f"agencies.{name}"
        yield from _known(f"{at}.family", agency.family, families, "family")
        yield from _known(
            f"{at}.client_ca", agency.client_ca, words.client_cas, "client CA"
        )
        for part, component in agency.components.items():
            yield from _known(
                f"{at}.components.{part}.class",
                component.requester_class,
                classes,
                "requester class",
            )
            yield from _stated(f"{at}.components.{part}", component, words)
        for index, client in enumerate(agency.clients):
            yield from _known(
                f"{at}.clients.{index}.issuer", client.issuer, words.issuers, "issuer"
            )
        for index, paper in enumerate(agency.certifications):
            where = f"{at}.certifications.{index}.code"
            codes = words.certifications
            yield from _known(where, paper.code, codes, "certification")
    for index, assignment in enumerate(file.assignments):
        at = f"assignments.{index}"
        word = assignment.requester_class
        yield from _known(f"{at}.class", word, classes, "requester class")
        yield from _stated(at, assignment, words)
        yield from _delegated(at, assignment, file, classes or {})


def _stated(at: str, entry: Component | Assignment, words: RegistryWords) -> Found:
    """Yield every fact that the registry may not state."""
    for fact in entry.facts:
        yield from _known(f"{at}.facts", fact, words.facts, "fact of the registry")


def _delegated(
    at: str, assignment: Assignment, file: AgenciesFile, classes: Mapping[str, str]
) -> Found:
    """Yield a class that hides for whom somebody acts under 8 U.S.C. 1357(g).

    Such an officer is asked about as one of the agency whose powers are delegated.
    """
    family = classes.get(assignment.requester_class)
    to = file.agencies.get(assignment.to)
    if assignment.acting_under != "federal_287g" or family is None or to is None:
        return
    if family != to.family:
        problem = f"{assignment.requester_class} is not of the family {to.family}"
        yield f"{at}.class", problem, f"{assignment.to} delegates its powers"


def _references(file: AgenciesFile) -> Found:
    """Yield every name that should stand elsewhere in the file, or only once."""
    for name, agency in file.agencies.items():
        if name == UNREGISTERED:
            problem = "this name means that the registry cannot place somebody"
            yield f"agencies.{name}", problem, ""
        yield from _of_agency(f"agencies.{name}", agency)
    for index, assignment in enumerate(file.assignments):
        at = f"assignments.{index}"
        yield from _known(f"{at}.agency", assignment.agency, file.agencies, "agency")
        yield from _known(f"{at}.to", assignment.to, file.agencies, "agency")
        yield from _ordered(at, assignment)
    yield from _twice(file)


def _of_agency(at: str, agency: Agency) -> Found:
    """Yield what one agency's entry contradicts in itself."""
    parts = agency.components
    if not parts:
        yield f"{at}.components", "an agency needs a component", ""
    for index, client in enumerate(agency.clients):
        if client.component is not None:
            where = f"{at}.clients.{index}.component"
            yield from _known(where, client.component, parts, "component")
    papers: list[tuple[str, AgreementEntry | CertificationEntry]] = [
        *((f"{at}.agreements.{n}", paper) for n, paper in enumerate(agency.agreements)),
        *(
            (f"{at}.certifications.{n}", paper)
            for n, paper in enumerate(agency.certifications)
        ),
    ]
    for where, paper in papers:
        yield from _ordered(where, paper)
        for part in paper.components:
            yield from _known(f"{where}.components", part, parts, "component")


def _ordered(at: str, entry: AgreementEntry | CertificationEntry | Assignment) -> Found:
    """Yield a period that ends before it begins: it would never be in force."""
    zone = ZoneInfo("UTC")  # good enough to compare two moments of one entry
    start, until = entry.start, entry.until
    if until is not None and instant_ms(until, zone) <= instant_ms(start, zone):
        yield f"{at}.until", "is not after from", "until = first day out of force"


def _twice(file: AgenciesFile) -> Found:
    """Yield each system, ORI and assignment id that is claimed more than once."""
    owners: dict[tuple[str, ...], str] = {}
    claims = [
        *(
            (("client", client.issuer, client.client_id), f"agencies.{name}.clients")
            for name, agency in file.agencies.items()
            for client in agency.clients
        ),
        *(
            (("ORI", ori), f"agencies.{name}.components.{part}.oris")
            for name, agency in file.agencies.items()
            for part, component in agency.components.items()
            for ori in component.oris
        ),
        *(
            (("assignment", item.id), f"assignments.{index}.id")
            for index, item in enumerate(file.assignments)
        ),
    ]
    for claim, where in claims:
        if claim in owners:
            yield where, f"{' '.join(claim)} is already at {owners[claim]}", ""
        owners.setdefault(claim, where)
