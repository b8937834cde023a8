"""`python -m bot`: the same as the command `chapterhouse`."""

from bot.cli import main

main()
