"""A person with the Slack client: what they can do there and what they see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tests.support.slack import commanding, conversing, describing, filling, interacting
from tests.support.slack.apps import Bot
from tests.support.slack.emoji import exists
from tests.support.slack.mrkdwn import written
from tests.support.slack.places import Channel
from tests.support.slack.reader import Reader, root_of
from tests.support.slack.records import Delivery, File, Impossible, Json, Message, View
from tests.support.slack.seeing import Seen, Sight, see


class Person(Reader):
    """Somebody of a workspace; whatever the real client would not let them do is `Impossible`."""

    async def slash(
        self, channel: Channel, line: str, *, thread: Seen | str | None = None
    ) -> Delivery:
        """Type a slash command; in a thread the client refuses it."""
        self._present(channel)
        command = line.split(maxsplit=1)[0]
        if thread is not None:
            raise Impossible(f"{command} is not supported in threads. Sorry!")
        return await commanding.call(self.team, self.user, channel, line)

    async def post(
        self,
        channel: Channel,
        text: str,
        *,
        thread: Seen | str | None = None,
        files: Iterable[tuple[str, bytes]] = (),
    ) -> Seen:
        """Write something, with files; names after `@` and `#` become references."""
        return await self._say(channel, self._written(text), text, thread, files)

    async def mention(
        self,
        channel: Channel,
        text: str,
        *,
        thread: Seen | str | None = None,
        bot: Bot | None = None,
        files: Iterable[tuple[str, bytes]] = (),
    ) -> Seen:
        """Write something that begins with the bot's name."""
        raw = f"<@{self.team.bot(bot).user_id}> {self._written(text)}"
        return await self._say(channel, raw, text, thread, files)

    async def edit(self, seen: Seen, text: str) -> None:
        """Change one of the own messages."""
        message = self._own(seen)
        at = self._world.names.timestamp()
        conversing.edit(seen.channel, message, {"text": self._written(text)}, at=at)

    async def delete(self, seen: Seen) -> None:
        """Remove one of the own messages, or any message as an administrator."""
        message = self._standing(seen)
        if message.user != self.id and not self.user.admin:
            raise Impossible("only their author removes messages")
        conversing.remove(seen.channel, message, at=self._world.names.timestamp())

    async def react(self, seen: Seen, name: str) -> None:
        """Add a reaction, by its name."""
        message = self._standing(seen)
        if not exists(name) or self.id in message.reactions.get(name, ()):
            raise Impossible(f"{self.name} cannot react with {name} (again)")
        conversing.react(seen.channel, message, self.id, name, added=True)

    async def unreact(self, seen: Seen, name: str) -> None:
        """Take a reaction back."""
        message = self._standing(seen)
        if self.id not in message.reactions.get(name, ()):
            raise Impossible(f"{self.name} did not react with {name}")
        conversing.react(seen.channel, message, self.id, name, added=False)

    async def press(self, where: Seen | Sight, what: str) -> Delivery:
        """Press a button or take an entry of a menu, by its label, action_id or value."""
        at = self._world.names.timestamp()
        return await self._act(where, lambda blocks: interacting.pressed(blocks, what, at))

    async def choose(self, where: Seen | Sight, what: str, option: object) -> Delivery:
        """Choose in a menu that acts at once, by its placeholder, label or action_id."""
        at = self._world.names.timestamp()
        return await self._act(
            where, lambda blocks: interacting.selected(blocks, what, option, self.team, at)
        )

    async def suggest(self, where: Seen | Sight, action_id: str, typed: str) -> list[str]:
        """Type into a menu that asks the app; return the labels that it offers."""
        return await commanding.suggest(self.team, self.user, where, action_id, typed)

    async def open_home(self, bot: Bot | None = None) -> None:
        """Open the Home tab of the app."""
        chosen = self.team.bot(bot)
        if not chosen.app.manifest.home_tab:
            raise Impossible(f"{chosen.app.name} has no Home tab")
        event: Json = {
            "type": "app_home_opened",
            "user": self.id,
            "channel": self.dm(chosen).id,
            "tab": "home",
        }
        shown = self._world.homes.get((self.id, chosen.app.id))
        if shown is not None:
            event["view"] = describing.view(shown)
        self.team.announce(event, only=chosen)

    async def submit(self, sight: Sight, values: Mapping[str, object] | None = None) -> Delivery:
        """Send a form with these values, by label, block_id or action_id of the field."""
        view = self._open(sight)
        content = view.content
        if content["type"] != "modal" or "submit" not in content:
            raise Impossible("there is no button to send it")
        filled = filling.state(content["blocks"], self.team, values or {})
        for files in _files_of(filled):
            self._world.files[files["id"]].owner = self.id
        bot = interacting.owner(self.team, view.app_id)
        told = {
            **interacting.payload("view_submission", bot, self.user, view_id=view.id),
            "view": {**describing.view(view), "state": filled},
            "response_urls": [],
        }
        view.errors, view.banner = {}, ""
        delivery = await interacting.send(bot.app, bot, told)
        interacting.answered(self._world, bot, view, delivery)
        return delivery

    async def close(self, sight: Sight) -> None:
        """Close a modal without sending it."""
        view = self._open(sight)
        interacting.close(self._world, view)
        if view.content.get("notify_on_close"):
            bot = interacting.owner(self.team, view.app_id)
            told = interacting.payload("view_closed", bot, self.user)
            told |= {"view": describing.view(view), "is_cleared": False}
            await interacting.send(bot.app, bot, told)

    async def shortcut(self, callback_id: str, bot: Bot | None = None) -> Delivery:
        """Take a global shortcut of the app."""
        return await commanding.shortcut(self.team.bot(bot), self.user, callback_id)

    async def message_shortcut(
        self, seen: Seen, callback_id: str, bot: Bot | None = None
    ) -> Delivery:
        """Take a shortcut of the app on a message."""
        message = self._standing(seen)
        return await commanding.shortcut(
            self.team.bot(bot), self.user, callback_id, (seen.channel, message)
        )

    async def join(self, channel: Channel) -> None:
        """Enter a public channel."""
        if channel.private or self.user.guest:
            raise Impossible(f"{self.name} must be invited to {channel.name}")
        channel.invite(self)

    async def leave(self, channel: Channel) -> None:
        """Leave a channel."""
        channel.kick(self)

    async def leave_workspace(self) -> None:
        """Be deactivated: the person is out of every channel, and apps hear `user_change`."""
        self.user.deleted = True
        for channel in self.team.channels:
            if channel.kind not in ("im", "mpim"):
                channel.members.discard(self.id)
        described = describing.user(self.user, self.team)
        self.team.announce({"type": "user_change", "user": described})

    async def _say(
        self,
        channel: Channel,
        raw: str,
        typed: str,
        thread: Seen | str | None,
        files: Iterable[tuple[str, bytes]],
    ) -> Seen:
        self._writing(channel)
        shared = [self._file(name, data) for name, data in files]
        message = Message(
            ts=self._world.names.timestamp(),
            channel_id=channel.id,
            user=self.id,
            text=raw,
            blocks=_rich(typed) if typed else [],
            files=shared,
            subtype="file_share" if shared else "",
            thread_ts=root_of(thread),
        )
        return see(channel, conversing.post(channel, message))

    async def _act(self, where: Seen | Sight, find: Callable[[list[Json]], Json]) -> Delivery:
        if isinstance(where, Sight):
            view = self._open(where)
            bot = interacting.owner(self.team, view.app_id)
            action = find(view.content["blocks"])
            told = interacting.from_view(bot, self.user, view, action)
        else:
            message = self._visible(where)
            bot = interacting.owner(self.team, message.app_id)
            action = find(message.blocks)
            told = interacting.from_message(bot, self.user, where.channel, message, action)
        return await interacting.send(bot.app, bot, told)

    def _written(self, text: str) -> str:
        people = {user.name: user.id for user in self.team.users.values()}
        channels = {each.name: each.id for each in self.team.channels if not each.private}
        return written(text, people, channels)

    def _file(self, name: str, data: bytes) -> File:
        file = self._world.new_file(self.team, name, self.id)
        file.data, file.complete = data, True
        return file

    def _present(self, channel: Channel) -> None:
        if self.user.deleted:
            raise Impossible(f"{self.name} is no longer in {self.team.name}")
        if channel.deleted or channel.archived or not channel.has(self):
            raise Impossible(f"{self.name} cannot write in {channel.name}")

    def _writing(self, channel: Channel) -> None:
        self._present(channel)
        if channel.read_only and not self.user.admin:
            raise Impossible(f"only administrators write in {channel.name}")
        if channel.kind == "im":
            for bot in self.team.bots:
                off = not (bot.installed and bot.app.manifest.messages_tab)
                if bot.user_id in channel.members and off:
                    raise Impossible("Sending messages to this app has been turned off.")

    def _visible(self, seen: Seen) -> Message:
        """Return a message that this person still sees."""
        message = seen.message
        hidden = message.only_for not in ("", self.id)
        if message.deleted or hidden or not seen.channel.has(self):
            raise Impossible(f"{self.name} does not see that message")
        return message

    def _standing(self, seen: Seen) -> Message:
        message = self._visible(seen)
        if message.only_for:
            raise Impossible("that cannot be done with an ephemeral message")
        return message

    def _own(self, seen: Seen) -> Message:
        message = self._standing(seen)
        if message.user != self.id:
            raise Impossible("only their author changes messages")
        return message

    def _open(self, sight: Sight) -> View:
        view = sight.view
        if not view.open or view.user_id != self.id:
            raise Impossible(f"{self.name} does not have that view open")
        return view


def _rich(text: str) -> list[Json]:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return [{"type": "rich_text", "block_id": "typed", "elements": [section]}]


def _files_of(filled: Json) -> Iterable[Json]:
    for fields in filled["values"].values():
        for told in fields.values():
            yield from told.get("files") or ()
