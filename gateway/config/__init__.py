"""One file, ``sallyport.yaml``: every setting typed, bounded, explained.

:func:`load` is the only way in. It names every mistake at once and refuses what
contradicts itself, so that a gateway that started was configured on purpose.
"""

from gateway.config.databases import (
    PostgresSource,
    Source,
    SqliteSource,
    StateSection,
)
from gateway.config.document import Config
from gateway.config.engines import OpaSection
from gateway.config.limits import Bucket, Limits
from gateway.config.load import check_files, load, parse_config
from gateway.config.reference import Setting, settings
from gateway.config.render import resolved
from gateway.config.secrets import private_file_problem, read_secret
from gateway.config.sections import (
    Admin,
    Assurance,
    Auditor,
    Control,
    Issuer,
    Jurisdiction,
    LogKeyFiles,
    LogSection,
    Retention,
    Reviews,
    Server,
    TelemetrySection,
)
from gateway.config.types import address, packaged_policies

__all__ = [
    "Admin",
    "Assurance",
    "Auditor",
    "Bucket",
    "Config",
    "Control",
    "Issuer",
    "Jurisdiction",
    "Limits",
    "LogKeyFiles",
    "LogSection",
    "OpaSection",
    "PostgresSource",
    "Retention",
    "Reviews",
    "Server",
    "Setting",
    "Source",
    "SqliteSource",
    "StateSection",
    "TelemetrySection",
    "address",
    "check_files",
    "load",
    "packaged_policies",
    "parse_config",
    "private_file_problem",
    "read_secret",
    "resolved",
    "settings",
]
