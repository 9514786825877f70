"""Makes a virtual environment with exactly the locked packages and this project in it.

    python3 setup/environment.py .venv requirements.lock

Runs on a bare Python: standard library only. `make` calls it when a lock file has changed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
QUIET = ["-qq", "--no-input", "--disable-pip-version-check"]


def main(venv: Path, lock: Path) -> None:
    """Leave `venv` complete, or end with one line that says what is missing."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"Tidings needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}"
        )
    if not is_usable(venv):
        create(venv)
    sys.stdout.write(f"Installing {lock.name} into {venv.name} ...\n")
    sys.stdout.flush()
    install(venv, "--require-hashes", "--no-deps", "-r", str(lock))
    install(venv, "--no-deps", "--no-build-isolation", "-e", str(ROOT))


def is_usable(venv: Path) -> bool:
    """Whether it is there, was made at this place, and its Python and pip still work."""
    try:
        made_here = f" {venv}\n" in (venv / "pyvenv.cfg").read_text()
    except OSError:
        return False
    return made_here and has_pip(venv)


def has_pip(venv: Path) -> bool:
    """Whether its Python is new enough and has pip."""
    probe = f"import pip, sys; sys.exit(sys.version_info < {OLDEST})"
    python = venv / "bin" / "python"
    return python.exists() and succeeds([str(python), "-c", probe])


def create(venv: Path) -> None:
    """Make an empty environment with pip in it, in whatever way this machine allows."""
    python, target = sys.executable, str(venv)
    shutil.rmtree(venv, ignore_errors=True)
    if succeeds([python, "-m", "venv", target]) and has_pip(venv):
        return
    # Debian and Ubuntu leave out ensurepip; a pip of the system's can fill the environment.
    bare = [python, "-m", "venv", "--clear", "--without-pip", target]
    pip = [python, "-m", "pip", "--python", target, "install", *QUIET, "pip"]
    if succeeds(bare) and succeeds(pip) and has_pip(venv):
        return
    if succeeds([python, "-m", "virtualenv", target]) and has_pip(venv):
        return
    version = ".".join(map(str, sys.version_info[:2]))
    sys.exit(
        f"{python} cannot make a virtual environment: install its venv module "
        f"(Debian, Ubuntu: apt install python{version}-venv) and run make again"
    )


def install(venv: Path, *what: str) -> None:
    """Run the environment's pip.

    Raises:
        SystemExit: It failed, and has said why.
    """
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", *QUIET, *what]
    if subprocess.run(pip, check=False).returncode:
        sys.exit("pip could not install the locked packages: see above")


def succeeds(command: list[str]) -> bool:
    """Whether a command ends well; what it says is of no interest."""
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]))
