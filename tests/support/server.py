"""Stop a waitress server that runs in a thread of the tests."""

from threading import Thread
from typing import Any


def stop_server(server: Any, thread: Thread) -> None:
    """Close every connection in the server's own thread: its loop may be waiting for them, and ends without any."""
    server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))
    thread.join()
    server.task_dispatcher.shutdown()
