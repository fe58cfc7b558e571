"""DBOS behind the engine: the only file that knows it. Imported on use, for it takes a second.

DBOS has one instance in a process, and this file the one workflow that it runs. Some places go
beyond its documented interface, because that cannot start queued work at once, launch without
holding up the event loop, or end while the database is away; its version is pinned, and the
engine's tests watch them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import Final

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, WorkflowSerializationFormat
from dbos._core import execute_dequeued_workflow
from dbos._dbos import _get_dbos_instance
from dbos._utils import generate_uuid
from sqlalchemy.engine import URL, Connection

from chatops.engine.port import Task
from chatops.engine.rows import LEAD
from chatops.engine.works import GaveUp

Perform = Callable[[Task], Awaitable[None]]

_APPLICATION: Final = "quitx"
_VERSION: Final = "1"
"""Never changes: DBOS leaves the work of other versions alone, for ever."""

_QUEUE: Final = "quitx"
_WORKFLOW: Final = "quitx.task"
_POLL: Final = 1.0
_POOL: Final = 5
_THREADS: Final = 32
_BATCH: Final = 1_000

_performing: Perform | None = None


class Workflows:
    """The store's DBOS. Made by `open`; everything but `launch`, `destroy` and `enqueue` blocks."""

    def __init__(self, url: str, client: DBOSClient) -> None:
        self._url = url
        self._client = client

    @classmethod
    def open(cls, url: URL) -> Workflows:
        """Return a store's DBOS, creating its tables as needed."""
        _quieten()
        driver = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql+psycopg"
        address = url.set(drivername=driver).render_as_string(hide_password=False)
        DBOS.migrate(address)
        client = DBOSClient(
            system_database_url=address,
            application_name=_APPLICATION,
            system_database_pool_size=_POOL,
            lazy=True,
            retry_connection_errors=False,
        )
        client.register_queue(_QUEUE, polling_interval_sec=_POLL, on_conflict="never_update")
        return cls(address, client)

    def close(self) -> None:
        """Release connections."""
        self._client.destroy()

    async def launch(self, executor_id: str, perform: Perform) -> None:
        """Begin to hand due tasks to `perform`, on this event loop."""
        global _performing  # noqa: PLW0603 - DBOS has one instance a process, so has its workflow
        if _performing is not None:
            raise RuntimeError("another durable engine runs in this process")
        config: DBOSConfig = {
            "name": _APPLICATION,
            "system_database_url": self._url,
            "application_version": _VERSION,
            "executor_id": executor_id,
            "sys_db_pool_size": _POOL,
            "max_executor_threads": _THREADS,
            "run_migrations": False,
            "log_level": "WARNING",
            # Nothing is notified; these only say how often DBOS looks, and how fast it stops.
            "notification_listener_polling_interval_sec": 0.1,
            "notification_coalesce_sec": 0.2,
        }
        _performing = perform
        instance = DBOS(config=config)
        # Launching writes to the store. On the event loop it would wait for a transaction whose
        # commit waits for the event loop; in a thread it must be told which loop runs the tasks.
        instance._background_event_loop.set_main_loop()  # noqa: SLF001 - see above
        try:
            await asyncio.to_thread(DBOS.launch)
        except BaseException:
            await asyncio.to_thread(DBOS.destroy)
            _performing = None
            raise

    async def destroy(self) -> None:
        """Stop handing out tasks; those that have not ended stay with their executor."""
        global _performing  # noqa: PLW0603 - as in `launch`
        # DBOS tries for ever to record an outcome, and would keep a process that wants to end.
        _get_dbos_instance()._sys_db._retry_connection_errors = False  # noqa: SLF001
        await asyncio.to_thread(DBOS.destroy)
        _performing = None

    def enqueue(self, connection: Connection, task: Task) -> None:
        """Put a task into the queue, in the connection's transaction."""
        options: EnqueueOptions = {
            "workflow_name": _WORKFLOW,
            "queue_name": _QUEUE,
            "workflow_id": task.id,
            "app_version": _VERSION,
            "serialization_type": WorkflowSerializationFormat.PORTABLE,
        }
        delay = (task.at - datetime.now(UTC) - LEAD).total_seconds() if task.at else 0.0
        if delay > 0:
            options["delay_seconds"] = delay
        at = task.at.isoformat() if task.at else None
        self._client.enqueue_in_transaction(
            connection, options, task.kind, task.subject, task.run, at
        )

    def claim(self) -> None:
        """Start what is due in the queue now, as DBOS does by itself about once a second."""
        instance = _get_dbos_instance()
        rows = instance._sys_db  # noqa: SLF001 - see the module's docstring
        queue = rows.get_queue(_QUEUE)
        assert queue is not None, "`open` registers the queue"
        owner = generate_uuid()
        ids, _ = rows.start_queued_workflows(
            queue, DBOS.executor_id, DBOS.application_version, None, owner_xid=owner
        )
        for status in rows.get_workflow_statuses(ids):
            execute_dequeued_workflow(instance, status, owner)

    def release(
        self, executor_id: str, but: Collection[str] = (), before: datetime | None = None
    ) -> int:
        """Put what an executor has begun back into the queue.

        Only for one that is not at work on it: a task released from under it runs twice.

        Args:
            executor_id: Whose tasks.
            but: Ids of tasks that stay.
            before: When they were begun at the latest; None for all.

        Returns:
            How many.
        """
        begun = self._client.list_workflows(
            status="PENDING",
            executor_id=executor_id,
            dequeued_before=before.isoformat() if before else None,
            load_input=False,
            load_output=False,
        )
        ids = [status.workflow_id for status in begun if status.workflow_id not in but]
        if ids:
            self._client.resume_workflows(ids, queue_name=_QUEUE)
        return len(ids)

    def forget_failed(self) -> None:
        """Delete tasks that failed for good, so that they may be asked for again."""
        self._delete(["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"], datetime.now(UTC))

    def forget_ended(self, before: datetime) -> None:
        """Delete tasks that ended before a time."""
        self._delete(["SUCCESS", "CANCELLED"], before)

    def forget_waiting(self) -> None:
        """Delete tasks that have not ended, begun ones too; only while nobody works on them."""
        self._delete(["ENQUEUED", "DELAYED", "PENDING"], None)

    def _delete(self, states: list[str], before: datetime | None) -> None:
        more = True
        while more:
            ended = self._client.list_workflows(
                status=states,
                name=_WORKFLOW,
                completed_before=before.isoformat() if before else None,
                limit=_BATCH,
                load_input=False,
                load_output=False,
            )
            if ended:
                self._client.delete_workflows([status.workflow_id for status in ended])
            more = len(ended) == _BATCH


@DBOS.workflow(
    name=_WORKFLOW,
    serialization_type=WorkflowSerializationFormat.PORTABLE,
    max_recovery_attempts=None,
)
async def _task(kind: str, subject: str, run: int, at: str | None) -> None:
    if _performing is None:
        # The engine stops in this moment: the task stays begun, and goes back into the queue.
        raise asyncio.CancelledError
    await _performing(Task(kind, subject, run, datetime.fromisoformat(at) if at else None))


def _quieten() -> None:
    """Send what DBOS has to say to our own log, warnings only, before it sets up its own."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.addFilter(_is_news)
    logger.propagate = True
    logger.setLevel(logging.WARNING)


def _is_news(record: logging.LogRecord) -> bool:
    """Drop what the engine has told already: a work that failed for good, and one it cancelled."""
    failed = record.exc_info is not None and isinstance(record.exc_info[1], GaveUp)
    return not failed and not record.getMessage().startswith("Asyncio task cancelled")
