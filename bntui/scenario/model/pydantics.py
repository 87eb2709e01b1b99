"""The parts of the model as pydantic knows them: what validates them, tells mistakes in sentences, and makes the JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, field, fields, is_dataclass, make_dataclass
from dataclasses import Field as DataclassField
from functools import cache, partial
from itertools import islice
from types import EllipsisType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    create_model,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

from bntui.scenario.model.parts import Invalid, Limits, PartField, ReadBy, ScenarioPart, Then, hint
from bntui.scenario.text.complaints import MOST_COMPLAINTS, Finding
from bntui.scenario.text.wording import shown, unknown

_AT_KEY = "key"  # the type of an error that is of the key itself


def validated(kind: Any, value: Any) -> Any:
    """A value of the document as a value of a type of the model. Raises Invalid with every mistake."""
    try:
        return _adapter(kind).validate_python(value)
    except ValidationError as error:
        raise Invalid(_found(error)) from None


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON Schema of a type of the model."""
    return _adapter(kind).json_schema()


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(_known(kind))


@cache
def _model(part: type[Any]) -> type[_Model]:
    """The model that validates a part."""
    hints = get_type_hints(part, include_extras=True)
    known: dict[str, Any] = {name: (_known(hints[name]), _told_field(each)) for name, each in part.fields.items()}
    made = create_model(
        part.__name__,
        __base__=_Model,
        __doc__=part.__doc__,
        __module__=part.__module__,
        __cls_kwargs__={"title": part.schema_title},
        **known,
    )
    made.part = part
    return made


def _record(kind: Any) -> Any:
    """A dataclass whose fields pydantic knows."""
    hints = get_type_hints(kind, include_extras=True)
    known = [(each.name, _known(hints[each.name]), _with_default(each)) for each in fields(kind)]
    made = make_dataclass(kind.__name__, known)
    return Annotated[made, AfterValidator(lambda valid: kind(**vars(valid)))]


def _with_default(of: DataclassField[Any]) -> Any:
    return field(default=of.default) if of.default_factory is MISSING else field(default_factory=of.default_factory)


def _told_field(part_field: PartField) -> Any:
    """What pydantic is told of a field."""
    words: dict[str, Any] = {"alias": part_field.key, "description": part_field.description}
    if part_field.default_factory is not None:
        words["default_factory"] = part_field.default_factory
    elif not part_field.is_needed:
        words["default"] = part_field.default
    return Field(**words)


def _known(kind: Any) -> Any:
    """A type of the model as pydantic knows it: models for parts, its own marks for ours."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        plain, *marks = inner
        return Annotated[(_known(plain), *map(_mark, marks))]
    if origin is None:
        is_part = isinstance(kind, type) and issubclass(kind, ScenarioPart)
        return _model(kind) if is_part else _record(kind) if is_dataclass(kind) else kind
    if origin is Literal:
        return kind
    parts = tuple(each if isinstance(each, EllipsisType) else _known(each) for each in inner)
    return origin[parts] if isinstance(origin, type) and origin in (tuple, dict) else Union[parts]  # noqa: UP007 - of as many as there are


def _mark(mark: Limits | Then | ReadBy) -> Any:
    match mark:
        case Limits():
            return Field(**mark.words)
        case Then():
            return AfterValidator(mark.function)
        case ReadBy():
            return _Reader(mark)


class _Reader:
    """Has a value read by a function of ours; the type's own schema is built for editors alone."""

    def __init__(self, mark: ReadBy) -> None:
        self._read, self._schema = mark.read, mark.schema
        self._kind: Any = None

    def __get_pydantic_core_schema__(self, kind: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        self._kind = kind
        return core_schema.no_info_plain_validator_function(partial(_read, self._read))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(TypeAdapter(self._kind).core_schema) if self._schema is None else dict(self._schema)


def _read(read: Callable[[Any, Callable[[Any, Any], Any]], Any], value: Any) -> Any:
    try:
        return read(value, validated)
    except Invalid as error:
        raise _refusal("value", list(error.findings)) from None


class _Model(BaseModel):
    """What validates one kind of part: its keys known, its errors sentences."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)  # what is not used is not built
    part: ClassVar[type[ScenarioPart]]

    @model_validator(mode="wrap")
    @classmethod
    def _in_plain_words(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        if isinstance(value, cls.part):
            return value
        if not isinstance(value, Mapping):
            message = f"found {shown(value)}; allowed: a mapping with the keys {', '.join(cls.part.yaml_keys())}"
            raise _refusal(cls.__name__, [Finding((), message)])
        keys = set(cls.part.yaml_keys()) - cls.part.may_be_nothing
        empty = {(key,) for key, found in value.items() if found is None and key in keys}
        wrong = [Finding((key,), cls.part.nothing_found(str(key))) for (key,) in empty]
        try:
            made = handler({key: found for key, found in value.items() if (key,) not in empty})
        except ValidationError as error:
            wrong += [cls._told(each) for each in _genuine(error) if each["loc"] not in empty]
            raise _refusal(cls.__name__, wrong) from None
        part = cls.part(**{name: getattr(made, name) for name in made.model_fields_set})
        wrong = wrong or [Finding(location, message) for location, message in part.mistakes()]
        if wrong:
            raise _refusal(cls.__name__, wrong)
        return part

    @classmethod
    def _told(cls, error: ErrorDetails) -> Finding:
        location = error["loc"]
        if error["type"] == "extra_forbidden":
            return Finding(location, cls.part.unknown_key(location[-1]), at_key=True)
        if error["type"] == "missing":
            return Finding(location, f"missing; needed: {cls.part.about_key(str(location[-1]))}")
        return _finding(error)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        reference = handler(core)
        schema = handler.resolve_ref_schema(reference)
        for key, value in schema.get("properties", {}).items():
            if key not in cls.part.may_be_nothing:
                _without_nothing(value)
            value.pop("title", None)
        whole = cls.part.schema(dict(schema))
        schema.clear()
        schema.update(whole)
        return reference


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


def _refusal(title: str, findings: Iterable[Finding]) -> ValidationError:
    """An error of several sentences, which pydantic merges into the places where it is raised."""
    errors = [
        InitErrorDetails(
            type=PydanticCustomError(_AT_KEY if finding.at_key else "told", "{sentence}", {"sentence": finding.message}),
            loc=finding.path,
            input=None,
        )
        for finding in islice(findings, MOST_COMPLAINTS)
    ]
    return ValidationError.from_exception_data(title, errors)


def _found(error: ValidationError) -> list[Finding]:
    """The errors as sentences at their places."""
    return [_finding(each) for each in _genuine(error)]


def _finding(error: ErrorDetails) -> Finding:
    return Finding(error["loc"], _sentence(error), error["type"] == _AT_KEY)


def _genuine(error: ValidationError) -> list[ErrorDetails]:
    """The errors, as many as are told, but for lists found too short because what is in them is wrong."""
    kept = (
        each
        for each in error.errors(include_url=False)
        if each["type"] != "too_short" or len(each["input"]) < each["ctx"]["min_length"]
    )
    return list(islice(kept, MOST_COMPLAINTS))


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
_MEANT = {"bool_type": "switch", "float_type": "number", "int_type": "number", "string_type": "text"}


def _sentence(error: ErrorDetails) -> str:
    """What one of pydantic's errors says, as a sentence: what was found, what is allowed."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind in _KINDS:
        return f"found {shown(value)}; allowed: {_KINDS[kind]}{hint(_MEANT.get(kind, ''), value)}"
    if kind in _COMPARED:
        name, words = _COMPARED[kind]
        return f"found {shown(value)}; allowed: {words} {_number(context[name])}"
    if kind == "literal_error":
        words = context["expected"]
        return unknown(value, re.findall(r"'([^']*)'", words) or [words])
    if kind in ("string_too_long", "string_too_short"):
        return f"found {len(value)} characters; allowed: {_length(kind, context)}"
    if kind in ("too_long", "too_short"):
        return f"found {shown(value)}; allowed: {_length(kind, context)} entries"
    return str(error["msg"])


def _length(kind: str, context: dict[str, Any]) -> str:
    return f"at most {context['max_length']:,}" if kind.endswith("long") else f"at least {context['min_length']:,}"


def _number(number: float) -> str:
    return f"{int(number):,}" if number == int(number) else f"{number:g}"
