"""Celery's folder broker, with messages that appear whole.

kombu's own transport writes into the file that a reader may already take: the worker then reads an empty
message and dies of it. Here a message is written under a name that no reader looks for, and renamed.
https://github.com/celery/kombu/blob/main/kombu/transport/filesystem.py (`_put`, `_get`)
"""

import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        unfinished = folder / f"unfinished-{uuid.uuid4()}"
        unfinished.write_text(dumps(payload), encoding="utf-8")
        # kombu reads in the order of names: `<milliseconds>_<any>.<queue>.msg`.
        unfinished.replace(folder / f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg")


class Transport(filesystem.Transport):
    Channel = Channel
