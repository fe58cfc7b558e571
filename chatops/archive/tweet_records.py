"""X's own records of tweets and long posts, with only the fields that are needed.

What is not named here is never decoded. Every number is a string in an archive; decoding without
strictness takes both.
"""

from __future__ import annotations

from msgspec import Struct, field


class Hashtag(Struct, gc=False):
    """A hashtag of a tweet."""

    text: str
    indices: tuple[int, ...] = ()


class UserMention(Struct, gc=False):
    """An account named in a tweet; the id is `-1` where X does not know it any more."""

    screen_name: str
    id_str: str = ""
    indices: tuple[int, ...] = ()


class Url(Struct, gc=False):
    """A shortened address in a tweet and what it stands for."""

    url: str
    expanded_url: str | None = None
    display_url: str | None = None
    indices: tuple[int, ...] = ()


class Variant(Struct, gc=False):
    """One form of a video."""

    url: str
    content_type: str = ""
    bitrate: int = 0


class VideoInfo(Struct, gc=False):
    """The forms of a video."""

    variants: list[Variant] = []


class TweetMedia(Struct, gc=False):
    """A picture, animation or video of a tweet."""

    url: str = ""
    media_url_https: str = ""
    type: str = "photo"
    video_info: VideoInfo | None = None
    indices: tuple[int, ...] = ()


class Entities(Struct, gc=False):
    """What X found in a tweet's text."""

    hashtags: list[Hashtag] = []
    user_mentions: list[UserMention] = []
    urls: list[Url] = []
    media: list[TweetMedia] = []


class ExtendedEntities(Struct, gc=False):
    """All media of a tweet; `Entities.media` has the first only."""

    media: list[TweetMedia] = []


class EditVersions(Struct, gc=False, rename="camel"):
    """The tweets that are versions of each other."""

    edit_tweet_ids: list[str] = []


class Edit(Struct, gc=False, rename="camel"):
    """What a later version knows of the earlier ones."""

    initial_tweet_id: str = ""
    edit_control_initial: EditVersions | None = None


class EditInfo(Struct, gc=False):
    """Whether a tweet was edited, from the first version's side or from a later one's."""

    initial: EditVersions | None = None
    edit: Edit | None = None

    def versions(self) -> list[str]:
        """Return the ids of all known versions."""
        if self.edit is None:
            return self.initial.edit_tweet_ids if self.initial else []
        control = self.edit.edit_control_initial
        known = control.edit_tweet_ids if control else []
        return [*known, self.edit.initial_tweet_id] if self.edit.initial_tweet_id else known


class Sighting(Struct, gc=False):
    """The little of a tweet that a first look over all of them needs."""

    id_str: str
    edit_info: EditInfo | None = None


class Filed(Struct, gc=False):
    """A picture's address on X, which names the tweet and its author."""

    expanded_url: str = ""


class FiledMedia(Struct, gc=False):
    """The addresses of a tweet's pictures."""

    media: list[Filed] = []


class SignedSighting(Sighting, gc=False, kw_only=True):
    """A sighting that may tell who wrote the tweet."""

    entities: FiledMedia = field(default_factory=FiledMedia)


class Tweet(Sighting, gc=False, kw_only=True):
    """A tweet as the archive has it; `full_text` is HTML-escaped."""

    full_text: str
    created_at: str
    entities: Entities = field(default_factory=Entities)
    extended_entities: ExtendedEntities | None = None
    in_reply_to_status_id_str: str | None = None
    in_reply_to_user_id_str: str | None = None
    in_reply_to_screen_name: str | None = None
    lang: str | None = None
    possibly_sensitive: bool | None = None

    @property
    def media(self) -> list[TweetMedia]:
        """All media, in order."""
        return self.extended_entities.media if self.extended_entities else self.entities.media


class NoteUrl(Struct, gc=False, rename="camel"):
    """A shortened address in a long post."""

    short_url: str
    expanded_url: str | None = None
    display_url: str | None = None
    from_index: int = 0
    to_index: int = 0


class NoteMention(Struct, gc=False, rename="camel"):
    """An account named in a long post."""

    screen_name: str
    from_index: int = 0
    to_index: int = 0


class NoteHashtag(Struct, gc=False, rename="camel"):
    """A hashtag of a long post."""

    text: str
    from_index: int = 0
    to_index: int = 0


class NoteCore(Struct, gc=False):
    """The whole text of a long post; not HTML-escaped, unlike a tweet's."""

    text: str
    urls: list[NoteUrl] = []
    mentions: list[NoteMention] = []
    hashtags: list[NoteHashtag] = []


class Note(Struct, gc=False, rename="camel"):
    """A long post, of which the tweet holds only the beginning."""

    created_at: str
    core: NoteCore
