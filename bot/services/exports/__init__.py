"""All that an organisation has, taken out of the bot: tables for people and programs, and a whole archive that can be put back."""
