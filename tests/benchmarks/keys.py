"""What a key costs in a session in which much has been changed, from the request to the snapshot, without a screen.

    python tests/benchmarks/keys.py [--changes 300] [--keys 200] [--scenario NAME]

Printed are the processor's time for a key, how many times a key makes the session stand, and what one of these costs, which grows
with the number of changes: their marks are gathered.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time

from bntui.scenario.model.actions import Set, Step
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.look import controls
from bntui.session.look.snapshot import Detail
from bntui.session.look.standing import Standing
from bntui.session.session import Session
from bntui.tui.conductor import Conductor

RATE = "0.001"
FRAMES = 1e6  # a second: no key waits for a frame
ROUNDS = 5


class Counting(Session):
    """A session that counts how often it is made to stand."""

    stood = 0

    def stand(self) -> Standing:
        """As any session does."""
        self.stood += 1
        return super().stand()


def changed(scenario: str, changes: int) -> Counting:
    """A session in which BN was switched that many times, with a step after each."""
    session = Counting(read_file(library.find(scenario), (f"training.learning_rate={RATE}",)))
    for number in range(changes):
        session.do(Set(batch_norm=number % 2 == 0))
        session.do(Step(count=1))
    return session


async def idle(conductor: Conductor) -> None:
    """Until all that was requested is done and shown."""
    while conductor._requests or conductor._busy:
        await asyncio.sleep(0)


async def pressing(session: Counting, keys: int) -> float:
    """Seconds of the processor from the request of a key, the layer above or below, to its snapshot."""
    published = asyncio.Event()
    conductor = Conductor(session, lambda snapshot, refusal=None: published.set(), Detail, print, FRAMES)
    conducting = asyncio.create_task(conductor.conduct())
    await published.wait()
    await idle(conductor)
    begin = time.process_time()
    for number in range(keys):
        conductor.request(lambda standing, up=bool(number % 2): controls.move_layer(standing, up))
        await idle(conductor)
    seconds = time.process_time() - begin
    conducting.cancel()
    return seconds / keys


def main() -> None:
    """Measure, and print a JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=300)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--scenario", default="goodfellow-chain")
    options = parser.parse_args()
    session = changed(options.scenario, options.changes)
    before = session.stood
    key = min(asyncio.run(pressing(session, options.keys)) for _ in range(ROUNDS))
    stood = (session.stood - before - ROUNDS) / (ROUNDS * options.keys)  # the first snapshot of each round is no key's
    begin = time.process_time()
    for _ in range(options.keys):
        session.stand()
    standing = (time.process_time() - begin) / options.keys
    print(json.dumps({"key_us": round(key * 1e6), "stands_a_key": stood, "stand_us": round(standing * 1e6)}))


if __name__ == "__main__":
    main()
