"""The page about one box, followed word by word in a root with nothing but Debian.

The suite needs no package index, so one line is not what it says: the pinned packages
are lent by this environment; and it stops before the upgrade, whose starts take their
time. ``make box`` installs from the index, by hash, and follows the page to its end.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scripts.environment import engine_problem, glibc_here
from tests.conftest import missing
from tests.docs import pages

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "how-to" / "install-on-one-box.md"
NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
LONGEST_S = 480


def lacking() -> str:
    """Say why no clean root can be made here; empty if one can."""
    if not Path("/etc/debian_version").exists():
        return "this is not Debian"
    if sys.version_info[:2] != (3, 11) or not Path("/usr/bin/python3").exists():
        return "Debian's own Python is missing"
    if os.geteuid():
        return "only root can make one"
    if shutil.which("systemd-sysusers") is None:
        return "systemd's programs are missing"
    tried = subprocess.run([*NAMESPACES, "true"], check=False, capture_output=True)
    if tried.returncode:
        return "this machine gives no mount namespace"
    return ""


WHOLLY = bool(os.environ.get("SALLYPORT_BOX"))
UPGRADE = "## 7. Upgrade, and go back"
INSTALL = "$pip --require-hashes"


def lend(folder: Path) -> None:
    """Copy the packages of the lock out of this environment."""
    here = Path(sysconfig.get_path("purelib"))
    for line in (ROOT / "requirements" / "run.txt").read_text().splitlines():
        if "==" not in line:
            continue
        pinned = Requirement(line.rstrip("\\ "))
        if pinned.marker is not None and not pinned.marker.evaluate():
            continue
        for file in metadata.distribution(pinned.name).files or ():
            source = Path(str(file.locate())).resolve()
            if source.is_relative_to(here):
                target = folder / source.relative_to(here)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)


def build(release: Path) -> None:
    """Make what a release has: wheel, lock and units; and what stands in here."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(
        [*command, "-d", str(release)], cwd=ROOT, check=True, capture_output=True
    )
    shutil.copy(ROOT / "requirements" / "run.txt", release)
    shutil.copytree(ROOT / "deploy" / "systemd", release / "systemd")
    shutil.copy(HERE / "stand_in.py", release)
    if not WHOLLY:
        lend(release / "lent")


LENT = "mv $release/lent/* /opt/sallyport/$version/lib/python3.*/site-packages/"

NEXT = """
# The next version, built beside this one: here a copy under another name.
cd /opt/sallyport
cp -a $version next
sed -i "s,/opt/sallyport/$version/,/opt/sallyport/next/," next/bin/sallyport
cd ~
"""

SEEN = """
# What only this test looks at.
[ "$(stat -c '%U %a' /var/lib/sallyport/log)" = "sallyport 700" ]
[ "$(stat -c '%U %a' /var/lib/sallyport/state.db)" = "sallyport 600" ]
[ "$(stat -c '%U %a' /etc/sallyport/keys/log.key)" = "sallyport 600" ]
[ -z "$(find /etc/sallyport -user sallyport ! -path '/etc/sallyport/keys*')" ]
cat /run/stand-in/sallyport.service.lines
grep -c '"event":"ready"' /run/stand-in/sallyport.service.lines | grep -x STARTS
systemctl stop sallyport
verify=$(sed -n 's/^ExecStart=//p' /etc/systemd/system/sallyport-verify.service)
runuser -u sallyport -- $verify | grep unwitnessed
echo EVERYTHING-WAS-SEEN
"""


def page(free_port: Callable[[], int]) -> str:
    """Return the page as one script, on ports of its own."""
    before, heading, after = PAGE.read_text().partition(f"\n{UPGRADE}\n")
    script = pages.script(f"{before}{heading}{after}" if WHOLLY else before)
    stopped = "systemctl stop sallyport\ncp"
    assert heading
    assert after.count(stopped) == 1
    script = script.replace(stopped, f"{NEXT}\n{stopped}")
    lines = script.splitlines()
    (install,) = [at for at, line in enumerate(lines) if line.startswith(INSTALL)]
    if not WHOLLY:
        lines[install] = LENT
    script = "\n".join(lines)
    for said in ("127.0.0.1:8443", "127.0.0.1:9443"):
        script = script.replace(said, f"127.0.0.1:{free_port()}")
    seen = SEEN.replace("STARTS", "3" if WHOLLY else "1")
    # Debian calls it python3 only, and set-up.md is for an environment.
    return f'python() {{ python3 "$@"; }}\n{script}\n{seen}'


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_page_works_in_a_clean_root(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    """From an empty Debian to a gateway that runs, is upgraded and put back."""
    reason = lacking() or engine_problem(
        platform.system(), platform.machine(), glibc_here()
    )
    if reason:
        missing("a clean root", reason)
    root, release, script = tmp_path / "r", tmp_path / "release", tmp_path / "script"
    root.mkdir()
    release.mkdir()
    build(release)
    script.write_text(page(free_port))
    done = subprocess.run(
        [
            *NAMESPACES,
            "sh",
            str(HERE / "clean-root.sh"),
            *map(str, (root, release, script)),
        ],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_S,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert done.stdout.rstrip().endswith("EVERYTHING-WAS-SEEN"), done.stdout[-6000:]
