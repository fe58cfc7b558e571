"""What would have been published, as one static page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from chatops.language import Moment, Speaker, _, n_
from chatops.publishing.rehearsals import Rehearsed

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem; }
article { border-top: 1px solid #8886; padding: 1rem 0; }
article.part { border-top: 0; border-left: 3px solid #8886; padding: .2rem 0 .8rem 1rem; }
p { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; }
time, .media { color: #777; font-size: .875rem; }
"""


def page(title: str, records: Sequence[Rehearsed], zone: str, speaker: Speaker) -> str:
    """Return the page, in the reader's language, with everything that users wrote escaped.

    Args:
        title: Whose posts these are.
        records: In any order.
        zone: The zone in which times are told.
    """
    note = _("Practice: none of this has been published.")
    threads = _threads(records)
    articles = "\n".join(_article(r, zone, speaker) for thread in threads for r in thread)
    return (
        f'<!doctype html>\n<html lang="{speaker.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n<p>{escape(speaker.say(note))}</p>\n"
        f"<main>\n{articles}\n</main>\n</body>\n</html>\n"
    )


def _threads(records: Sequence[Rehearsed]) -> Sequence[Sequence[Rehearsed]]:
    """Return the newest thread first, each from its first record on."""
    roots: dict[str, str] = {}
    threads: dict[str, list[Rehearsed]] = {}
    for record in sorted(records, key=lambda each: (each.written_at, each.key)):
        root = roots.get(record.continues, record.key)
        roots[record.key] = root
        threads.setdefault(root, []).append(record)
    return sorted(threads.values(), key=lambda thread: thread[0].written_at, reverse=True)


def _article(record: Rehearsed, zone: str, speaker: Speaker) -> str:
    kind = ' class="part"' if record.continues else ""
    moment = escape(speaker.say(_("{moment}", moment=Moment(record.written_at, zone))))
    return (
        f'<article{kind}><time datetime="{record.written_at.isoformat()}">{moment}</time>\n'
        f"<p>{escape(record.text)}</p>{_media(record, speaker)}</article>"
    )


def _media(record: Rehearsed, speaker: Speaker) -> str:
    if not record.media:
        return ""
    count = n_("{count} picture or video", "{count} pictures or videos", len(record.media))
    return f'<p class="media">{escape(speaker.say(count))}</p>'
