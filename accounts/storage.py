"""Media are served to whoever knows the address, so nobody may guess it."""

import secrets
from pathlib import PurePosixPath

from django.core.files.storage import FileSystemStorage


class UnguessableStorage(FileSystemStorage):
    """Each file gets a folder with a random name, and keeps its own."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        path = PurePosixPath(name)
        return super().get_available_name(str(path.parent / secrets.token_urlsafe(12) / path.name), max_length)
