"""Run the experiments that docs/experiments.md tells of, and print what came out.

    python docs/experiment.py [NAME …] [--write]

Without names it runs all of them, which takes some minutes. With --write the sections go into docs/experiments.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments import page
from own_tree import require_own_tree

PATH = Path(__file__).parent / "experiments.md"


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(page.BY_NAME))
    parser.add_argument("--write", action="store_true", help=f"put the sections into {PATH.name}")
    options = parser.parse_args()
    if options.write:
        require_own_tree(parser)
    if unknown := [name for name in options.names if name not in page.BY_NAME]:
        parser.error(f"no experiment is called {unknown[0]}; there are {', '.join(page.BY_NAME)}")
    fresh = {}
    for name in options.names or page.BY_NAME:
        experiment = page.BY_NAME[name]
        fresh[name] = experiment.section(experiment.run())
        print(fresh[name], end="\n\n", flush=True)
    if options.write:
        known = page.sections(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
        PATH.write_text(page.text(known | fresh), encoding="utf-8")


if __name__ == "__main__":
    main()
