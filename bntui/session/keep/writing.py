"""Writing a journal off the way of whoever takes keys: a disk that is slow holds nobody up, and one that is full is tried again.

Records go to the file at once, and the disk is asked to keep them (fsync) so often that a loss of power costs no more than the
last second. Until it has they are held here too, for a disk may refuse only then what it had seemed to take.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from bntui.session.keep.aside import PARTS, Worker
from bntui.session.keep.storage import Lost, Store

SYNC = 0.7  # seconds from one sync to the next; with `journal.STRETCH`, that steps of a run wait before, less than one
RETRY = 2.0  # seconds after which a disk that refused is asked again
SHORT = 0.2  # seconds in which a disk that is not slow has taken a record
MOST_HELD = 32 * 2**20  # bytes of records that the disk has not said to keep, beside the first, which has the table


class Writer:
    """Puts records into a store, which is made with the first of them, and syncs it.

    `refusal` is why nothing can be kept for now; where it `is_lost`, nothing will be any more.
    """

    def __init__(self, path: Path, header: Callable[[], bytes], store: Store | None = None) -> None:
        self.refusal: OSError | None = None
        self.is_lost = False
        self._path, self._header, self._store = path, header, store
        self._file = threading.Lock()  # who has it may touch the store; it is taken before the other
        self._state = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._unsynced: deque[bytes] = deque()
        self._held, self._most = 0, MOST_HELD  # bytes of both, and of as many as there may be
        self._synced = (0, 0) if store is None else store.end
        self._sync_at = self._retry_at = time.monotonic()
        self._ending = self._ended = self._is_late = self._has_written = False
        self._writing, self._syncing = Worker(self._write, "bntui-journal"), Worker(self._sync, "bntui-sync")

    @property
    def has_file(self) -> bool:
        """Whether there is a file by now with something in it, be it that the disk refused what came then."""
        return self._store is not None and (self._has_written or self._store.end != (0, 0))

    @property
    def has_written_all(self) -> bool:
        """Whether all is in the file, be it that the disk has not said to keep it."""
        with self._state:
            return self.refusal is None and not self._waiting

    def put(self, text: bytes) -> None:
        """Write a record as soon as that goes."""
        with self._state:
            if self.is_lost or self._ending:
                return
            self._waiting.append(text)
            self._held += len(text)
            if self._held > self._most:
                self._lose(Lost("more is waiting to be written than the program holds"))
                return
        self._writing.wake()

    def settle(self) -> None:
        """Wait until all is in the file, so that a kill costs nothing that was shown; for a slow disk only the first time."""
        with self._state:
            if not (self._is_late and self._waiting):
                self._is_late = not any(self._state.wait_for(self._is_settled, SHORT / PARTS) for _ in range(PARTS))

    def _is_settled(self) -> bool:
        """Whether all is in the file, or cannot be for now."""
        return not self._waiting or self.refusal is not None

    def finish(self, seconds: float | None) -> bool:
        """Write and sync all, and let go of the file; False where that was not done in time, if there is a limit, or cannot be."""
        with self._state:
            self._ending = True
        self._writing.wake()
        with self._state:
            return self._state.wait_for(lambda: self._ended, seconds) and self.refusal is None

    def discard(self, seconds: float | None) -> None:
        """Delete the file. Raises OSError, also where that cannot be done in time, if there is a limit."""
        if not self._file.acquire(timeout=-1 if seconds is None else seconds):
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        try:
            if self._store is not None:
                self._store.remove()
            with self._state:
                self._drop()
                self._ending = self._ended = True
                self._store = None
        finally:
            self._file.release()

    def _write(self) -> float | None:
        """Write what waits."""
        with self._file:
            with self._state:
                pause = self._retry_at - time.monotonic()
                if self.refusal is not None and pause > 0 and not self._ending:
                    return pause
                batch = list(self._waiting)
            if batch and not self._ended:
                try:
                    self._append(batch)
                except OSError as error:
                    self._refused(error)
        self._syncing.wake()
        return None

    def _append(self, batch: list[bytes]) -> None:
        if self._store is None:
            self._store = Store.create(self._path)
            header = self._header()
            batch.insert(0, header)
            with self._state:
                self._waiting.appendleft(header)
                self._held += len(header)
                self._most = MOST_HELD + len(header)
        self._store.append(batch)
        self._has_written = True
        with self._state:
            for _ in range(min(len(batch), len(self._waiting))):  # none where they were dropped meanwhile
                self._unsynced.append(self._waiting.popleft())
            self._state.notify_all()

    def _sync(self) -> float | None:
        """Ask the disk to keep what was written, where that is due; at the end let go of the file."""
        with self._file:
            with self._state:
                store, count, now = self._store, len(self._unsynced), time.monotonic()
                due = self.refusal is not None or self._ending or now >= self._sync_at
                is_over = self._ending and not (count or self._waiting)
            if is_over:
                self._close()
            if store is None or not count:
                return None
            if not due:
                return self._sync_at - now
            self._sync_at, end = now + SYNC, store.end
        try:
            store.sync()
        except OSError as error:
            with self._file:
                self._refused(error)
            return None
        with self._file, self._state:
            if store.end[0] < end[0]:  # meanwhile something was refused, and all that was synced here is written again
                return None
            self.refusal, self._synced = None, end
            for _ in range(min(count, len(self._unsynced))):
                self._held -= len(self._unsynced.popleft())
        return 0.0

    def _refused(self, error: OSError) -> None:
        """The disk did not take something: all that it has not said to keep is written again later, or at the end given up."""
        with self._state:
            if self._ended:
                return
            self.refusal, self._retry_at = error, time.monotonic() + RETRY
            self._waiting.extendleft(reversed(self._unsynced))
            self._unsynced.clear()
            if self._store is not None:
                self._store.end = self._synced
            if isinstance(error, Lost):
                self._lose(error)
            if self._ending:
                self._drop()
            self._state.notify_all()
        self._writing.wake()

    def _lose(self, error: Lost) -> None:
        self.refusal, self.is_lost = error, True
        self._drop()

    def _drop(self) -> None:
        self._waiting.clear()
        self._unsynced.clear()
        self._held = 0

    def _close(self) -> None:
        if self._store is not None and not self._ended:
            self._store.close()
        with self._state:
            self._ended = True
            self._state.notify_all()
