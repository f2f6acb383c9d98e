"""The folder broker under a reader that never rests: no message is read half, lost or doubled."""

import threading
from queue import Empty

from kombu import Connection

from chappe.broker import Transport

MESSAGES = 400


def connect(folder):
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.001,
    }
    return Connection(transport=Transport, transport_options=options)


def test_a_restless_reader_gets_every_message_whole_and_once(tmp_path):
    for name in ("queue", "control"):
        (tmp_path / name).mkdir()
    got, stop = [], threading.Event()

    def read():
        with connect(tmp_path) as connection, connection.SimpleQueue("work") as queue:
            while not (stop.is_set() and len(got) == MESSAGES):
                try:
                    message = queue.get(timeout=0.5)
                except Empty:
                    return
                got.append(message.payload["number"])
                message.ack()

    with connect(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        queue.put({"number": 0})
        reader = threading.Thread(target=read)
        reader.start()
        for number in range(1, MESSAGES):
            queue.put({"number": number, "filling": "x" * 2_000})
        stop.set()
        reader.join(timeout=60)

    assert sorted(got) == list(range(MESSAGES))
