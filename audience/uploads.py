"""Files of contacts never lie on a disk in clear: an upload is sealed as it comes in, up to a limit."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers

from audience.services.imports import MOST_BYTES
from audience.spool import Spool

# The addresses whose files hold people.
GUARDED = {"audience_imports:add"}


class SealedUploadHandler(FileUploadHandler):
    """Goes before Django's own handlers, which put larger files into a temporary folder."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        match = self.request.resolver_match if self.request else None
        self.is_mine = match is not None and match.view_name in GUARDED
        if self.is_mine:
            self.spool, self.received = Spool(), 0
            # One of Django's own opens its temporary file before it is given a single byte.
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if not self.is_mine:
            return raw_data
        self.received += len(raw_data)
        if self.received > MOST_BYTES:
            self.spool.close()
        else:
            self.spool.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """Its `file` is a Spool; of one that is larger than allowed nothing is kept but its size."""
        if not self.is_mine:
            return None
        # A spool is all of a file that anybody asks for here.
        file: Any = self.spool
        return UploadedFile(
            file, self.file_name, self.content_type, self.received, self.charset, self.content_type_extra
        )
