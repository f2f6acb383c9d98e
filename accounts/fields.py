"""Model fields whose content is stored sealed (AES-GCM) and read back in clear."""

import json
from typing import Any

from django.db import models

from accounts.keys import open_sealed, seal


class SealedTextField(models.BinaryField):
    """Text, sealed in the database. Cannot be filtered or ordered: keep a keyed index beside it."""

    # For mypy: what is read back is not the bytes that a BinaryField holds.
    _pyi_private_get_type: Any
    _pyi_private_set_type: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    def get_prep_value(self, value: Any) -> bytes | None:
        return None if value is None else seal(self.to_bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if not prepared:
            value = self.get_prep_value(value)
        return super().get_db_prep_value(value, connection, prepared=True)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else self.from_bytes(open_sealed(bytes(value)))

    def get_lookup(self, lookup_name: str) -> Any:
        """Only `isnull` makes sense on a sealed column."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def to_python(self, value: Any) -> Any:
        return value

    def to_bytes(self, value: Any) -> bytes:
        return str(value).encode()

    def from_bytes(self, plain: bytes) -> Any:
        return plain.decode()


class SealedBytesField(SealedTextField):
    """Raw bytes, sealed: provider answers, webhook bodies."""

    def to_bytes(self, value: Any) -> bytes:
        return bytes(value)

    def from_bytes(self, plain: bytes) -> Any:
        return plain


class SealedJSONField(SealedTextField):
    """A JSON value, sealed: credentials, merge values."""

    def to_bytes(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def from_bytes(self, plain: bytes) -> Any:
        return json.loads(plain)
