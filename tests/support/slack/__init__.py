"""A strict Slack to test against: Web API, Socket Mode and signed HTTP on loopback.

    async with SlackServer() as server:
        app = server.app(manifest)                  # the app manifest, or nothing: all is granted
        team = server.team("Les Amis")
        bot = team.install(app)                     # bot.token (xoxb-), bot.user_id, bot.bot_id
        amal = team.person("Amal", locale="fr-FR")  # guest=, stranger=, is_bot=, admin=
        general = team.channel("general", amal, bot)     # private=, shared= (ext_shared)
        ... the bot connects with server.api_url, bot.token and app.token (xapp-) ...
        await server.connected(app)                 # until a socket stands
        called = await amal.slash(general, "/quitx status")
        assert called.acked and called.latency < 3
        seen = await amal.until(general, "Status")  # the newest message that says so
        await amal.press(seen, "Start")             # label, action_id or value
        await amal.react(seen, "white_check_mark")

The app can do what its manifest says and nothing else: methods without their scope answer
`missing_scope`, events without their subscription or scope are never delivered, commands that the
manifest does not declare do not exist, buttons are dead without interactivity.

People (`Person`), all `async`: `slash(channel, line)`, `post(channel, text, thread=seen,
files=[(name, data)])`, `mention(channel, text, thread=, bot=)`, `edit(seen, text)`, `delete(seen)`,
`react(seen, name)`, `unreact(seen, name)`, `press(seen_or_sight, what)`, `choose(seen_or_sight,
what, option)`, `suggest(seen_or_sight, action_id, typed)`, `open_home(bot=)`, `submit(sight,
{label, block_id or action_id: value})`, `close(sight)`, `shortcut(callback_id)`,
`message_shortcut(seen, callback_id)`, `join(channel)`, `leave(channel)`, `leave_workspace()`,
`until(channel, text or predicate, thread=, timeout=5)`, `until_view(text or predicate)`. Without
waiting: `seen(channel, thread=None)`, `view` (the modal on top, or None), `home(bot=)` (the Home
tab, or None), `dm(bot=)` (the direct conversation), `reload()` (ephemeral messages vanish). `bot=`
is needed only where several are installed. They can do what the real client lets them do: anything
else raises `Impossible`.

What they see. `Seen`: `text` (from the blocks, marks taken away, names and entities put in),
`notification` (the top-level text), `buttons` (labels), `links`, `pings` (`channel`, `here`,
`everyone`, user ids), `formatted` (what stands in bold and so on), `edited`, `ephemeral`, `files`
(names), `reactions` (name: user ids), `author`, `ts`, `thread_ts`, `raw` (as Slack writes it).
`Sight`, of a modal or Home tab: `title`, `text`, `buttons`, `labels`, `errors` (sentences by
block_id), `banner`, `raw`.

`slash`, `press`, `choose`, `submit` and shortcuts return the `Delivery`: `acked`, `latency`
(seconds), `response` (what came with the acknowledgement), `attempts`, `payload`. A command that is
not acknowledged within 3 s shows its person what Slack shows.

Administration: `channel.rename(name)`, `.archive()`, `.unarchive()`, `.delete()`, `.invite(...)`,
`.kick(bot or person)`, `.share()` (becomes ext_shared), `.read_only = True`; `bot.uninstall()`
(tokens_revoked, app_uninstalled), `bot.revoke()` (token_revoked), `bot.refuse("invalid_auth")`,
`bot.lose("reactions:read")`, `bot.grant(...)`, `app.revoke()` (the xapp token).

Faults: `server.faults` (Web API: `rate_limit`, `pace`, `fail`, `error`, `drop_answer`,
`drop_request`, `delay`, `clear`; by method or pattern, and for `response_url`, `files.upload` and
`files.download`), `app.disconnect(reason)`, `app.abort()`, `app.silence()`,
`app.speak()`, `app.hold()` and `app.release(reverse=True)` (deliveries wait, then come in another
order), `app.repeat(times)` (the next events come twice), `server.redeliver(delivery)`,
`server.stop()` and `server.start()` (same port, state kept), `server.clock.advance(seconds)`
(triggers, response URLs, the `Date` of answers, and the retries of events after 0, 60 and 300 s).

Records: `server.calls` and `calls_of(method)`, `server.deliveries` and `delivered(kind or name)`,
`server.violations`. The server fails at its end when a violation stands there that no test took
with `server.take_violations()`: invalid blocks and views, unknown methods and arguments, methods
without their scope (unless `bot.lose` took it), spent triggers and response URLs, acknowledgements
of nothing, and commands or buttons not acknowledged within 3 s on a sound socket.
`server.textless()` and `server.pings()` tell which messages lack a top-level text, and which ping.

What is not verified against slack.com stands in the modules that decide it. Several details are the
stricter of two readings: a press on an ephemeral message carries no `message`; the text of a slash
command has `&`, `<` and `>` as entities; a bot that is removed from a channel hears `channel_left`
and no `member_left_channel`; in shared channels files come as `check_file_info`; a file that the
token may not read leads to the sign-in page with status 200; the message of an upload stands a
moment after the upload was completed.
"""

from __future__ import annotations

from tests.support.slack.apps import App, Bot
from tests.support.slack.manifests import EVERYTHING
from tests.support.slack.people import Person
from tests.support.slack.places import Channel, Team
from tests.support.slack.records import Call, Delivery, Impossible, Violation
from tests.support.slack.seeing import Seen, Sight
from tests.support.slack.server import SlackServer

__all__ = [
    "EVERYTHING",
    "App",
    "Bot",
    "Call",
    "Channel",
    "Delivery",
    "Impossible",
    "Person",
    "Seen",
    "Sight",
    "SlackServer",
    "Team",
    "Violation",
]
