"""State: reviews, tasks, cached acts and the question archive, in one database.

What a decision depends on is never only here: acts are in the log, and this package
reads them back. Everything that cannot reach the database raises ``Unavailable``
with the cause ``state-unavailable``.
"""

from gateway.state.acts import ActsCache
from gateway.state.archive import ArchiveRows
from gateway.state.asked import AskedRows
from gateway.state.database import Database
from gateway.state.expiry import expire, expire_forever, forget_old
from gateway.state.keys import StateKeys, create_state_key
from gateway.state.migrate import StateRefused
from gateway.state.replay import CaughtUp, LogReader, catch_up, follow, hour_ms
from gateway.state.review import Review, ReviewState
from gateway.state.reviews import Reviews
from gateway.state.sealing import CannotOpen
from gateway.state.task import NewTask, OpenTasks, Task, TaskState
from gateway.state.tasks import Tasks

__all__ = [
    "ActsCache",
    "ArchiveRows",
    "AskedRows",
    "CannotOpen",
    "CaughtUp",
    "Database",
    "LogReader",
    "NewTask",
    "OpenTasks",
    "Review",
    "ReviewState",
    "Reviews",
    "StateKeys",
    "StateRefused",
    "Task",
    "TaskState",
    "Tasks",
    "catch_up",
    "create_state_key",
    "expire",
    "expire_forever",
    "follow",
    "forget_old",
    "hour_ms",
]
