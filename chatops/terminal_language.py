"""Click in the language of the terminal: its own words, and the help of our commands.

Click asks gettext for its words. So do we for the help, which stands in the declarations as plain
English. Both are in the catalogue, and compiled into `terminal.mo`, because gettext reads files.
"""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Callable
from copy import copy
from io import TextIOWrapper
from pathlib import Path
from typing import Final

import click

from chatops.language import Language

DOMAIN: Final = "terminal"
LOCALES: Final = Path(__file__).parent / "language" / "locale"


def speak(program: click.Command, language: Language) -> None:
    """Let the whole process speak a language in the terminal, from now on."""
    if language == "en":  # the language of the declarations
        return
    # It comes first for gettext and may name another language than the locale that was found.
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, LOCALES)
    gettext.textdomain(DOMAIN)
    translate(program, gettext.gettext)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # an old terminal may lack our apostrophe


def translate(command: click.Command, words: Callable[[str], str]) -> None:
    """Replace the words of a command, and of those below it.

    Args:
        command: A command whose help is that of its declaration.
        words: Is asked for each paragraph of help and for each name of a value.
    """
    command.help = _paragraphs(command.help, words)
    for parameter in command.params:
        _translate_parameter(command, parameter, words)
    if isinstance(command, click.Group):
        command.subcommand_metavar = words(command.subcommand_metavar)
        for each in command.commands.values():
            translate(each, words)


def _translate_parameter(
    command: click.Command, parameter: click.Parameter, words: Callable[[str], str]
) -> None:
    kind = copy(parameter.type)  # click shares some between all parameters
    kind.name = words(kind.name)
    parameter.type = kind
    if isinstance(parameter, click.Option):
        parameter.help = _paragraphs(parameter.help, words)
        if parameter.metavar:
            parameter.metavar = words(parameter.metavar)
    else:
        name, shown = parameter.name.upper(), parameter.make_metavar(click.Context(command))
        parameter.metavar = shown.replace(name, words(name))


def _paragraphs(text: str | None, words: Callable[[str], str]) -> str | None:
    """Translate paragraph by paragraph; how lines are broken in the source means nothing."""
    if not text:
        return text
    return "\n\n".join(words(" ".join(each.split())) for each in text.strip().split("\n\n"))
