"""What an export says to who opens the folder."""

from __future__ import annotations

from audit.exportfile import About

__all__ = ["readme"]

_HEAD = """\
AN EXPORT OF THE LOG {origin}

{what}
The checkpoint was signed over a log of {size} entries with the root (SHA-256)
  {root}

1. Whose key?
   log.vkeys holds the public keys that signed the checkpoint, as whoever made this
   export knew them. An export with other entries and other keys would look as good as
   this one. Get the log's public
   key from somewhere else (the custodian's published page, a court filing, an earlier
   audit) and compare it with log.vkeys, or use yours instead of it.

2. In a browser, with no program and no network
   Open verify.html. Its first field takes the key that you have from somewhere else,
   the second checkpoint, entries.jsonl and export.json, or this whole folder. Under
   log.vkeys alone it only says "Cannot tell". The page came with the export, too: if
   you trust nobody who handed it on, open the one from another export or of the
   package sallyport-audit (audit/page/verify.html): it is the same file.

3. On the command line (Python 3.11 with the packages sallyport-audit and cryptography)
   python -m audit verify . --vkey log.vkeys
   Exit code 0: everything holds, and witnesses whom you trust have seen it (name them
   in a file of yours: --policy). 1: tampering, and where. 2: nobody can tell. 3: it
   holds, but nobody outside has countersigned.

{others}
"""

_WHOLE = """\
It is whole: every entry, the public tree as it was signed, and the files that entries
name. entries.jsonl says the entries again, one a line, for people and programs.
"""

_CHOSEN = """\
It holds {exported} entries that were chosen by
  {asked}
Each has its path to the signed root, so none can be altered or made up. That nothing
else was chosen so is not shown by it: for that, count in the whole log (audit counts).
"""

_TOOLS = """\
4. With tools that were not written by the log's authors
   Were the files damaged on their way?
   sha256sum -c SHA256SUMS
   The folder is a C2SP tlog-tiles log. Tessera's fsck (Go) hashes all of it again:
   go install github.com/transparency-dev/tessera/cmd/fsck@v1.0.4
   head -n 1 log.vkeys > log.vkey
   ~/go/bin/fsck -ui=false -storage_url "file://$PWD/" -public_key log.vkey
   It holds if the last line says "Successfully fsck'd log"; the exit code is 0 either
   way. (The system's own fsck, which checks disks, is another program.)"""

_SUMS = """\
4. Were the files damaged on their way?
   sha256sum -c SHA256SUMS"""


def readme(about: About) -> str:
    """Return the text of ``README.txt``."""
    if about.asked is None:
        what, others = _WHOLE, _TOOLS
    else:
        asked = "; ".join(
            f"{name}: {', '.join(words) if isinstance(words, list) else words}"
            for name, words in sorted(about.asked.items())
        )
        what = _CHOSEN.format(exported=about.exported, asked=asked)
        others = _SUMS
    return _HEAD.format(
        origin=about.origin,
        what=what,
        size=about.size,
        root=about.root,
        others=others,
    )
