"""The rehearsal network: in practice, it stands in for the real ones."""

from adapters.rehearsal.network import RehearsalNetwork

__all__ = ["RehearsalNetwork"]
