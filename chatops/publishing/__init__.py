"""How anything reaches a network exactly once: deliveries, budgets, unknown outcomes."""
