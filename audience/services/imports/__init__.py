"""Files of contacts: kept, read, decided on, brought in, gone after a week."""

from audience.judging import Proof
from audience.services.imports.files import (
    MOST_BYTES,
    TOO_LARGE,
    WrongState,
    choose_sheet,
    keep_file,
    propose_columns,
    save_draft,
)
from audience.services.imports.refused import Reason, reasons_of, refused_lines
from audience.services.imports.running import ImportTakenOver, run_import
from audience.services.imports.starting import (
    cancel_import,
    check_file_proof,
    launch_import,
    purge_imports,
    start_import,
    take_back,
)

__all__ = [
    "MOST_BYTES",
    "TOO_LARGE",
    "ImportTakenOver",
    "Proof",
    "Reason",
    "WrongState",
    "cancel_import",
    "check_file_proof",
    "choose_sheet",
    "keep_file",
    "launch_import",
    "propose_columns",
    "purge_imports",
    "reasons_of",
    "refused_lines",
    "run_import",
    "save_draft",
    "start_import",
    "take_back",
]
