"""`quitx` speaks the language of the terminal, before it knows any settings."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import click
import pytest

from chatops.cli import program
from chatops.terminal_language import translate
from tests.support.catalogues import TERMINAL, compiled
from tests.support.program import QUITX, Program

COMMANDS = ("", *sorted(program.commands))
CLICKS_OWN = ("Usage:", "Options:", "Commands:", "Show this message", "Show the version", "default")


def words_of(command: click.Command) -> list[str]:
    """Return what the declaration of a command says, in English."""
    said: list[str] = []

    def heard(words: str) -> str:
        said.append(words)
        return words

    translate(command, heard)
    return said


def helped(folder: Path, command: str, **environment: str) -> str:
    """Return the help of a command, however its lines are broken."""
    done = Program(folder, environment)(*command.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    return " ".join(re.split(r"[ \n]+", done.stdout))


def test_gettext_reads_what_the_catalogue_says() -> None:
    assert TERMINAL.read_bytes() == compiled()


@pytest.mark.parametrize("command", COMMANDS)
def test_french_help_has_no_english_left(tmp_path: Path, command: str) -> None:
    shown = helped(tmp_path, command, LC_ALL="fr_FR.UTF-8")
    assert "Utilisation\u00a0: quitx" in shown
    assert "Afficher cette aide." in shown
    for words in (*words_of(program), *CLICKS_OWN):
        assert not re.search(rf"(?<!\w){re.escape(words)}(?!\w)", shown), words


@pytest.mark.parametrize("command", COMMANDS)
def test_english_help_says_what_the_declaration_says(tmp_path: Path, command: str) -> None:
    shown = helped(tmp_path, command, LANGUAGE="fr")
    assert shown.startswith(f"Usage: quitx {command}".rstrip())
    assert "-h, --help Show this message and exit." in shown
    declared = program.commands[command] if command else program
    assert declared.help
    for paragraph in declared.help.split("\n\n"):
        assert " ".join(paragraph.split()) in shown
    for parameter in declared.params:
        assert not isinstance(parameter, click.Option) or (parameter.help or "") in shown


@pytest.mark.parametrize(
    ("line", "english", "french"),
    [
        ("statut", "No such command 'statut'.", "La commande «\u00a0statut\u00a0» n’existe pas."),
        (
            "setup --zne",
            "No such option '--zne'. Did you mean '--zone'?",
            "L’option «\u00a0--zne\u00a0» n’existe pas. Vouliez-vous dire '--zone'\u00a0?",
        ),
        ("connect", "Missing argument 'NETWORK'.", "Il manque l’argument 'RÉSEAU'."),
        ("run now", "Got unexpected extra argument (now)", "Argument en trop\u00a0: now."),
        (
            "setup --from none.csv",
            "Invalid value for '--from': File 'none.csv' does not exist.",
            (
                "Valeur non valide pour '--from'\u00a0: "
                "Fichier introuvable\u00a0: «\u00a0none.csv\u00a0»."
            ),
        ),
        (
            "connect bluesky --organisation one",
            "Invalid value for '--organisation': 'one' is not a valid integer.",
            "Valeur non valide pour '--organisation'\u00a0: «\u00a0one\u00a0» n’est pas un entier.",
        ),
        (
            "setup Un --recover Deux",
            "Give one of NAME, --from and --recover.",
            "Donnez NOM, --from ou --recover, mais un seul des trois.",
        ),
    ],
)
def test_what_was_typed_wrong_is_told_in_the_language_of_the_terminal(
    tmp_path: Path, line: str, english: str, french: str
) -> None:
    for locale, told in (
        ("en_GB.UTF-8", f"Error: {english}"),
        ("fr_FR.UTF-8", f"Erreur\u00a0: {french}"),
    ):
        done = Program(tmp_path, {"LC_ALL": locale})(*line.split())
        assert done.returncode == 2
        assert done.stderr.splitlines()[-1] == told


def test_settings_that_cannot_be_read_are_told_in_the_language_of_the_terminal(
    tmp_path: Path,
) -> None:
    done = Program(tmp_path, {"LC_ALL": "fr_FR.UTF-8"})("--config", "none.toml", "doctor")
    assert done.returncode == 1
    assert done.stderr == (
        "Le fichier none.toml n’existe pas.\nCréez-le, ou indiquez-en un autre.\n"
    )


def test_the_locale_decides_even_where_gettext_would_ask_for_another_language(
    tmp_path: Path,
) -> None:
    assert "Utilisation" in helped(tmp_path, "", LC_ALL="fr_FR.UTF-8", LANGUAGE="en:de")


def test_an_old_terminal_is_helped_without_the_signs_that_it_lacks() -> None:
    environment = {**os.environ, "LC_ALL": "fr_FR", "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [QUITX, "run", "--help"], env=environment, capture_output=True, check=True
    )
    assert "jusqu?à SIGTERM" in done.stdout.decode("latin-1")
