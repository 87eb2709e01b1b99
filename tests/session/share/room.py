"""A speaker and somebody who follows, in a folder, without any screen."""

from pathlib import Path

from bntui.session.keep import processes
from bntui.session.session import Session
from bntui.session.share.folder import Folder
from bntui.session.share.following import FollowedSession, News, Subscription
from bntui.session.share.looks import Looks
from bntui.session.share.speaking import Speaking


class Room:
    """`tell` writes what the speaker shows, `learn` takes it over into the follower's session."""

    def __init__(self, path: Path, speaker: Session) -> None:
        path.mkdir(mode=0o755, exist_ok=True)
        self.folder = Folder(path, path.stat().st_uid, 0o644)
        self.speaker = speaker
        self.speaking = Speaking(self.folder)
        self.subscription = Subscription(self.folder, processes.this())
        self._follower: FollowedSession | None = None

    @property
    def follower(self) -> FollowedSession:
        assert self._follower is not None
        return self._follower

    def tell(self, looks: Looks | None = None) -> None:
        self.speaking.send(self.speaking.gather(self.speaker, looks or Looks(), None))

    def look(self) -> News:
        news = self.seen()
        assert news is not None
        return news

    def seen(self) -> News | None:
        """What is new, None where nothing is."""
        now = self.subscription.peek()
        return None if now is None else self.subscription.look(now)

    def follower_of(self, news: News) -> FollowedSession:
        """The follower's session, a new one where the news are of another scenario."""
        if news.loaded is not None:
            self._follower = FollowedSession(news.loaded, news.present, "anna")
        return self.follower

    def learn(self) -> FollowedSession:
        news = self.seen()
        if news is not None:
            for _ in self.follower_of(news).learn(news):
                pass
        return self.follower

    def pass_on(self) -> FollowedSession:
        self.tell()
        return self.learn()

    def bytes(self) -> bytes:
        """All that lies in the folder."""
        return b"\n".join(path.read_bytes() for path in sorted(self.folder.path.iterdir()))
