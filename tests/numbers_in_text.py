"""The numbers that a text prints, each with the precision at which it is printed, for tests that hold them."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
LARGE = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}
FRACTIONS = {"¼": 0.25, "½": 0.5, "¾": 0.75}
WORDS = {
    "a": 1,
    **dict(
        zip(["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], range(2, 13), strict=True)
    ),
    **dict(zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], range(20, 100, 10), strict=True)),
}
WORD_TOLERANCE = 0.1  # "a hundred times" is said of 90 to 110
ROUNDING = 1e-9  # what is called 0, and the slack of comparisons

_SUPERS = "[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
_NUMBER = re.compile(
    rf"(?<![\w.,⁰¹²³⁴⁵⁶⁷⁸⁹₀-₉])(?<!\w[−-])(?P<sign>(?<![^\s(\[=×±:])[−+-])?(?:"
    rf"10(?P<power>{_SUPERS})"
    rf"|(?P<fraction>[¼½¾])"
    rf"|(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?:[eE](?P<exponent>[+-]?\d+)|\s?·\s?10(?P<times_ten>{_SUPERS}))?"
    rf"(?:\s?(?P<percent>%)|\s(?P<large>{'|'.join(LARGE)})\b)?)"
)
_WORDED = re.compile(rf"\b(?:(?P<count>{'|'.join(WORDS)})[ -]?)?(?P<large>{'|'.join(LARGE)})?(?:fold\b|[ -]times\b)")
_PART = re.compile(r"\ba (?P<part>tenth|hundredth|thousandth|millionth)\b")
_PARTS = {"tenth": 1e-1, "hundredth": 1e-2, "thousandth": 1e-3, "millionth": 1e-6}
_SOURCE = re.compile(
    r"\(\d{4}\)|(?<=\w, )(?:19|20)\d\d\b"
    r"|(?i:§|\b(?:sections?|theorems?|figures?|tables?|chapters?|equations?|facts?)\b)\s?\d+(?:\.\d+)*"
)
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
_PAST = re.compile(r"\b(?:from|was|were|had|instead of|against)\b[^.;:\d]{0,24}$")
_BELOW = re.compile(
    r"(?:\b(?:below|under|(?:less|smaller|fewer|shorter|(?:no|not|never|hardly) (?:more|larger)) than|at most|up to|within)"
    r"|[≤<])[\s×]*(?:about )?$"
)
_ABOVE = re.compile(r"(?:\b(?:above|over|beyond|(?:more|larger|greater|longer) than|at least)|[≥>])[\s×]*(?:about )?$")
_HEDGE = re.compile(r"(?:\b(?:about|around|near|nearly|almost|some|roughly|close to)|≈)[\s×]*$")
_TICKS = re.compile(r"(?<![\d.])1e[+-]?\d+(?![\d.])|\b0\s+(?:[\d.e+]+\s+)*step\b|\S+┤")
_EQUATION = re.compile(r"(?P<left>[\d.,+−·/()√²\s]*[+−·/√²][\d.,+−·/()√²\s]*)=\s*")
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as a text prints it.

    `unit` is what one of its last digit is worth, 0 where every digit is there; `bound` is above or below where the text states
    a bound, else empty; `hedged`: the text calls it about so much; `past`: the text sets it against what is now; `order`: only
    the power of ten is told; `times`: it is so many times something; `factor`: it has a ×; `formula`: it stands in a formula.
    """

    text: str
    value: float
    unit: float
    start: int
    signed: bool = False
    bound: str = ""
    hedged: bool = False
    past: bool = False
    order: bool = False
    percent: bool = False
    times: bool = False
    factor: bool = False
    formula: bool = False

    def agrees(self, value: float, unit: float = 0.0) -> bool:
        """Whether a value, known to a unit of its own, is this number at the precision at which it is printed."""
        if not math.isfinite(value):
            return False
        if self.percent and (self._near(value - 1, unit) or self._near(1 - value, unit)):
            return True  # "2 % more" is a factor of 1.02
        return self._near(value, unit)

    def _near(self, value: float, unit: float) -> bool:
        value = value if self.signed else abs(value)
        if self.order:
            return value > 0 and round(math.log10(value)) == round(math.log10(self.value))
        if self.value == 0:
            return abs(value) <= ROUNDING
        slack = self.unit / 2 + (unit / 2 if unit < self.unit else 0.0) + ROUNDING * abs(self.value)
        return abs(value - self.value) <= slack


def claims(text: str) -> list[Printed]:
    """Every number that a text in Markdown claims.

    Not the years and sections of sources, what is quoted of others, the whole numbers up to 10 in formulas, and what an
    equation of the text itself yields.
    """
    said = plain(text)
    claimed = _QUOTED.sub(_blank, _SOURCE.sub(_blank, said))
    yielded = {number.start for number in equations(said)}
    digits = [number for number in numbers(claimed) if not number.formula and number.start not in yielded]
    return digits + list(_worded(claimed))


def plain(text: str) -> str:
    """A text without its Markdown."""
    return re.sub(r"[*`]", "", text)


def on_screen(frame: str) -> list[Printed]:
    """Every number of a drawn screen, but for the ticks of its axes, which measure nothing."""
    return list(numbers(_TICKS.sub(" ", frame)))


def equations(text: str) -> list[Printed]:
    """The numbers that an equation of the text yields: 0.502 of 0.5 · 1.004 = 0.502."""
    found = []
    for each in _EQUATION.finditer(text):
        right = _NUMBER.match(text, each.end())
        value = _calculated(each["left"])
        if right is not None and value is not None and (number := _read(right)).agrees(value):
            found.append(number)
    return found


def numbers(text: str) -> Iterator[Printed]:
    """Every number in digits, with how the words around it take it."""
    for found in _NUMBER.finditer(text):
        before, after = text[: found.start()], text[found.end() :]
        hedged = bool(_HEDGE.search(before))
        yield replace(
            _read(found, least_digits=1 if hedged else 2),
            bound=_bound(before),
            hedged=hedged,
            past=bool(_PAST.search(before)) or bool(re.match(r"[^.;:\d]{0,12}\bbefore\b", after)),
            times=bool(re.match(r"[ -]times\b|-?fold\b", after)),
            factor=before.endswith("×"),
            formula=_in_formula(before, found, after),
        )


def _bound(before: str) -> str:
    """Which bound the words before a number make of it; empty where none."""
    return "below" if _BELOW.search(before) else "above" if _ABOVE.search(before) else ""


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _read(found: re.Match[str], least_digits: int = 2) -> Printed:
    sign = -1.0 if found["sign"] in ("−", "-") else 1.0
    number = Printed(found[0], sign, 0.0, found.start(), signed=found["sign"] is not None)
    if found["power"]:
        return replace(number, value=sign * 10.0 ** int(found["power"].translate(SUPERSCRIPT)), order=True)
    if found["fraction"]:
        return replace(number, value=sign * FRACTIONS[found["fraction"]])
    exponent = int(found["exponent"] or (found["times_ten"] or "0").translate(SUPERSCRIPT))
    scale = 10.0**exponent * LARGE.get(found["large"] or "", 1.0) * (0.01 if found["percent"] else 1.0)
    digits = found["digits"].replace(",", "")
    return replace(
        number, value=sign * float(digits) * scale, unit=_unit(digits, least_digits) * scale, percent=bool(found["percent"])
    )


def _unit(digits: str, least_digits: int) -> float:
    """What one of the last digit is worth; zeros at the end of a number from 1,000 on, or of a hedged one, may stand for others."""
    whole, _, decimals = digits.partition(".")
    if decimals:
        return 10.0 ** -len(decimals)
    if float(whole) < 1000 and least_digits > 1:  # 300 steps are 300, but 398,000 may be 398,200
        return 1.0
    return 10.0 ** min(len(whole) - len(whole.rstrip("0")), max(len(whole) - least_digits, 0))


def _in_formula(before: str, found: re.Match[str], after: str) -> bool:
    """Whether a whole number up to 10 is written together with letters or roots, as in 2/λ, √2 or 1/‖w‖², or is ones, as in 11ᵀ."""
    if after.startswith("ᵀ"):
        return True
    if not re.fullmatch(r"[−+-]?(\d|10)", found[0]):
        return False
    word = re.split(r"\s", before)[-1] + re.split(r"\s", after)[0]
    return bool(re.search(r"[√‖∂∞²α-ωΑ-Ω]|[/·()^−][A-Za-z]|[A-Za-z][/·()^−]", word))


def _worded(text: str) -> Iterator[Printed]:
    """Factors in words, as ninefold, twentyfold, a hundred times; and bounds, as below a hundredth."""
    for found in _WORDED.finditer(text):
        if found["large"] or found["count"] not in (None, "a"):
            value = WORDS[found["count"] or "a"] * LARGE.get(found["large"] or "", 1.0)
            yield Printed(found[0], value, 2 * WORD_TOLERANCE * value, found.start(), times=True)
    for part in _PART.finditer(text):
        if bound := _bound(text[: part.start()]):
            yield Printed(part[0], _PARTS[part["part"]], 0.0, part.start(), bound=bound)


def _calculated(text: str) -> float | None:
    """What a calculation of numbers, + − · / √ ² and parentheses makes; None where it is none."""
    source = re.sub(r"√(\(.*?\)|[\d.]+)", r"(\1)**0.5", text.replace("²", "**2"))
    source = source.replace("−", "-").replace("·", "*").replace(",", "").strip()
    try:
        return _evaluated(ast.parse(source, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError):
        return None


def _evaluated(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluated(operand)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_evaluated(left), _evaluated(right))
        case _:
            raise ValueError(ast.dump(node))
