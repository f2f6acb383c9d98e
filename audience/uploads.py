"""Files of contacts never lie on a disk in clear: an upload stays in memory until it is sealed, up to a limit."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers

from audience.services.imports import MOST_BYTES

# The addresses whose files hold people.
GUARDED = {"audience_imports:add"}


class TooLargeFile(InMemoryUploadedFile):
    """Stands for a file of which nothing was kept."""


class SealedUploadHandler(FileUploadHandler):
    """Goes before Django's own handlers, which put larger files into a temporary folder."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        match = self.request.resolver_match if self.request else None
        self.is_mine = match is not None and match.view_name in GUARDED
        if self.is_mine:
            self.content, self.received = BytesIO(), 0
            # One of Django's own opens its temporary file before it is given a single byte.
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if not self.is_mine:
            return raw_data
        self.received += len(raw_data)
        if self.received > MOST_BYTES:
            self.content = BytesIO()
        else:
            self.content.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> InMemoryUploadedFile | None:
        if not self.is_mine:
            return None
        self.content.seek(0)
        kept = TooLargeFile if self.received > MOST_BYTES else InMemoryUploadedFile
        return kept(
            self.content, self.field_name, self.file_name, self.content_type, self.received, self.charset,
            self.content_type_extra,
        )  # fmt: skip
