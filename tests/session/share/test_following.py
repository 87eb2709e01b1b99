"""What followers of a session have of it: the same bits at the same place, whatever the speaker did, and nothing unshown."""

from pathlib import Path

import pytest
from session.worlds import BATCHES, CHAIN, bits, both, do, session

from bntui.session.session import Session
from bntui.session.share.folder import Folder
from bntui.session.share.following import FollowedSession, Subscription
from bntui.session.share.speaking import Looks, Speaking


class Class:
    """A speaker and one who follows, in a folder."""

    def __init__(self, folder: Path, speaker: Session) -> None:
        folder.mkdir(mode=0o755, exist_ok=True)
        self.folder = Folder(folder, folder.stat().st_uid, 0o644)
        self.speaker = speaker
        self.speaking = Speaking(self.folder)
        self.subscription: Subscription | None = None
        self.follower: FollowedSession | None = None

    def tell(self, looks: Looks = Looks()) -> None:
        self.speaking.send(self.speaking.gather(self.speaker, looks, None))

    def learn(self) -> FollowedSession:
        import os

        self.subscription = self.subscription or Subscription(self.folder, os.getpid())
        news = self.subscription.look()
        assert news is not None
        if news.loaded is not None:
            self.follower = FollowedSession(news.loaded, news.present, "anna")
        assert self.follower is not None
        for _ in self.follower.learn(news):
            pass
        return self.follower

    def pass_on(self, looks: Looks = Looks()) -> FollowedSession:
        self.tell(looks)
        return self.learn()


def alike(one: Session, other: Session) -> None:
    assert both(one) == both(other)
    mine, its = one.observe(), other.observe()
    for name in ("step", "last_step", "action", "loss", "loss_before", "marks", "focus", "view", "quantity", "leads_since", "lit"):
        assert getattr(mine, name) == getattr(its, name), name
    assert mine.trail.steps.tolist() == its.trail.steps.tolist()
    assert mine.trail.high.tobytes() == its.trail.high.tobytes()
    assert [chain.product for chain in mine.chains] == [chain.product for chain in its.chains]


WAYS = [
    [{"step": 1}, {"step": 1}],
    [{"step": 40}, {"set": {"batch_norm": True}}, {"step": 30}, {"back": 50}, {"step": 3}, {"set": {"learning_rate": 0.01}}, {"step": 20}],
    [{"step": 5}, {"twin": {}}, {"step": 5}, {"scale": {"layer": "h1", "by": 3}}, {"step": 4}, {"goto": 2}, {"future": 0}],
    [{"step": 5}, {"back": 3}, {"set": {"mode": "eval"}}, {"step": 2}, {"twin": {"future": 0}}, {"step": 2}, {"reset": True}, {"step": 1}],
    [{"set": {"optimizer": "adam"}}, {"step": 9}, {"set": {"normalization": "layer_norm"}}, {"step": 9}, {"focus": {"layer": "h2", "unit": 1}}, {"view": {"history": "weight"}}],
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("at_once", [True, False])
def test_a_follower_stands_where_the_speaker_does_bit_by_bit(tmp_path: Path, way: list, at_once: bool) -> None:
    speaker = session(BATCHES)
    room = Class(tmp_path, speaker)
    if not at_once:
        alike(speaker, room.pass_on())
    for action in way:
        do(speaker, action)
        if not at_once:
            alike(speaker, room.pass_on())
    alike(speaker, room.pass_on())
