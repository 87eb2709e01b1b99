"""`bntui list` as a person at a shell meets it."""


from shell import CORE, Capture, printed

from bntui.scenario.shelf import library
from bntui.scenario.shelf.order import ORDER


def test_list_names_every_scenario_with_its_title_and_size(capsys: Capture) -> None:
    rows = printed(capsys, "list").splitlines()
    assert [row.split()[0] for row in rows] == list(ORDER)
    assert set(CORE) <= set(library.names())
    assert next(row for row in rows if row.startswith("goodfellow-chain")).endswith("(5 layers, 5 weights)")
