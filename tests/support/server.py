"""Stop a server that runs in a thread of the tests."""

from threading import Thread

from xtbang.reception import Reception


def stop_server(reception: Reception, thread: Thread) -> None:
    """Close every connection in the server's own thread, also those that browsers keep."""

    def close() -> None:
        for channel in list(reception.server.active_channels.values()):
            channel.handle_close()

    reception.server.trigger.pull_trigger(close)
    reception.stop()
    thread.join()
