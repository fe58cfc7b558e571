"""Taking out of sight what should not have been said where others read."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from chatops.conversation.addresses import MessageRef
from chatops.conversation.platform import ChatPlatform
from chatops.language import Trouble

log = logging.getLogger("chatops.conversation")


async def removed(platforms: Mapping[str, ChatPlatform], message: MessageRef | None) -> bool:
    """Delete a member's message; return whether it is gone."""
    if message is None:
        return False
    try:
        return await platforms[message.place.platform].delete(message)
    except Trouble as trouble:
        log.warning("a message that others should not read could not be deleted: %s", trouble)
        return False
