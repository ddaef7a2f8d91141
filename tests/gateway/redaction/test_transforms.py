"""Each transform, on any value at all: total, null stays null, input never returned."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.catalogue import DateFormat, FieldSpec, Transform, TransformKind, ValueType
from gateway.redaction import WITHHELD, Setting, step_for

KEY = bytes(range(32))
SETTING = Setting(day=20260120, pseudonym_key=KEY)

SHARE = Transform(kind=TransformKind.SHARE)
MASK = Transform(kind=TransformKind.MASK, keep_last=4)
AGE = Transform(kind=TransformKind.AGE_BAND, width=10)
COUNTY = Transform(kind=TransformKind.COUNTY, map=(("springfield", "Sangamon"),))

TRANSFORMS = {
    "share": SHARE,
    "withhold": Transform(kind=TransformKind.WITHHOLD),
    "null": Transform(kind=TransformKind.NULL),
    "mask": MASK,
    "year_only": Transform(kind=TransformKind.YEAR_ONLY),
    "age_band": AGE,
    "zip3": Transform(kind=TransformKind.ZIP3),
    "county": COUNTY,
    "pseudonym": Transform(kind=TransformKind.PSEUDONYM),
    "public_pointer": Transform(
        kind=TransformKind.PUBLIC_POINTER, url="https://county.example/roster"
    ),
}
TYPES = {
    "year_only": ValueType.DATE,
    "age_band": ValueType.DATE,
}


def spec(
    transform: Transform,
    kind: ValueType = ValueType.TEXT,
    category: str | None = "zip",
    date_format: DateFormat = DateFormat.ISO,
) -> FieldSpec:
    """Return a field with a transform."""
    return FieldSpec(
        name="f",
        logical="fields.f",
        category=category,
        type=kind,
        format=date_format,
        zone=None,
        transform=transform,
        free_text=False,
        title="f",
    )


def apply(name: str, raw: object, kind: ValueType | None = None) -> Any:  # noqa: ANN401 - what is released
    """Apply a transform to one value."""
    kind = kind or TYPES.get(name, ValueType.TEXT)
    return step_for(spec(TRANSFORMS[name], kind), SETTING)(raw)


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=30),
    st.binary(max_size=30),
    st.dates(),
    st.datetimes(),
    st.dates().map(str),
    st.from_regex(r"[0-9]{5}(-[0-9]{4})?", fullmatch=True),
    st.lists(st.integers(), max_size=3),
    st.just(object()),
)


def is_answer(value: Any) -> bool:  # noqa: ANN401 - what is released
    """Tell whether a value can stand in an answer."""
    return (
        value is None
        or value is WITHHELD
        or type(value) in {str, int, bool}
        or (type(value) is float and math.isfinite(value))
    )


@pytest.mark.parametrize("kind", list(ValueType))
@pytest.mark.parametrize("name", sorted(TRANSFORMS))
@given(raw=ANYTHING)
def test_no_value_breaks_a_transform(name: str, kind: ValueType, raw: object) -> None:
    """Whatever a driver returns, an answerable value or nothing comes out."""
    if name in TYPES:
        kind = TYPES[name]
    if name == "county":
        kind = ValueType.TEXT

    assert is_answer(apply(name, raw, kind))


@pytest.mark.parametrize("name", sorted(set(TRANSFORMS) - {"share"}))
@given(raw=ANYTHING)
def test_the_input_never_comes_back(name: str, raw: object) -> None:
    """A transform that changes never returns what it was given."""
    assume(raw is not None)
    assume(not (isinstance(raw, str) and raw.startswith("****")))

    released = apply(name, raw)

    assert released is WITHHELD or released != raw


@pytest.mark.parametrize("name", sorted(TRANSFORMS))
def test_null(name: str) -> None:
    """Null has nothing to hide."""
    assert apply(name, None) is None


@given(text=st.text(max_size=40))
def test_share_returns_the_text(text: str) -> None:
    """Sharing changes nothing."""
    assert apply("share", text) == text


@given(text=st.text(max_size=40))
def test_mask_keeps_the_last_and_no_more(text: str) -> None:
    """At most the last four are left, at least as many are hidden, never the length."""
    released = apply("mask", text)

    assert released in {"****", "****" + text[-4:]}
    assert len(text) >= 8 or released == "****"


@pytest.mark.parametrize(
    ("raw", "released"),
    [
        ("D1234567", "****4567"),
        ("1234567", "****"),
        ("", "****"),
        (123456789, "****6789"),
    ],
)
def test_mask(raw: object, released: str) -> None:
    """The last four of eight or more; nothing of fewer."""
    assert apply("mask", raw) == released


@given(day=st.dates())
def test_year_only(day: dt.date) -> None:
    """A day becomes its year."""
    assert apply("year_only", day.isoformat()) == f"{day.year:04}"


@pytest.mark.parametrize(
    ("born", "band"),
    [
        ("2026-01-20", "0-9"),
        ("2026-01-21", WITHHELD),
        ("2016-01-21", "0-9"),
        ("2016-01-20", "10-19"),
        ("1936-01-21", "80-89"),
        ("1936-01-20", "90+"),
        ("1800-01-01", "90+"),
        ("not a day", WITHHELD),
    ],
)
def test_age_bands(born: str, band: object) -> None:
    """Bands change on the birthday; from ninety there is one."""
    assert apply("age_band", born) == band


@given(
    day=st.dates(dt.date(1900, 1, 1), dt.date(2026, 1, 20)), width=st.integers(5, 30)
)
def test_an_age_is_in_its_band(day: dt.date, width: int) -> None:
    """Any width puts any age between the ends of its band."""
    transform = Transform(kind=TransformKind.AGE_BAND, width=width)
    step = step_for(spec(transform, ValueType.DATE), SETTING)
    age = 2026 - day.year - ((day.month, day.day) > (1, 20))

    band = step(day.isoformat())

    if age >= 90:
        assert band == "90+"
    else:
        low, high = map(int, band.split("-"))
        assert low <= age <= high
        assert high < 90


@pytest.mark.parametrize(
    ("raw", "released"),
    [
        ("62704", "627"),
        ("62704-1234", "627"),
        ("627041234", "627"),
        (" 62704 ", "627"),
        (2134, "021"),
        ("03601", "000"),
        ("10200", "000"),
        ("89301-0001", "000"),
        ("6270", WITHHELD),
        ("62704-12", WITHHELD),
        ("N1 9GU", WITHHELD),
        ("٦٢٧٠٤", WITHHELD),
        ("", WITHHELD),
        (-2134, WITHHELD),
    ],
)
def test_zip3(raw: object, released: object) -> None:
    """Three digits, zeros for small places, nothing for what is not a ZIP."""
    kind = ValueType.INTEGER if isinstance(raw, int) else ValueType.TEXT

    assert apply("zip3", raw, kind) == released


@pytest.mark.parametrize(
    ("raw", "released"),
    [
        ("Springfield", "Sangamon"),
        (" SPRINGFIELD ", "Sangamon"),
        ("Chicago", WITHHELD),
        ("", WITHHELD),
    ],
)
def test_county(raw: str, released: object) -> None:
    """A mapped place becomes its county; any other is withheld."""
    assert apply("county", raw) == released


def test_the_pseudonym_is_pinned() -> None:
    """HMAC-SHA256 over category, NUL, value; the first 128 bits in hex."""
    digest = hmac.new(KEY, b"zip\x00Ann", hashlib.sha256).hexdigest()

    assert apply("pseudonym", "Ann") == f"p-{digest[:32]}"
    assert apply("pseudonym", "Ann") == "p-c2554f29443e5b51ad5ed8debe392512"


@given(first=st.text(), second=st.text())
def test_pseudonyms_are_equal_for_equal_values(first: str, second: str) -> None:
    """Equal values of a category are the same person; others are not."""
    same = apply("pseudonym", first) == apply("pseudonym", second)

    assert same == (first == second)


@given(text=st.text())
def test_pseudonyms_need_the_key(text: str) -> None:
    """Another key or category gives another pseudonym."""
    transform = TRANSFORMS["pseudonym"]
    other_key = Setting(day=20260120, pseudonym_key=KEY[::-1])

    released = {
        step_for(spec(transform), SETTING)(text),
        step_for(spec(transform), other_key)(text),
        step_for(spec(transform, category="name"), SETTING)(text),
        step_for(spec(transform, category=None), SETTING)(text),
    }

    assert len(released) == 4


def test_a_guessable_key_is_refused() -> None:
    """A short key makes pseudonyms a table look-up."""
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Setting(day=20260120, pseudonym_key=b"short")


def test_the_key_is_not_shown() -> None:
    """A setting in a traceback does not carry its secret."""
    assert repr(KEY) not in repr(SETTING)
    assert "pseudonym_key" not in repr(SETTING)
