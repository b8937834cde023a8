"""Pictures: what is drawn, as plain values, and (in the process beside the bot alone) how."""
