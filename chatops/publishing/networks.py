"""Which network an organisation's words reach: the real one, or the rehearsal in its place."""

from __future__ import annotations

from collections.abc import Mapping

from chatops.language import Code, Missing, _
from chatops.organisations.records import Mode
from chatops.posts.network import NetworkName, SocialNetwork


class Networks:
    """The configured networks.

    Args:
        real: The networks that an account can be connected on.
        rehearsals: What stands in for each of them in practice, with the same limits.
    """

    def __init__(
        self,
        real: Mapping[NetworkName, SocialNetwork],
        rehearsals: Mapping[NetworkName, SocialNetwork],
    ) -> None:
        self._real = real
        self._rehearsals = rehearsals

    @property
    def names(self) -> tuple[NetworkName, ...]:
        """The networks that an account can be connected on."""
        return tuple(self._real)

    def real(self, name: NetworkName) -> SocialNetwork:
        """Return the real network.

        Raises:
            Missing: This installation does not know it.
        """
        network = self._real.get(name)
        if network is None:
            raise Missing(
                _("This installation does not reach {network} yet.", network=name),
                _("Choose one that it reaches: {known}.", known=Code(", ".join(self._real))),
            )
        return network

    def reached(self, mode: Mode, name: NetworkName) -> SocialNetwork:
        """Return the network that is written to in this mode."""
        real = self.real(name)
        return real if mode == "live" else self._rehearsals[name]

    async def close(self) -> None:
        """Release the connections of all of them."""
        for network in (*self._real.values(), *self._rehearsals.values()):
            await network.close()
