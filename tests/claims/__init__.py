"""One file per lecture: its claims, each checked by computation."""
