"""What outlives the process: tables, transactions and schema revisions."""

from chatops.store.store import Store, after_commit

__all__ = ["Store", "after_commit"]
