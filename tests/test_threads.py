"""How many threads a matrix product takes is settled before numpy is imported, and the user's word counts."""

import subprocess
import sys

from bntui.__main__ import THREADS, settle_threads


def test_one_thread_where_nothing_is_said() -> None:
    environment = {"HOME": "/"}
    settle_threads(environment)
    assert environment == {"HOME": "/", **dict.fromkeys(THREADS, "1")}


def test_what_the_user_has_said_stays() -> None:
    for name in THREADS:
        environment = {name: "4"}
        settle_threads(environment)
        assert environment == {name: "4"}


def test_nothing_imports_numpy_before_it_is_settled() -> None:
    program = "import sys, bntui.__main__; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
