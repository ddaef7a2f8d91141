"""The people of the synthetic county: invented, numbered, the same on every run.

Nobody here exists. Names are numbers ("Sample Person 017"), telephone numbers are
of the 555-01xx block kept for fiction, addresses are in a town that is not on a map.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

__all__ = ["CAST", "SEED", "Person", "Traits", "person"]

SEED: Final = 2026
"""The seed of a county nobody chose another for."""

_STREETS = ("Example Ave", "Sample St", "Specimen Rd", "Placeholder Ln", "Demo Blvd")
_CHARGES = ("theft", "driving while suspended", "burglary", "battery", "fraud")
_PLACES = ("Exampleton", "Sampleville", "Republic of Placeholder", "Demoland")


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """What makes one person's records interesting to the law.

    Days are counted back from the day the county was made; -1 means never.
    """

    qualifying_conviction: bool = False
    """A conviction of the list in Cal. Gov. Code 7282.5(a)."""
    reduced_only: bool = False
    """Only convictions that Proposition 47 turned into misdemeanors."""
    held_to_answer: bool = False
    """A magistrate's finding under Cal. Penal Code 872, no conviction yet."""
    on_public_roster: bool = False
    juvenile: bool = False
    sealed: bool = False
    lawful_status_proved: bool = False
    victim: bool = False
    protected: bool = False
    """Protected by 8 U.S.C. 1367."""
    misdemeanor_age_days: int = -1
    """Days since a misdemeanor listed in Cal. Gov. Code 7282.5(a)(3)."""
    intel_age_days: int = -1
    """Days since the gang record was last validated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One invented person with everything the three databases say about them."""

    number: int
    name: str
    born: dt.date
    sex: str
    address: str
    zip_code: str
    phone: str
    licence: str
    plate: str
    birthplace: str
    charge: str
    booked: dt.date
    release: dt.date
    court: dt.date
    accidents: int
    traits: Traits = field(default_factory=Traits)


CAST: Final = MappingProxyType(
    {
        17: Traits(),
        18: Traits(qualifying_conviction=True),
        19: Traits(reduced_only=True),
        20: Traits(on_public_roster=True),
        21: Traits(juvenile=True, intel_age_days=400),
        22: Traits(sealed=True),
        23: Traits(lawful_status_proved=True),
        24: Traits(victim=True),
        25: Traits(intel_age_days=2 * 365),
        26: Traits(intel_age_days=5 * 365 + 40),
        27: Traits(protected=True),
        28: Traits(held_to_answer=True),
        29: Traits(misdemeanor_age_days=4 * 365),
        30: Traits(misdemeanor_age_days=6 * 365),
    }
)
"""The people the demo's story is about, by number: one for each legal question."""


_SHARES: Final = MappingProxyType(
    {
        "qualifying_conviction": 0.10,
        "reduced_only": 0.08,
        "held_to_answer": 0.05,
        "on_public_roster": 0.15,
        "juvenile": 0.03,
        "sealed": 0.03,
        "lawful_status_proved": 0.30,
        "victim": 0.05,
        "protected": 0.01,
    }
)
"""How often each trait is thrown for the people the story is not about."""

_INTEL_EVERY: Final = 4
"""One person in so many has a gang record..."""
_INTEL_OLDEST_DAYS: Final = 3000
"""...validated at most so many days ago (some too long ago to be shared)."""


def _traits(number: int, dice: random.Random) -> Traits:
    """Return the part's traits, or ordinary ones thrown with the person's dice."""
    thrown = {name: dice.random() < share for name, share in _SHARES.items()}
    recorded = dice.randrange(_INTEL_EVERY) == 0
    age = dice.randrange(_INTEL_OLDEST_DAYS) if recorded else -1
    return CAST.get(number, Traits(**thrown, intel_age_days=age))


def person(number: int, *, today: dt.date, seed: int = SEED) -> Person:
    """Return the person of a number: the same for the same seed and day.

    Each person has dice of their own, so that a larger county begins with the same
    people as a smaller one.

    Args:
        number: from 1 up.
        today: the day all ages, releases and validations are counted from.
        seed: another seed makes another county.
    """
    dice = random.Random(f"{seed}:{number}")  # noqa: S311 - invented people, no secret
    adult = not CAST.get(number, Traits()).juvenile
    years = dice.randrange(19, 75) if adult else 16
    booked = today - dt.timedelta(days=dice.randrange(1, 90))
    return Person(
        number=number,
        name=f"Sample Person {number:03d}",
        born=today - dt.timedelta(days=years * 365 + dice.randrange(20, 340)),
        sex=dice.choice("FMX"),
        address=f"{100 + number % 900} {dice.choice(_STREETS)}, Exampleton",
        zip_code=f"000{dice.randrange(10, 100)}",
        phone=f"555-01{number % 100:02d}",
        licence=f"X000-{number // 10_000:04d}-{number % 10_000:04d}",
        plate=f"DEMO-{number:05d}",
        birthplace=dice.choice(_PLACES),
        charge=dice.choice(_CHARGES),
        booked=booked,
        release=today + dt.timedelta(days=dice.randrange(2, 120)),
        court=today + dt.timedelta(days=dice.randrange(1, 60)),
        accidents=dice.randrange(0, 4),
        traits=_traits(number, dice),
    )
