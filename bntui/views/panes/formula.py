"""The chain rule as in a textbook: symbols above, the numbers of this moment below them, wrapped between factors."""

from __future__ import annotations

from itertools import groupby

from bntui.maths.chain import Factor, LayerChain
from bntui.maths.names import ACTIVATION, INPUT, SKIP, WEIGHT
from bntui.session.look.snapshot import Snapshot
from bntui.views.text.cells import cells, in_ascii
from bntui.views.text.lines import Line, Lines, Size, Span, padded
from bntui.views.text.lines import wrapped as wrapped_text
from bntui.views.text.numbers import brief

MOSTLY_EPSILON = 0.5  # ε's share of v + ε, the mean over the units, from which σ hardly follows the weights


def formula(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """The focused layer's chain in symbols, each over its value; then the loop in which explosions feed themselves.

    Where that is too long for the pane, the layers above are each one derivative of what they put out by what they take in.
    """
    chain = snapshot.chain(snapshot.focus.layer)
    rows = wrapped(_spelled(_terms(chain, snapshot), ascii), size.width)
    if 2 * len(rows) > size.height:
        rows = wrapped(_spelled(_folded_terms(chain, snapshot), ascii), size.width)
    lines: list[Line] = []
    for symbols, values in rows[: max(size.height // 2, 1)]:
        lines += [(Span(symbols, "strong"),), (Span(values),)]
    loop = _loop_lines(snapshot, size.width)
    lines += loop if len(lines) + len(loop) <= size.height else loop[:1]  # a sentence without its end says nothing
    return padded(lines, size.width, size.height)


def rows_needed(snapshot: Snapshot, width: int, ascii: bool = False) -> int:
    """The rows that the whole formula takes at a width."""
    terms = _terms(snapshot.chain(snapshot.focus.layer), snapshot)
    return 2 * len(wrapped(_spelled(terms, ascii), width)) + len(_loop_lines(snapshot, width))


def _loop_lines(snapshot: Snapshot, width: int) -> Lines:
    """Activations enlarge gradients, gradients weights, weights activations; a mark on the link that normalization cuts."""
    cut_text, sentence = loop_cut(snapshot)
    links = Span("activations → gradients → weights "), Span(cut_text, "accent"), Span(" activations")
    narrow = width < len("the loop  ") + sum(cells(span.text) for span in links)
    first: Line = links if narrow else (Span("the loop  ", "faint"), *links)
    return first, *(line for line in wrapped_text([Span(sentence, "faint")], width))


def loop_cut(snapshot: Snapshot) -> tuple[str, str]:
    """What joins weights and activations in the layer in focus, → or ✗ where that link is cut, and a sentence that says by what.

    Whoever divides by what grows with the weights cuts it: by the σ of these samples or units, or by ‖w‖.
    """
    layer = snapshot.focus.layer
    kind = snapshot.kind(layer)
    if kind is None:
        return "→", f"each enlarges the next. Nothing in {layer} cuts it: ten times the weights, ten times W·a."
    if not kind.scales:
        return "→", f"each enlarges the next. {kind.short} in {layer} does not cut it: it subtracts, and divides by nothing."
    if kind.estimated(snapshot.mode):
        return "→", f"each enlarges the next. {kind.short} in {layer} does not cut it in eval: the running σ stands still."
    if (snapshot.numbers(layer).surviving or 0) >= MOSTLY_EPSILON:
        return "→", f"each enlarges the next. {kind.short} in {layer} does not cut it here: v is below ε, and σ hardly follows it."
    divisor = "‖w‖" if kind.over == "weight" else "σ"
    return "✗", f"{kind.short} in {layer} cuts the last link: it divides by {divisor}, which grows with the weights."


def _spelled(terms: list[tuple[str, str]], ascii: bool) -> list[tuple[str, str]]:
    return [(in_ascii(above, ascii), in_ascii(below, ascii)) for above, below in terms]


def _head(chain: LayerChain) -> tuple[str, str]:
    last = chain.factors[-1]
    total = "≈0" if last.rounding else brief(last.product)
    return f"∂J/∂w_{chain.layer} =", f"{total} ="


def _terms(chain: LayerChain, snapshot: Snapshot) -> list[tuple[str, str]]:
    first, *others = chain.factors
    terms = [_head(chain), (symbol(first, snapshot), value_text(first))]
    return terms + [(f"·{symbol(factor, snapshot)}", f"·{value_text(factor)}") for factor in others]


def _folded_terms(chain: LayerChain, snapshot: Snapshot) -> list[tuple[str, str]]:
    terms = [_head(chain), (symbol(chain.factors[0], snapshot), value_text(chain.factors[0]))]
    before = chain.factors[0].product
    for layer, factors in groupby(chain.factors[1:], key=lambda factor: factor.name.layer):
        if layer == chain.layer:
            terms += [(f"·{symbol(factor, snapshot)}", f"·{value_text(factor)}") for factor in factors]
        else:
            *_, last = factors
            gain = None if before == 0 else last.product / before
            terms.append((f"·∂a_{layer}/∂a_in", f"·{brief(gain)}"))
            before = last.product
    return terms


def wrapped(terms: list[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """Terms side by side, each symbol over its value, broken between terms."""
    rows: list[tuple[str, str]] = []
    above = below = ""
    for symbol_text, number in terms:
        column = max(cells(symbol_text), cells(number)) + 1
        if above and cells(above) + column > width:
            rows.append((above, below))
            above = below = "    "
        above += symbol_text + " " * (column - cells(symbol_text))
        below += number + " " * (column - cells(number))
    return [*rows, (above, below)]


def symbol(factor: Factor, snapshot: Snapshot) -> str:
    """A factor as a textbook writes it: σ′(u_a), γ_a/σ_a, w_b; of a skip connection what is added to all before it."""
    layer, part = factor.name.layer, factor.name.part
    plain = {"cost": "∂J/∂ŷ", ACTIVATION: f"g′(u_{layer})", WEIGHT: f"w_{layer}", INPUT: f"a_in({layer})"}
    if part in plain:
        return plain[part]
    if part == SKIP:
        architecture = snapshot.architecture
        return f"({''.join(f'+∂J/∂a_{target}' for target in architecture.forked[architecture.before(layer)])})"
    kind = snapshot.kind(layer)
    assert kind is not None  # a part of a normalization stands in the chains of a normalized layer alone
    return kind.part(part).written(layer, snapshot.architecture.layer(layer).normalization.affine)


def value_text(factor: Factor) -> str:
    """A factor's value, or – where the signal before it is zero."""
    return "≈0" if factor.rounding and factor.value is not None and abs(factor.value) < 1e-12 else brief(factor.value)
