"""What every part of the model has in common: frozen fields with their names in the document, and kinds of values.

Nothing here validates: `bntui.scenario.model.validating` does where a text is read;
a start whose scenario is kept has no pydantic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal, Never, Self, dataclass_transform

from bntui.scenario.text.complaints import MOST_COMPLAINTS, DocumentPath, Finding
from bntui.scenario.text.wording import one_line, shown, suggestion

LARGEST_SEED = 2**53
MOST_STEPS = 10_000_000

Mistakes = list[tuple[DocumentPath, str]]  # each a place and a sentence
Validate = Callable[[Any, Any], Any]  # makes of a type and a value of the document a value of the type; raises Invalid

_NEEDED: Any = object()


class Invalid(ValueError):
    """A value of the document is not valid: sentences, each at its place in the value."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)[:MOST_COMPLAINTS]
        super().__init__("; ".join(finding.message for finding in self.findings))


def told(message: str) -> Invalid:
    """An error that is one sentence on the whole value."""
    return Invalid([Finding((), message)])


class Limits:
    """What a value must be beside its type, in the words of pydantic's Field."""

    def __init__(self, **words: Any) -> None:
        self.words = words


class Then:
    """A function through which a value goes once it is valid."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function


class ReadBy:
    """Says of a type that a function of ours reads it, from the value and what validates the values in it.

    Editors are told the JSON Schema of the type itself, unless another is given.
    """

    def __init__(self, read: Callable[[Any, Validate], Any], schema: dict[str, Any] | None = None) -> None:
        self.read = read
        self.schema = schema


class PartField:
    """A field of a part: its key in the document, what it is when it is left out, and a sentence on it."""

    def __init__(self, default: Any, default_factory: Callable[[], Any] | None, key: str, description: str) -> None:
        self.default = default
        self.default_factory = default_factory
        self.key = key
        self.description = description

    def __set_name__(self, part: type[ScenarioPart], name: str) -> None:
        self.key = self.key or name

    @property
    def is_needed(self) -> bool:
        """Whether it cannot be left out."""
        return self.default is _NEEDED and self.default_factory is None

    def left_out(self) -> Any:
        """What it is when it is left out. Raises TypeError where it cannot be."""
        if self.is_needed:
            raise TypeError(f"{self.key} is needed")
        return self.default if self.default_factory is None else self.default_factory()


def Field(  # noqa: N802 - spelled as in every library of models
    *, description: str, default: Any = _NEEDED, default_factory: Callable[[], Any] | None = None, key: str = ""
) -> Any:
    """Says of a field what it is when it is left out, its key where that is not its name, and a sentence on it."""
    return PartField(default, default_factory, key, description)


StrictStr = Annotated[str, Limits(strict=True)]
StrictInt = Annotated[int, Limits(strict=True)]
Number = Annotated[float, Limits(strict=True, allow_inf_nan=False)]
Positive = Annotated[float, Limits(strict=True, allow_inf_nan=False, gt=0)]
NotNegative = Annotated[float, Limits(strict=True, allow_inf_nan=False, ge=0)]
Share = Annotated[float, Limits(strict=True, allow_inf_nan=False, ge=0, le=1)]
Momentum = Annotated[float, Limits(strict=True, allow_inf_nan=False, ge=0, lt=1)]
Count = Annotated[int, Limits(strict=True, ge=1, le=MOST_STEPS)]
Index = Annotated[int, Limits(strict=True, ge=0, le=MOST_STEPS)]
Seed = Annotated[int, Limits(strict=True, ge=0, le=LARGEST_SEED)]
Switch = Annotated[bool, Limits(strict=True)]
Text = Annotated[StrictStr, Limits(max_length=20_000)]
Sentence = Annotated[StrictStr, Limits(max_length=2_000), Then(one_line)]
Title = Annotated[Sentence, Limits(min_length=1, max_length=200)]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
class ScenarioPart:
    """A mapping of the document: frozen, its fields known by name; `given` are those that were set."""

    fields: ClassVar[dict[str, PartField]] = {}
    schema_title: ClassVar[str] = ""
    may_be_nothing: ClassVar[frozenset[str]] = frozenset()
    given: frozenset[str]

    def __init_subclass__(cls, title: str | None = None) -> None:
        own = {name: field for name, field in vars(cls).items() if isinstance(field, PartField)}
        for name in own:
            delattr(cls, name)
        above = [base.fields for base in reversed(cls.__mro__[1:]) if issubclass(base, ScenarioPart)]
        cls.fields = {name: field for fields in (*above, own) for name, field in fields.items()}
        cls.schema_title = title or cls.__name__

    def __init__(self, **given: Any) -> None:
        unknown = given.keys() - self.fields.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}")
        values = {name: given[name] if name in given else field.left_out() for name, field in self.fields.items()}
        vars(self).update(values, given=frozenset(given))

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> Never:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(getattr(self, name) == getattr(other, name) for name in self.fields)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in self.fields)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.fields)})"

    def changed(self, **values: Any) -> Self:
        """The same part with other values."""
        return type(self)(**{name: getattr(self, name) for name in self.given} | values)

    def mapping(self, whole: bool = False) -> dict[str, Any]:
        """The part as the document would say it: plain values, only what was set, or the `whole` with what was left out."""
        names = [name for name in self.fields if whole or name in self.given]
        return {self.fields[name].key: _plain(getattr(self, name), whole) for name in names}

    def mistakes(self) -> Mistakes:
        """What is wrong between the fields, as (place, sentence)."""
        return []

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """As much of `mistakes` as JSON Schema can say, as keywords beside the fields."""
        return {}

    @classmethod
    def schema(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """The JSON Schema of the part, from that of its fields."""
        return fields | cls.schema_rules()

    @classmethod
    def yaml_keys(cls) -> tuple[str, ...]:
        """The keys as the document spells them."""
        return tuple(field.key for field in cls.fields.values())

    @classmethod
    def nothing_found(cls, key: str) -> str:
        """What to say about a key without a value."""
        return f"found nothing; needed: {cls.about_key(key)}, or leave the key out"

    @classmethod
    def unknown_key(cls, key: object) -> str:
        """What to say about a key that does not exist."""
        return f"unknown key {shown(key)}; allowed: {', '.join(cls.yaml_keys())}{suggestion(key, cls.yaml_keys())}"

    @classmethod
    def about_key(cls, key: str) -> str:
        """What a key is, as it stands within a sentence."""
        about = next((field.description or key for field in cls.fields.values() if field.key == key), None)
        if about is None:
            return key
        about = about.split("; ", maxsplit=1)[0].rstrip(".")
        return about[0].lower() + about[1:]


def _plain(value: Any, whole: bool) -> Any:
    if isinstance(value, ScenarioPart):
        return value.mapping(whole)
    if isinstance(value, Mapping):
        return {key: _plain(each, whole) for key, each in value.items()}
    return [_plain(each, whole) for each in value] if isinstance(value, tuple | list) else value


NOT_EMPTY = {"minProperties": 1}


def not_both(one: str, other: str) -> dict[str, Any]:
    """The rule that two keys do not stand beside one another."""
    return {"not": {"required": [one, other]}}


def by_word(key: str, default: str, rules: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The rule that each word of a key has a rule of its own; the default's holds where the key is left out."""

    def chosen(word: str) -> dict[str, Any]:
        return {"properties": {key: {"const": word}}, **({} if word == default else {"required": [key]})}

    return {"allOf": [{"if": chosen(word), "then": rule} for word, rule in rules.items()]}


def number_kind(value: object) -> bool:
    """Whether a value of the document is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


_FORMS: dict[str, Callable[[object], bool]] = {
    "mapping": lambda value: isinstance(value, Mapping | ScenarioPart),
    "items": lambda value: isinstance(value, list | tuple),
    "switch": lambda value: isinstance(value, bool),
    "number": number_kind,
    "text": lambda value: isinstance(value, str),
    "nothing": lambda value: value is None,
}


def by_form(allowed: str, words: tuple[str, ...] = (), **forms: Any) -> ReadBy:
    """A union told apart by the form of the value, so that its errors speak of the form that was written.

    `forms` gives the type for each of mapping, items, switch, number, text, nothing; `words` are texts that stand
    for themselves.
    """

    def read(value: Any, validate: Validate) -> Any:
        if isinstance(value, str) and value in words:
            return value
        for form, kind in forms.items():
            if _FORMS[form](value):
                return validate(kind, value)
        raise told(f"found {shown(value)}; allowed: {allowed}{suggestion(value, words) or _hint_switch(value, forms)}")

    return ReadBy(read)


def hint(kind: str, value: object) -> str:
    """How a value that is not of a kind was probably meant, to stand at the end of a sentence; "" where nobody can say."""
    if kind == "switch" and isinstance(value, str):
        meant = {"on": "true", "yes": "true", "y": "true", "off": "false", "no": "false", "n": "false"}
        word = meant.get(value.lower())
        return f"; did you mean {word}?" if word else ""
    if kind == "number" and isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return ""
        return "; leave out the quotes"
    if kind == "text" and isinstance(value, int | float):
        return "; put it in quotes"
    return ""


def _hint_switch(value: object, forms: Mapping[str, Any]) -> str:
    return hint("switch", value) if "switch" in forms else hint("number", value) if "number" in forms else ""


Version = Annotated[Literal[1], by_form("1", number=Literal[1])]
