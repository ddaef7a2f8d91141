"""``sallyport demo``: the whole performance, from an empty folder to the last line.

1. Write the county: databases, configuration, certificates, tokens, requests.
2. Put its gateway on the stage, and two more under other states' laws.
3. Tell the story: real requests, real answers.
4. Publish the log, verify it, change one byte of a copy, verify again.
5. Say what to try next; with ``serve``, stay until interrupted.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from gateway.clock import Clock, SystemClock
from gateway.config import load
from gateway.demo.commands import after_serving, after_telling
from gateway.demo.files import COUNTIES, write_folder
from gateway.demo.glossary import Glossary
from gateway.demo.identities import mint_token
from gateway.demo.inspection import publish_all, verify
from gateway.demo.layout import MAIN, Layout
from gateway.demo.narrator import JsonLines, Narrator, PlainWords
from gateway.demo.scenes import CHAPTERS
from gateway.demo.stage import Gateway, on_stage
from gateway.demo.story import Story, read_passes
from gateway.demo.tamper import flip_one_byte
from gateway.policy import load_vocabulary

__all__ = ["NotEmpty", "new_token", "perform"]


class NotEmpty(Exception):
    """The folder for the demo holds something already; nothing was written."""
