"""The steps of a container file, carried out in bare Debian roots where no engine is at hand."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PASSED_ON = ("PIP_CERT", "PIP_DEFAULT_TIMEOUT", "SSL_CERT_FILE", "UV_HTTP_TIMEOUT")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def missing() -> str | None:
    """Return a sentence that says what this machine lacks, or None."""
    if os.geteuid() != 0:
        return "Only root can make a bare Debian root"
    for program in ("debootstrap", "unshare", "chroot"):
        if shutil.which(program) is None:
            return f"A bare Debian root needs {program}. On Debian: apt install debootstrap"
    return None


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found is not None, name
    return found


@dataclass
class Stage:
    """One stage of the file, as a folder that holds a whole system."""

    root: Path
    name: str = ""
    folder: str = "/"
    user: str = "root"
    environ: dict[str, str] = field(default_factory=lambda: {"PATH": _PATH})
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    health: tuple[str, ...] = ()

    def start(self, *command: str, **more: str) -> subprocess.Popen[str]:
        """Start a program as its user in its folder, with its environment."""
        script = 'mount -t proc proc "$1/proc" && shift && exec "$@"'
        inside = ["chroot", f"--userspec={self.user}", str(self.root)]
        inside += ["env", "-i", *(f"{k}={v}" for k, v in {**self.environ, **more}.items())]
        inside += ["sh", "-c", 'cd "$0" && exec "$@"', self.folder, *command]
        return subprocess.Popen(
            [_program("unshare"), "--mount", "sh", "-c", script, "sh", str(self.root), *inside],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str, **more: str) -> str:
        """Run a program to its end; return what it printed."""
        process = self.start(*command, **more)
        printed, _errors = process.communicate()
        assert process.returncode == 0, f"{command}\n{printed[-4000:]}"
        return printed


class Trial:
    """Carries out a container file, step by step.

    Args:
        source: The folder from which files are copied.
        folder: Where systems are made.
    """

    def __init__(self, source: Path, folder: Path) -> None:
        self._source = source
        self._folder = folder
        self._stages: list[Stage] = []

    def carry_out(self, file: Path) -> Stage:
        """Do every step; return the last stage."""
        for word, rest in _steps(file.read_text()):
            if word == "FROM":
                self._stages.append(self._begun(rest))
            else:
                self._do(self._stages[-1], word, rest)
        return self._stages[-1]

    def _begun(self, rest: str) -> Stage:
        image, _as, name = (*rest.split(), "", "")[:3]
        suite = image.partition(":")[2].removesuffix("-slim")
        root = self._folder / f"root-{len(self._stages)}"
        bare = self._folder / f"bare-{suite}"
        if not bare.exists():
            subprocess.run(
                [_program("debootstrap"), "--variant=minbase", suite, str(bare)], check=True
            )
        subprocess.run([_program("cp"), "-a", str(bare), str(root)], check=True)
        for machine in ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf"):
            if Path(machine).exists():
                shutil.copy(machine, root / machine[1:])
        return Stage(root, name)

    def _do(self, stage: Stage, word: str, rest: str) -> None:
        match word:
            case "RUN":
                stage.run("sh", "-c", rest, DEBIAN_FRONTEND="noninteractive", **self._passed(stage))
            case "COPY":
                self._copy(stage, rest)
            case "ENV":
                name, _equals, value = rest.partition("=")
                stage.environ[name] = value
            case "WORKDIR":
                stage.folder = rest
                (stage.root / rest[1:]).mkdir(parents=True, exist_ok=True)
            case "USER":
                stage.user = rest
            case "ENTRYPOINT":
                stage.entrypoint = tuple(json.loads(rest))
            case "CMD":
                stage.command = tuple(json.loads(rest))
            case "HEALTHCHECK":
                stage.health = tuple(json.loads(rest[rest.index("[") :]))
            case "VOLUME" | "STOPSIGNAL":
                pass
            case _:
                raise AssertionError(f"not a step that is known: {word}")

    def _passed(self, stage: Stage) -> Mapping[str, str]:
        """Return how this machine reaches package registries, once certificates are there."""
        bundle = stage.root / "etc/ssl/certs/ca-certificates.crt"
        if bundle.exists():
            shutil.copy("/etc/ssl/certs/ca-certificates.crt", bundle)
        return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}

    def _copy(self, stage: Stage, rest: str) -> None:
        *sources, target = shlex.split(rest)
        source = self._source
        if sources[0].startswith("--from="):
            name = sources.pop(0).removeprefix("--from=")
            source = next(each.root for each in self._stages if each.name == name)
        place = stage.root / target[1:]
        for each in sources:
            found = source / each.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if found.is_dir():
                shutil.copytree(found, place, symlinks=True, dirs_exist_ok=True)
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(found, place)


def _steps(text: str) -> Iterator[tuple[str, str]]:
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            word, _space, rest = line.strip().partition(" ")
            yield word, rest.strip()
