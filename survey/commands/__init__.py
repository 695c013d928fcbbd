"""The subcommands of `survey`: each turns words into one call of a service."""
