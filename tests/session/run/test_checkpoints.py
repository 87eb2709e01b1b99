"""What is remembered of the past: the newest moments one by one, those before them now and then."""

from session.worlds import CHAIN, session

from bntui.session.run.checkpoints import FIRST_STRIDE, RECENT, Checkpoints

STEPS = 300


def test_of_a_small_network_few_moments_are_kept_whole_and_any_other_lies_a_stride_behind_one_that_is_kept() -> None:
    kept, moment = Checkpoints(), session(CHAIN).history.moment
    for offset in range(STEPS):
        kept.keep(0, offset, moment)
    assert kept.nearest(0, STEPS - 1) == (STEPS - 1, moment)
    assert [kept.reaches(0, offset) for offset in range(STEPS - RECENT, STEPS)] == list(range(STEPS - RECENT, STEPS))
    assert [kept.reaches(0, offset) for offset in range(STEPS - RECENT)] == [
        offset - offset % FIRST_STRIDE for offset in range(STEPS - RECENT)
    ]
    assert kept.nbytes < (RECENT + STEPS / FIRST_STRIDE + 1) * 2 * moment.nbytes
