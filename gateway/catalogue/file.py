"""The dataset file: ``sallyport.dataset/1`` as pydantic models.

Strict, frozen, nothing unknown allowed. The words of the vocabulary come in as the
validation context, so that a wrong word is named with every other mistake.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from gateway.catalogue.checks import (
    fact_name,
    facts_agree,
    https_url,
    known,
    sets_of_selectors,
    time_zone,
    transform_fits,
)
from gateway.catalogue.expressions import Expression, parse_expression
from gateway.catalogue.parse import parse_transform
from gateway.catalogue.transforms import SHARE, Transform
from gateway.catalogue.values import DateFormat, ValueType

__all__ = ["DatasetFile", "FactFile", "FieldFile", "SelectorFile"]

_Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
_Column = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,128}$")]
_Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Category = Annotated[str, AfterValidator(known("categories", "category"))]
_Zone = Annotated[str, AfterValidator(time_zone)]
_Url = Annotated[str, AfterValidator(https_url)]
_Type = Annotated[ValueType, Field(strict=False)]
_Format = Annotated[DateFormat, Field(strict=False)]
_Fact = Annotated[str, AfterValidator(fact_name("record_facts"))]
_CategoryFact = Annotated[str, AfterValidator(fact_name("category_facts"))]


class _Strict(BaseModel):
    """What every part of the file has in common."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", arbitrary_types_allowed=True
    )


class SelectorFile(_Strict):
    """What a requester may say to name a record; matched exactly.

    ``case`` writes the value in upper or lower case first, for a column that holds
    only one of them.
    """

    column: _Column
    category: _Category
    type: Literal["text", "integer", "date"]
    format: _Format = DateFormat.ISO
    case: Literal["exact", "upper", "lower"] = "exact"
    max_length: int = Field(default=100, ge=1, le=1000)


class FieldFile(_Strict):
    """What may be released, if the policy opens its category."""

    column: _Column
    type: _Type
    category: _Category | None = None
    transform: Annotated[Transform, BeforeValidator(parse_transform)] = SHARE
    format: _Format = DateFormat.ISO
    time_zone: _Zone | None = None
    free_text: bool = False
    title: _Title | None = None

    @field_validator("transform")
    @classmethod
    def _fits(cls, value: Transform, info: ValidationInfo) -> Transform:
        """Refuse a transform the field's type has no meaning for."""
        return transform_fits(value, info.data.get("type"))


class FactFile(_Strict):
    """What rules may look at; read, never released.

    ``values`` maps what the column holds to the codes of a code fact.
    """

    column: _Column | None = None
    expression: Annotated[Expression | None, BeforeValidator(parse_expression)] = None
    type: Literal["boolean", "code", "integer", "date"] | None = None
    format: _Format = DateFormat.ISO
    time_zone: _Zone | None = None
    values: dict[str, str] = Field(default_factory=dict)


class DatasetFile(_Strict):
    """One dataset of an agency: where it is, what it holds, and what each part is."""

    schema_: Literal["sallyport.dataset/1"] = Field(alias="schema")
    id: _Id
    kind: Annotated[str, AfterValidator(known("dataset_kinds", "dataset kind"))]
    custodian: Annotated[str, AfterValidator(known("custodian_types", "custodian"))]
    title: _Title
    source: Annotated[str, AfterValidator(known("sources", "source"))]
    table: _Column
    key: _Column | Annotated[list[_Column], Field(min_length=1, max_length=8)]
    selectors: dict[_Name, SelectorFile] = Field(min_length=1)
    minimum: list[list[str]] = Field(min_length=1)
    fields: dict[_Name, FieldFile] = Field(min_length=1)
    facts: dict[_Fact, FactFile] = Field(default_factory=dict)
    category_facts: dict[_Category, dict[_CategoryFact, FactFile]] = Field(
        default_factory=dict
    )
    response_floor_ms: int = Field(default=25, ge=0, le=5000)
    public_page: _Url | None = None
    left_out: list[_Column] = Field(default_factory=list)

    @field_validator("minimum")
    @classmethod
    def _selectors_exist(
        cls, value: list[list[str]], info: ValidationInfo
    ) -> list[list[str]]:
        """Refuse a set that names no selector."""
        return sets_of_selectors(value, info.data.get("selectors"))

    @field_validator("facts")
    @classmethod
    def _facts_agree(
        cls, value: dict[str, FactFile], info: ValidationInfo
    ) -> dict[str, FactFile]:
        """Refuse a fact that is not what the vocabulary says."""
        facts_agree(value, info.context, "record_facts")
        return value

    @field_validator("category_facts")
    @classmethod
    def _category_facts_agree(
        cls, value: dict[str, dict[str, FactFile]], info: ValidationInfo
    ) -> dict[str, Any]:
        """Refuse a fact of a category that is not what the vocabulary says."""
        for facts in value.values():
            facts_agree(facts, info.context, "category_facts")
        return value
