"""One folder a platform. An adapter is imported only when its setting turns it on."""

# name -> (the setting that turns it on, where its `make(config)` lives)
REGISTRY = {
    "discord": ("DISCORD_TOKEN", "adapters.discord.client"),
    "telegram": ("TELEGRAM_TOKEN", "adapters.telegram.client"),
}
CONSOLE = "adapters.console.client"  # on when no other adapter is, or at a terminal
