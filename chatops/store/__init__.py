"""What outlives the process: tables, transactions and schema revisions."""

from chatops.store.grouping import GroupCommit
from chatops.store.store import Store, after_commit

__all__ = ["GroupCommit", "Store", "after_commit"]
