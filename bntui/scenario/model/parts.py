"""What every part of the model has in common: kinds of values, and errors told in plain sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Annotated, Any, ClassVar, Literal, LiteralString, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StrictBool,
    StrictStr,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

from bntui.scenario.text.complaints import MOST_COMPLAINTS, DocumentPath
from bntui.scenario.text.wording import one_line, shown, suggestion, unknown

LARGEST_SEED = 2**53
MOST_STEPS = 10_000_000

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
NotNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
Share = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)]
Momentum = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, lt=1)]
Count = Annotated[int, Field(strict=True, ge=1, le=MOST_STEPS)]
Index = Annotated[int, Field(strict=True, ge=0, le=MOST_STEPS)]
Seed = Annotated[int, Field(strict=True, ge=0, le=LARGEST_SEED)]
Switch = StrictBool
Text = Annotated[StrictStr, Field(max_length=20_000)]
Sentence = Annotated[StrictStr, Field(max_length=2_000), AfterValidator(one_line)]

Title = Annotated[Sentence, Field(min_length=1, max_length=200)]

Mistakes = list[tuple[DocumentPath, str]]  # each a place and a sentence

_P = TypeVar("_P", bound="ScenarioPart")


def told(message: str) -> PydanticCustomError:
    """An error whose message is the sentence as it stands."""
    return PydanticCustomError("told", "{sentence}", {"sentence": message})


def refusal(message: str, location: DocumentPath = (), kind: LiteralString = "told") -> InitErrorDetails:
    """One sentence at a place, for `refuse`."""
    return InitErrorDetails(
        type=PydanticCustomError(kind, "{sentence}", {"sentence": message}),
        loc=location,
        input=None,
    )


def refuse(title: str, errors: list[InitErrorDetails]) -> ValidationError:
    """An error of several sentences, which pydantic merges into the places where it is raised."""
    return ValidationError.from_exception_data(title, errors[:MOST_COMPLAINTS])


class ScenarioPart(BaseModel):
    """A mapping of the document: frozen, its keys known, its errors sentences."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)  # the start waits for what is used alone
    may_be_nothing: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="wrap")
    @classmethod
    def _in_plain_words(cls: type[_P], value: Any, handler: ValidatorFunctionWrapHandler) -> _P:
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise told(f"found {shown(value)}; allowed: a mapping with the keys {', '.join(cls.yaml_keys())}")
        keys = set(cls.yaml_keys()) - cls.may_be_nothing
        empty = {(key,) for key, found in value.items() if found is None and key in keys}
        errors = [refusal(cls.nothing_found(str(key)), (key,)) for (key,) in empty]
        try:
            part: _P = handler({key: found for key, found in value.items() if (key,) not in empty})
        except ValidationError as error:
            errors += [cls._retold(each) for each in genuine(error) if each["loc"] not in empty]
            raise refuse(cls.__name__, errors) from None
        errors = errors or [refusal(message, location) for location, message in part.mistakes()]
        if errors:
            raise refuse(cls.__name__, errors)
        return part

    def mistakes(self) -> Mistakes:
        """What is wrong between the fields, as (place, sentence)."""
        return []

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """As much of `mistakes` as JSON Schema can say, as keywords beside the fields."""
        return {}

    @classmethod
    def yaml_keys(cls) -> tuple[str, ...]:
        """The keys as the document spells them."""
        return tuple(info.alias or name for name, info in cls.model_fields.items())

    @classmethod
    def nothing_found(cls, key: str) -> str:
        """What to say about a key without a value."""
        return f"found nothing; needed: {cls._about(key)}, or leave the key out"

    @classmethod
    def unknown_key(cls, key: object) -> str:
        """What to say about a key that does not exist."""
        return f"unknown key {shown(key)}; allowed: {', '.join(cls.yaml_keys())}{suggestion(key, cls.yaml_keys())}"

    @classmethod
    def _about(cls, key: str) -> str:
        for name, info in cls.model_fields.items():
            if key == (info.alias or name):
                about = (info.description or key).split("; ", maxsplit=1)[0].rstrip(".")
                return about[0].lower() + about[1:]
        return key

    @classmethod
    def _retold(cls, error: ErrorDetails) -> InitErrorDetails:
        location = error["loc"]
        if error["type"] == "extra_forbidden":
            return refusal(cls.unknown_key(location[-1]), location, "key")
        if error["type"] == "missing":
            return refusal(f"missing; needed: {cls._about(str(location[-1]))}", location)
        return refusal(sentence(error), location, "key" if error["type"] == "key" else "told")

    def mapping(self) -> dict[str, Any]:
        """The part as the document would say it: plain values, only what was set."""
        plain: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return plain

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        reference = handler(core)
        schema = handler.resolve_ref_schema(reference)
        for key, value in schema.get("properties", {}).items():
            if key not in cls.may_be_nothing:
                _without_nothing(value)
            value.pop("title", None)
        schema.update(cls.schema_rules())
        return reference


NOT_EMPTY = {"minProperties": 1}


def not_both(one: str, other: str) -> dict[str, Any]:
    """The rule that two keys do not stand beside one another."""
    return {"not": {"required": [one, other]}}


def by_word(key: str, default: str, rules: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The rule that each word of a key has a rule of its own; the default's holds where the key is left out."""

    def chosen(word: str) -> dict[str, Any]:
        return {"properties": {key: {"const": word}}, **({} if word == default else {"required": [key]})}

    return {"allOf": [{"if": chosen(word), "then": rule} for word, rule in rules.items()]}


def _without_nothing(schema: JsonSchemaValue) -> None:
    """Takes null out of what an optional key may be: left out is not the same as empty."""
    forms = [form for form in schema.get("anyOf", []) if form != {"type": "null"}]
    if len(forms) == 1:
        del schema["anyOf"]
        schema.update(forms[0])
    elif forms:
        schema["anyOf"] = forms
    if schema.get("default", 0) is None:
        del schema["default"]


_COMPARED = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
_KINDS = {
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_parsing_size": "a whole number that is not so large",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
}


def sentence(error: ErrorDetails) -> str:
    """What one of pydantic's errors says, as a sentence: what was found, what is allowed."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind in _KINDS:
        return f"found {shown(value)}; allowed: {_KINDS[kind]}{_hint(kind, value)}"
    if kind in _COMPARED:
        name, words = _COMPARED[kind]
        return f"found {shown(value)}; allowed: {words} {_plain(context[name])}"
    if kind == "literal_error":
        words = context["expected"]
        return unknown(value, re.findall(r"'([^']*)'", words) or [words])
    if kind in ("string_too_long", "string_too_short"):
        return f"found {len(value)} characters; allowed: {_length(kind, context)}"
    if kind in ("too_long", "too_short"):
        return f"found {shown(value)}; allowed: {_length(kind, context)} entries"
    return str(error["msg"])


def genuine(error: ValidationError) -> list[ErrorDetails]:
    """The errors, as many as are told, but for lists found too short because what is in them is wrong."""
    kept = (
        each
        for each in error.errors(include_url=False)
        if each["type"] != "too_short" or len(each["input"]) < each["ctx"]["min_length"]
    )
    return list(islice(kept, MOST_COMPLAINTS))


def retold(error: ValidationError, front: DocumentPath = (), skipped: int = 0) -> list[InitErrorDetails]:
    """The errors as sentences, with `front` in place of the first `skipped` parts of their places."""
    return [
        refusal(sentence(each), (*front, *each["loc"][skipped:]), "key" if each["type"] == "key" else "told")
        for each in genuine(error)
    ]


def _length(kind: str, context: dict[str, Any]) -> str:
    return f"at most {context['max_length']:,}" if kind.endswith("long") else f"at least {context['min_length']:,}"


def _plain(number: float) -> str:
    return f"{int(number):,}" if number == int(number) else f"{number:g}"


def _hint(kind: str, value: object) -> str:
    if kind == "bool_type" and isinstance(value, str):
        meant = {"on": "true", "yes": "true", "y": "true", "off": "false", "no": "false", "n": "false"}
        word = meant.get(value.lower())
        return f"; did you mean {word}?" if word else ""
    if kind in ("float_type", "int_type") and isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return ""
        return "; leave out the quotes"
    if kind == "string_type" and isinstance(value, int | float):
        return "; put it in quotes"
    return ""


def number_kind(value: object) -> bool:
    """Whether a value of the document is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


_FORMS: dict[str, Callable[[object], bool]] = {
    "mapping": lambda value: isinstance(value, Mapping | BaseModel),
    "items": lambda value: isinstance(value, list | tuple),
    "switch": lambda value: isinstance(value, bool),
    "number": number_kind,
    "text": lambda value: isinstance(value, str),
    "nothing": lambda value: value is None,
}


class ReadBy:
    """Says of a type that a function of ours reads it; the type's own parts are built for the JSON Schema alone."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        self._read = read
        self._kind: Any = None

    def __get_pydantic_core_schema__(self, kind: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        self._kind = kind
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(TypeAdapter(self._kind).core_schema)


def by_form(allowed: str, words: tuple[str, ...] = (), **forms: Any) -> ReadBy:
    """A union told apart by the form of the value, so that its errors speak of the form that was written.

    `forms` gives the type for each of mapping, items, switch, number, text, nothing; `words` are texts that stand
    for themselves.
    """
    adapters: dict[str, TypeAdapter[Any]] = {}

    def validate(value: Any) -> Any:
        if isinstance(value, str) and value in words:
            return value
        for form, kind in forms.items():
            if _FORMS[form](value):
                if form not in adapters:
                    adapters[form] = TypeAdapter(kind)
                return _validated(adapters[form], value)
        raise told(f"found {shown(value)}; allowed: {allowed}{suggestion(value, words) or _hint_switch(value, forms)}")

    return ReadBy(validate)


def _hint_switch(value: object, forms: Mapping[str, Any]) -> str:
    return _hint("bool_type", value) if "switch" in forms else _hint("float_type", value) if "number" in forms else ""


def _validated(adapter: TypeAdapter[Any], value: Any) -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise refuse("form", retold(error)) from None


Version = Annotated[Literal[1], by_form("1", number=Literal[1])]
